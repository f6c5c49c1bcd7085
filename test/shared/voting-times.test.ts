import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHASES, phaseDays, phaseOf } from '../../shared/relay-phases.ts'
import { earliestListing, nextVoting } from '../../shared/voting-times.ts'

const at = (clock: string) => Date.parse(`2026-03-10T${clock}Z`)
/** As on the public network: a list each hour, voted on ten minutes before. */
const HOURLY = { validAfter: at('12:00'), freshUntil: at('13:00'), votingSeconds: 600 }
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16)

test('the next vote and the next list, also when ours has grown old', () => {
  const times = (now: string) => {
    const { voteAt, listAt } = nextVoting(HOURLY, at(now))
    return [clock(voteAt), clock(listAt)]
  }
  assert.deepEqual(times('12:20'), ['12:50', '13:00'])
  assert.deepEqual(times('12:55'), ['13:50', '13:00'], 'that vote is over')
  assert.deepEqual(times('12:50'), ['13:50', '13:00'])
  assert.deepEqual(times('13:00'), ['13:50', '14:00'])
  assert.deepEqual(times('16:30'), ['16:50', '17:00'])
})

test('the earliest listing is the list behind the first vote after publication, and never in the past', () => {
  const first = (published: string, now: string) => clock(earliestListing(HOURLY, at(published), at(now)))
  assert.equal(first('12:20', '12:21'), '13:00')
  assert.equal(first('12:20', '12:55'), '13:00', 'the vote may have had it')
  assert.equal(first('12:51', '12:55'), '14:00', 'too late for that vote')
  assert.equal(first('12:20', '15:10'), '16:00', 'not in the lists so far')
})

test('a new relay’s phases follow each other without a gap, by its age', () => {
  const DAY = 86_400_000
  const ages: [number, string][] = [
    [-1, 'unmeasured'],
    [0, 'unmeasured'],
    [2.9, 'unmeasured'],
    [3, 'measured'],
    [7.9, 'measured'],
    [8, 'ramp'],
    [67.9, 'ramp'],
    [68, 'steady'],
    [900, 'steady'],
  ]
  for (const [days, phase] of ages) assert.equal(phaseOf(0, days * DAY), phase, `${days} days`)
  assert.deepEqual(
    PHASES.map(phaseDays).map(({ from, to }) => [from, to]),
    [
      [0, 3],
      [3, 8],
      [8, 68],
      [68, undefined],
    ],
  )
})

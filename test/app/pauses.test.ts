import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { askedPause, isOver, type PauseFacts, resumedPause, standingOf } from '../../main/app/pauses.ts'

const ZONE = process.env['TZ']
after(() => {
  if (ZONE === undefined) delete process.env['TZ']
  else process.env['TZ'] = ZONE
})
process.env['TZ'] = 'Europe/Berlin'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const local = (day: number, hour: number, minute = 0) => new Date(2026, 6, day, hour, minute).getTime()
/** Wednesday noon; the machine is up for a day. */
const NOON = { wall: local(15, 12), steady: 24 * HOUR }
const later = (ms: number) => ({ wall: NOON.wall + ms, steady: NOON.steady + ms })
const FREE: PauseFacts = {
  asked: undefined,
  asleep: false,
  passedOver: new Set(),
  rate: 1_000_000,
  share: 1,
  plan: [],
  pauseOnBattery: false,
  power: 'unknown',
  pauseOnMetered: false,
  metered: false,
  capReached: false,
  capResetsAt: local(31, 0),
}
const standing = (facts: Partial<PauseFacts>, now = NOON) => standingOf({ ...FREE, ...facts }, now)
const NIGHTS: PauseFacts['plan'] = [{ days: [0, 1, 2, 3, 4, 5, 6], from: 22 * 60, to: 6 * 60, rate: 0 }]

describe('the relay', () => {
  test('runs when nothing speaks against it, and says when the plan will', () => {
    assert.deepEqual(standing({}), { state: 'running', until: undefined })
    assert.deepEqual(standing({ plan: NIGHTS }), { state: 'running', until: local(15, 22) })
    assert.equal(standing({ pauseOnBattery: true, power: 'unknown' }).state, 'running', 'not knowing is no battery')
    assert.equal(standing({ power: 'battery', metered: true }).state, 'running', 'nobody wants it to rest')
  })

  const CAUSES: [string, Partial<PauseFacts>, string, number | undefined][] = [
    ['a wish', { asked: askedPause('half-hour', NOON) }, 'person', NOON.wall + 30 * MINUTE],
    ['a wish until the next start', { asked: askedPause('restart', NOON) }, 'person', undefined],
    ['sleep', { asleep: true }, 'sleep', undefined],
    ['the cap', { capReached: true }, 'cap', local(31, 0)],
    ['the network', { pauseOnMetered: true, metered: true }, 'metered', undefined],
    ['the battery', { pauseOnBattery: true, power: 'battery' }, 'battery', undefined],
  ]
  for (const [name, facts, reason, until] of CAUSES)
    test(`rests for ${name}`, () => assert.deepEqual(standing(facts), { state: 'paused', causes: [{ reason, until }], until }))

  test('rests for the plan, until the plan says otherwise', () => {
    const night = { wall: local(15, 23), steady: 0 }
    assert.deepEqual(standing({ plan: NIGHTS }, night), {
      state: 'paused',
      causes: [{ reason: 'plan', until: local(16, 6) }],
      until: local(16, 6),
    })
  })

  test('with several causes goes on when the last one ends; nobody knows when, if one has no known end', () => {
    const night = { wall: local(15, 23), steady: 0 }
    const both = standing({ plan: NIGHTS, asked: askedPause('half-hour', night) }, night)
    assert.deepEqual(both.state === 'paused' && [both.causes.map(({ reason }) => reason), both.until], [['person', 'plan'], local(16, 6)])
    assert.equal(standing({ plan: NIGHTS, pauseOnBattery: true, power: 'battery' }, night).until, undefined)
  })

  test('a limit: the narrower of the plan’s and the person’s; none that is wider than the usual one', () => {
    const plan: PauseFacts['plan'] = [{ days: [3], from: 600, to: 900, rate: 300_000 }]
    assert.deepEqual(standing({ plan }), { state: 'limited', rate: 300_000, by: 'plan', until: local(15, 15) })
    assert.deepEqual(standing({ plan, share: 0.1 }), { state: 'limited', rate: 100_000, by: 'person', until: undefined })
    assert.deepEqual(standing({ plan, share: 0.5 }), { state: 'limited', rate: 300_000, by: 'plan', until: local(15, 15) })
    assert.equal(standing({ plan: [{ ...plan[0]!, rate: 5_000_000 }] }).state, 'running')
  })

  test('goes on in spite of plan, battery and network when a person says so, never in spite of the cap or a sleep', () => {
    const all: Partial<PauseFacts> = { pauseOnBattery: true, power: 'battery', pauseOnMetered: true, metered: true }
    assert.equal(standing({ ...all, passedOver: new Set(['battery', 'metered']) }).state, 'running')
    assert.equal(standing({ ...all, passedOver: new Set(['battery']) }).state, 'paused')
  })
})

describe('a break that was asked for', () => {
  test('until tomorrow: six in the morning, but not one that is about to come', () => {
    const until = (day: number, hour: number, minute = 0) => {
      const asked = askedPause('tomorrow', { wall: local(day, hour, minute), steady: 0 })
      return asked.kind === 'until' ? asked.until : undefined
    }
    assert.equal(until(15, 12), local(16, 6))
    assert.equal(until(15, 23, 59), local(16, 6))
    assert.equal(until(15, 2), local(15, 6), 'whoever is up at two means this morning')
    assert.equal(until(15, 5, 30), local(16, 6))
  })

  test('is over at its time, also after a sleep through it', () => {
    const asked = askedPause('half-hour', NOON)
    assert.equal(isOver(asked, later(30 * MINUTE - 1)), false)
    assert.equal(isOver(asked, later(30 * MINUTE)), true)
    assert.equal(isOver(asked, later(9 * HOUR)), true)
  })

  test('a clock that is set back by a year does not lengthen it; one that is set forward may end it', () => {
    const asked = askedPause('half-hour', NOON)
    const back = (passed: number) => ({ wall: NOON.wall - 365 * 24 * HOUR + passed, steady: NOON.steady + passed })
    assert.equal(isOver(asked, back(29 * MINUTE)), false)
    assert.equal(isOver(asked, back(30 * MINUTE)), true)
    const shown = standing({ asked }, back(10 * MINUTE))
    assert.equal(shown.until, back(10 * MINUTE).wall + 20 * MINUTE, 'the end is told by the new clock')
    assert.equal(isOver(asked, { wall: NOON.wall + HOUR, steady: NOON.steady + 1000 }), true)
  })

  test('the end that is told does not waver with the clocks’ milliseconds', () => {
    const asked = askedPause('half-hour', NOON)
    const told = [0, 1, 517, 1003, 60_001].map(
      ms => standing({ asked }, { wall: NOON.wall + ms, steady: NOON.steady + ms * 1.0001 - 0.7 }).until,
    )
    assert.deepEqual(new Set(told), new Set([NOON.wall + 30 * MINUTE]))
  })

  test('goes on after a restart with what is left, and never with more than it had', () => {
    const stored = { kind: 'until', from: NOON.wall, until: NOON.wall + 30 * MINUTE } as const
    const fresh = { wall: NOON.wall + 10 * MINUTE, steady: 5000 }
    assert.deepEqual(resumedPause(stored, fresh), { kind: 'until', from: fresh.wall, until: stored.until, steadyFrom: 5000 })
    assert.equal(resumedPause(stored, { wall: NOON.wall + HOUR, steady: 0 }), undefined)
    const setBack = { wall: NOON.wall - 400 * 24 * HOUR, steady: 0 }
    assert.equal((resumedPause(stored, setBack) as { until: number }).until, setBack.wall + 30 * MINUTE)
    assert.equal(resumedPause({ kind: 'restart' }, NOON), undefined, 'this is the restart')
    assert.equal(resumedPause({ kind: 'until', from: NOON.wall + HOUR, until: NOON.wall }, NOON), undefined, 'nonsense in the file')
  })
})

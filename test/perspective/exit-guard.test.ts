import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EndReason } from '../../main/cell/command.ts'
import { ExitGuard, MISUSE_REASONS } from '../../main/perspective/exit-guard.ts'
import { OVERLOAD, Overload } from '../../main/perspective/overload.ts'
import { DEFAULT_PERSPECTIVE_LIMITS } from '../../main/perspective/perspective-limits.ts'
import { ProbeClass } from '../../main/perspective/probe-class.ts'
import { MISUSES } from '../../shared/perspective-server.ts'

const limits = DEFAULT_PERSPECTIVE_LIMITS.guard
const MINUTE = 60_000

function watched(change: Partial<typeof limits> = {}) {
  const clock = { now: 1_000_000 }
  const caught: string[] = []
  const guard = new ExitGuard({ limits: () => ({ ...limits, ...change }), now: () => clock.now, onMisuse: misuse => caught.push(misuse) })
  const dial = (address: string, port = 443, connected = true) => {
    const refused = guard.refuse(address, port)
    if (!refused) guard.dialled(address, port, connected)
    return refused?.reason
  }
  return { guard, clock, caught, dial }
}
const address = (n: number) => `198.51.${n >> 8}.${n & 255}`

test('the window has words for every reason to block a peer', () => {
  assert.deepEqual(MISUSE_REASONS, { scan: `automatic: ${MISUSES.scan}`, flood: `automatic: ${MISUSES.flood}` })
})

describe('T17: the guard of one peer', () => {
  test('60 different destinations a minute and no more; known ones stay open', () => {
    const { dial, clock } = watched()
    for (let i = 0; i < 60; i++) assert.equal(dial(address(i)), undefined)
    assert.equal(dial(address(60)), EndReason.RESOURCELIMIT)
    assert.equal(dial(address(1), 80), EndReason.RESOURCELIMIT, 'another port is another destination')
    assert.equal(dial(address(1)), undefined)
    clock.now += MINUTE + 1
    assert.equal(dial(address(60)), undefined)
  })

  test('who goes on all the same is blocked', () => {
    const { dial, caught } = watched()
    for (let i = 0; i < 299; i++) dial(address(i))
    assert.deepEqual(caught, [])
    dial(address(300))
    assert.deepEqual(caught, ['flood'])
    dial(address(301))
    assert.deepEqual(caught, ['flood'], 'told once')
  })

  test('a scan: half of at least 30 destinations do not answer', () => {
    const { dial, caught } = watched()
    for (let i = 0; i < 29; i++) dial(address(i), 443, i % 2 === 1)
    assert.deepEqual(caught, [])
    dial(address(30), 443, false)
    assert.deepEqual(caught, ['scan'])
  })

  test('T17: a scan that does not wait for answers is one all the same, and dials under way or hung up at once do not hide it', () => {
    const { guard, caught, clock } = watched({ destinationsPerMinute: 1000 })
    const ask = (n: number) => assert.equal(guard.refuse(address(n), 443), undefined)
    // 200 that nobody knows anything of: under way, or given up before an answer could have come.
    for (let i = 0; i < 200; i++) ask(i)
    clock.now += 500
    for (let i = 100; i < 200; i++) guard.dialled(address(i), 443, undefined)
    assert.deepEqual(caught, [])
    for (let i = 300; i < 329; i++) ask(i)
    clock.now += 1500
    for (let i = 300; i < 329; i++) guard.dialled(address(i), 443, undefined)
    assert.deepEqual(caught, [])
    guard.dialled(address(0), 443, undefined)
    assert.deepEqual(caught, ['scan'])
  })

  test('browsing with some dead sites, and one dead site tried again and again, is none', () => {
    const { dial, caught, clock } = watched()
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 50; i++) dial(address(i), 443, i % 3 !== 0)
      for (let i = 0; i < 100; i++) dial('198.51.100.1', 443, false)
      clock.now += MINUTE
    }
    assert.deepEqual(caught, [])
  })

  test('old failures are forgotten', () => {
    const { dial, caught, clock } = watched()
    for (let i = 0; i < 29; i++) dial(address(i), 443, false)
    clock.now += limits.failWindowMs + 1
    dial(address(100), 443, false)
    assert.deepEqual(caught, [])
  })

  test('so many streams to one destination at a time', () => {
    const { guard, dial } = watched({ perDestination: 2 })
    const [first] = [guard.opened('198.51.100.1', 443), guard.opened('198.51.100.1', 443)]
    assert.equal(dial('198.51.100.1'), EndReason.RESOURCELIMIT)
    assert.equal(dial('198.51.100.1', 80), undefined)
    first!()
    first!()
    assert.equal(dial('198.51.100.1'), undefined)
    guard.opened('198.51.100.1', 443)
    assert.equal(dial('198.51.100.1'), EndReason.RESOURCELIMIT)
  })

  test('dials under way count as streams, given up or failed they do no more', () => {
    const { guard } = watched({ perDestination: 3 })
    const ask = () => guard.refuse('198.51.100.1', 443)?.reason
    assert.deepEqual([ask(), ask(), ask(), ask()], [undefined, undefined, undefined, EndReason.RESOURCELIMIT])
    guard.dialled('198.51.100.1', 443, undefined)
    assert.equal(ask(), undefined)
    guard.dialled('198.51.100.1', 443, true)
    const close = guard.opened('198.51.100.1', 443)
    assert.equal(ask(), EndReason.RESOURCELIMIT)
    close()
    guard.dialled('198.51.100.1', 443, false)
    assert.deepEqual([ask(), ask(), ask()], [undefined, undefined, EndReason.RESOURCELIMIT])
  })
})

describe('T16: overload', () => {
  const fine = { loopDelayMs: 20, heap: 0.3, orQueueBytes: 0 }
  for (const cause of ['loopDelayMs', 'heap', 'orQueueBytes'] as const) {
    test(`${cause}: pauses after three bad seconds, goes on after five good ones`, () => {
      const overload = new Overload()
      const bad = { ...fine, [cause]: OVERLOAD[cause] * 1.1 }
      assert.deepEqual(
        [overload.note(bad), overload.note(bad), overload.note(fine), overload.note(bad), overload.note(bad)],
        Array(5).fill(false),
      )
      assert.equal(overload.note(bad), true)
      assert.equal(overload.cause, cause)
      assert.deepEqual(
        [1, 2, 3, 4].map(() => overload.note(fine)),
        Array(4).fill(false),
      )
      assert.equal(overload.note(bad), false)
      assert.deepEqual(
        [1, 2, 3, 4, 5].map(() => overload.note(fine)),
        [false, false, false, false, true],
      )
      assert.equal(overload.cause, undefined)
    })
  }
})

test('T3: probes of us are rare, and say when the next may come', () => {
  const probes = new ProbeClass(() => ({ probeEveryMs: 600_000, probesPerMinute: 3 }))
  assert.equal(probes.take('A', 0), 0)
  assert.equal(probes.take('A', 1000), 599)
  assert.equal(probes.take('B', 1000), 0)
  assert.equal(probes.take('C', 2000), 0)
  assert.equal(probes.take('D', 3000), 57)
  assert.equal(probes.take('D', 60_001), 0)
  assert.equal(probes.take('A', 600_000), 0)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ewma, VegasWindow } from '../../main/circuit/congestion-control.ts'
import { FixedWindow } from '../../main/circuit/flow-control.ts'
import { congestionParams } from '../../main/circuit/params.ts'

const params = congestionParams(new Map())

/** Sends a whole window, then acknowledges it, with round trips of `rtt` µs that grow by `queueing` µs for each cell in flight. */
class Path {
  now = 1_000_000
  readonly window: VegasWindow
  readonly #due: number[] = []
  readonly #rtt: number
  readonly #perCell: number

  constructor(rtt: number, perCell: number, values: [string, number][] = []) {
    this.#rtt = rtt
    this.#perCell = perCell
    this.window = new VegasWindow(congestionParams(new Map(values)), 'exit', 31, () => this.now)
  }

  fill(): void {
    while (this.window.sendable > 0) if (this.window.sent()) this.#due.push(this.now + this.#rtt + this.#perCell * this.window.inflight)
  }

  /** Runs `acks` SENDMEs, keeping the window full. */
  run(acks: number, blocked = false): void {
    for (let i = 0; i < acks; i++) {
      this.fill()
      this.now = Math.max(this.now + 1, this.#due.shift()!)
      assert.equal(this.window.acknowledged(blocked), true)
    }
  }
}

describe('Vegas', () => {
  test('starts with four SENDMEs worth of cells and stops at its window', () => {
    const { window } = new Path(1000, 0)
    assert.equal(window.sendable, 124)
    for (let i = 1; i <= 124; i++) assert.equal(window.sent(), i % 31 === 0)
    assert.equal(window.sendable, 0)
  })

  test('slow start adds an increment a SENDME up to the cap, then less', () => {
    const path = new Path(100_000, 0)
    path.run(10)
    assert.equal(path.window.cwnd, 124 + 10 * 31)
    path.run(6)
    assert.ok(path.window.cwnd > 600)
    const before = path.window.cwnd
    path.run(1)
    assert.equal(path.window.cwnd - before, Math.floor((31 * 600 + before) / (2 * before)))
    assert.equal(path.window.inSlowStart, true)
  })

  test('queues on the way end slow start at the bandwidth-delay product plus gamma', () => {
    const path = new Path(10_000, 200)
    for (let i = 0; i < 1000 && path.window.inSlowStart; i++) path.run(1)
    assert.equal(path.window.inSlowStart, false)
    assert.equal(path.window.cwnd, path.window.bdp + 186)
  })

  test('a blocked channel ends slow start at once', () => {
    const path = new Path(50_000, 0)
    path.run(3)
    path.run(1, true)
    assert.equal(path.window.inSlowStart, false)
  })

  test('in steady state the window settles where between alpha and delta cells are queued', () => {
    const path = new Path(20_000, 100)
    path.run(3000)
    const queued = path.window.cwnd - path.window.bdp
    assert.equal(path.window.inSlowStart, false)
    assert.ok(queued >= 100 && queued <= 310, `${queued} cells queued`)
  })

  test('never falls below its least window', () => {
    const path = new Path(1000, 1000)
    path.run(200)
    assert.ok(path.window.cwnd >= 124)
    const blocked = new Path(10_000, 10)
    blocked.run(5)
    for (let i = 0; i < 2000; i++) blocked.run(1, i % 2 === 0)
    assert.ok(blocked.window.cwnd >= 124)
  })

  test('slow start has a hard end', () => {
    const path = new Path(1_000_000, 0, [
      ['cc_ss_max', 500],
      ['cc_sscap_exit', 10_000],
    ])
    while (path.window.inSlowStart) path.run(1)
    assert.deepEqual([path.window.cwnd, path.window.inSlowStart], [500, false])
  })

  test('a window that is not used does not grow', () => {
    const path = new Path(50_000, 0)
    path.run(1)
    const { window } = path
    for (let i = 0; i < 20; i++) {
      while (window.inflight > 0) {
        path.now += 10_000
        window.acknowledged(false)
      }
      for (let n = 0; n < 31; n++) window.sent()
    }
    assert.ok(window.cwnd <= 124 + 4 * 31, `${window.cwnd}`)
  })

  test('a clock that stands still, or jumps, is not believed', () => {
    const path = new Path(0, 0)
    const { window } = path
    for (let round = 0; round < 5; round++) {
      while (window.sendable > 0) window.sent()
      while (window.inflight > 0) assert.equal(window.acknowledged(false), true)
    }
    assert.deepEqual([window.cwnd, window.smoothedRtt], [124, 0])
    const jumping = new Path(1000, 20)
    jumping.run(300)
    assert.equal(jumping.window.inSlowStart, false)
    const rtt = jumping.window.smoothedRtt
    jumping.fill()
    jumping.now += 3_600_000_000
    jumping.window.acknowledged(false)
    assert.equal(jumping.window.smoothedRtt, rtt)
  })

  test('a SENDME that nothing was sent for is refused', () => {
    const { window } = new Path(1000, 0)
    for (let i = 0; i < 30; i++) window.sent()
    assert.equal(window.acknowledged(false), false)
  })

  test('averages round as the specification wants', () => {
    assert.equal(ewma(100, 0, 2), 100)
    assert.equal(ewma(100, 51, 2), Math.floor((200 + 51) / 3))
    assert.equal(ewma(7, 9, 10), Math.floor((14 + 81) / 11))
  })
})

test('the fixed window is 1000 cells and no more', () => {
  const window = new FixedWindow(1000)
  const triggers = Array.from({ length: 1000 }, (_, i) => (window.sent() ? i + 1 : 0)).filter(Boolean)
  assert.deepEqual(triggers, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
  assert.equal(window.sendable, 0)
  for (let i = 0; i < 10; i++) assert.equal(window.acknowledged(), true)
  assert.equal(window.acknowledged(), false)
})

test('parameters are clamped to their ranges', () => {
  const odd = congestionParams(
    new Map([
      ['cc_alg', 0],
      ['circwindow', 5],
      ['cc_sendme_inc', 999],
      ['cc_xoff_exit', 0],
      ['cc_cwnd_full_per_cwnd', 7],
    ]),
  )
  assert.deepEqual([odd.enabled, odd.circuitWindow, odd.sendmeIncrement, odd.xoffExit, odd.fullPerCwnd], [false, 100, 254, 1, true])
  assert.equal(params.enabled, true)
  assert.deepEqual(params.vegas.exit, { alpha: 186, beta: 248, gamma: 186, delta: 310, slowStartCap: 600 })
})

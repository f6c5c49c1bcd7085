import type { PackageWindow } from './flow-control.ts'
import type { CongestionParams, PathKind, VegasThresholds } from './params.ts'

/** Above this ratio of two successive round trip times the clock is taken to have jumped (proposal 324, CLOCK_HEURISTICS). */
const CLOCK_JUMP = 5000

/** A monotonic clock in microseconds. */
export type MicrosecondClock = () => number
export const monotonicMicroseconds: MicrosecondClock = () => Math.round(performance.now() * 1000)

/** The N-count moving average of proposal 324; all numbers are whole, rounding as the other implementations do it. */
export function ewma(current: number, previous: number, n: number): number {
  return previous === 0 ? current : Math.floor((2 * current + (n - 1) * previous) / (n + 1))
}

/**
 * Tor Vegas (proposal 324, TOR_VEGAS): the congestion window follows an estimate of how many of its cells sit in queues on the way, which is
 * the window less the bandwidth-delay product. Round trips are measured from a DATA cell that is due a SENDME to that SENDME.
 */
export class VegasWindow implements PackageWindow {
  readonly increment: number
  readonly #p: CongestionParams
  readonly #vegas: VegasThresholds
  readonly #clock: MicrosecondClock
  /** When the cells were sent for which a SENDME is due, oldest first. */
  readonly #pending: number[] = []
  #untilTrigger: number
  #full = false
  #blocked = false
  /** SENDMEs until the window may change, and until a whole window was acknowledged. */
  #untilUpdate: number
  #untilWindow = 0
  #stalled = false
  cwnd: number
  inflight = 0
  inSlowStart = true
  /** Microseconds; 0 = not known yet. */
  smoothedRtt = 0
  minRtt = 0
  /** Cells. */
  bdp = 0

  constructor(params: CongestionParams, kind: PathKind, increment: number, clock: MicrosecondClock = monotonicMicroseconds) {
    this.#p = params
    this.#vegas = params.vegas[kind]
    this.#clock = clock
    this.increment = increment
    this.#untilTrigger = increment
    this.cwnd = params.cwndInit
    this.#untilUpdate = this.#updateRate()
  }

  get sendable(): number {
    return Math.max(0, this.cwnd - this.inflight)
  }

  sent(): boolean {
    this.inflight++
    if (--this.#untilTrigger > 0) return false
    this.#untilTrigger = this.increment
    this.#pending.push(this.#clock())
    return true
  }

  acknowledged(blocked: boolean): boolean {
    const sentAt = this.#pending.shift()
    if (sentAt === undefined) return false
    if (this.#untilUpdate > 0) this.#untilUpdate--
    if (this.#untilWindow > 0) this.#untilWindow--
    if (this.#measure(this.#clock() - sentAt, blocked)) this.#adjust()
    this.inflight -= this.increment
    return true
  }

  /** SENDMEs between two changes of the window. */
  #updateRate(): number {
    if (this.inSlowStart) return 1
    const unit = this.#p.cwndIncrementRate * this.increment
    return Math.floor((this.cwnd + Math.floor(unit / 2)) / unit)
  }

  #sendmesPerWindow(): number {
    return Math.floor((this.cwnd + Math.floor(this.increment / 2)) / this.increment)
  }

  /** Takes in one round trip; false when this round says nothing about the path. */
  #measure(rtt: number, blocked: boolean): boolean {
    const usable = !this.#clockIsOff(rtt)
    if (usable) this.#takeRtt(rtt)
    if (this.smoothedRtt === 0) {
      // The clock has stood still all this time: believe the window itself.
      this.#blocked = blocked
      this.bdp = this.cwnd
      return blocked
    }
    this.bdp = Math.floor((this.cwnd * this.minRtt) / this.smoothedRtt)
    // A channel that blocks or unblocks is news at once, not only once a window.
    if (blocked !== this.#blocked) this.#untilUpdate = 0
    this.#blocked = blocked
    return blocked || usable
  }

  #clockIsOff(rtt: number): boolean {
    if (rtt <= 0) {
      this.#stalled = true
      return true
    }
    if (this.inSlowStart || this.smoothedRtt === 0) return false
    if (this.smoothedRtt > rtt * CLOCK_JUMP) return this.#stalled
    if (rtt > this.smoothedRtt * CLOCK_JUMP) return true
    this.#stalled = false
    return false
  }

  #takeRtt(rtt: number): void {
    const p = this.#p
    const n = this.inSlowStart ? p.ewmaSlowStart : Math.min(Math.floor((this.#updateRate() * p.ewmaCwndPercent) / 100), p.ewmaMax)
    this.smoothedRtt = ewma(rtt, this.smoothedRtt, Math.max(n, 2))
    if (this.minRtt === 0) this.minRtt = this.smoothedRtt
    else if (this.cwnd === p.cwndMin && !this.inSlowStart) {
      // At the smallest window: let the minimum rise again, or one lucky round trip would starve the circuit for good.
      const [low, high] = this.smoothedRtt < this.minRtt ? [this.smoothedRtt, this.minRtt] : [this.minRtt, this.smoothedRtt]
      this.minRtt = Math.floor((p.rttResetPercent * high) / 100) + Math.floor(((100 - p.rttResetPercent) * low) / 100)
    } else if (this.smoothedRtt < this.minRtt) this.minRtt = this.smoothedRtt
  }

  #adjust(): void {
    const p = this.#p
    const queued = Math.max(0, this.cwnd - this.bdp)
    if (this.inflight + p.fullGap * this.increment >= this.cwnd) this.#full = true
    else if (100 * this.inflight < p.fullMinPercent * this.cwnd) this.#full = false

    if (this.inSlowStart) this.#slowStart(queued)
    else if (this.#untilUpdate === 0) this.#steady(queued)
    this.cwnd = Math.min(this.cwnd, p.cwndMax)

    if (this.#untilWindow === 0) this.#untilWindow = this.#sendmesPerWindow()
    if (this.#untilUpdate === 0) this.#untilUpdate = this.#updateRate()
    const over = p.fullPerCwnd ? this.#untilWindow === this.#sendmesPerWindow() : this.#untilUpdate === this.#updateRate()
    if (over) this.#full = false
  }

  #slowStart(queued: number): void {
    const p = this.#p
    if (queued < this.#vegas.gamma && !this.#blocked) {
      if (this.#full) {
        const step = this.#slowStartStep()
        this.cwnd += step
        // Slower than steady state would be: go over to that.
        if (step * this.#sendmesPerWindow() <= p.cwndIncrement * p.cwndIncrementRate) this.inSlowStart = false
      }
    } else {
      this.cwnd = this.bdp + this.#vegas.gamma
      this.inSlowStart = false
    }
    if (this.cwnd >= p.slowStartMax) {
      this.cwnd = p.slowStartMax
      this.inSlowStart = false
    }
  }

  /** Limited slow start, RFC 3742. */
  #slowStartStep(): number {
    const cap = this.#vegas.slowStartCap
    if (this.cwnd <= cap) return Math.floor((this.#p.slowStartPercent * this.increment + 50) / 100)
    return Math.max(Math.floor((this.increment * cap + this.cwnd) / (2 * this.cwnd)), 1)
  }

  #steady(queued: number): void {
    const step = this.#p.cwndIncrement
    if (queued > this.#vegas.delta) this.cwnd = this.bdp + this.#vegas.delta - step
    else if (queued > this.#vegas.beta || this.#blocked) this.cwnd -= step
    else if (this.#full && queued < this.#vegas.alpha) this.cwnd += step
    this.cwnd = Math.max(this.cwnd, this.#p.cwndMin)
  }
}

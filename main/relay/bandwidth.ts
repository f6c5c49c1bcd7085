import type { WriteShaper } from '../channel/cell-loop.ts'
import { TokenBucket } from '../lib/token-bucket.ts'

const WINDOW_SECONDS = 10
const PERIOD_MS = 15 * 60_000
const PERIODS = 96

/**
 * What this relay was seen to carry (dir-spec 2.1.1 "bandwidth"): the best 10-second average, lower of both directions, of the last day,
 * and the rate of the last seconds. Fed with running totals once a second.
 */
export class BandwidthMeter {
  #last: { read: number; written: number; at: number } | undefined
  readonly #seconds: { read: number; written: number }[] = []
  readonly #best: { since: number; rate: number }[] = []

  /** `read`/`written`: bytes since start. */
  sample(read: number, written: number, now: number): void {
    const last = this.#last
    this.#last = { read, written, at: now }
    if (!last || now <= last.at) return
    const span = Math.max(1, Math.round((now - last.at) / 1000))
    for (let i = 0; i < Math.min(span, WINDOW_SECONDS); i++) {
      this.#seconds.push({ read: (read - last.read) / span, written: (written - last.written) / span })
    }
    this.#seconds.splice(0, Math.max(0, this.#seconds.length - WINDOW_SECONDS))
    const sum = this.#seconds.reduce((a, b) => ({ read: a.read + b.read, written: a.written + b.written }), { read: 0, written: 0 })
    const rate = Math.min(sum.read, sum.written) / WINDOW_SECONDS
    const current = this.#best.at(-1)
    if (current && now - current.since < PERIOD_MS) current.rate = Math.max(current.rate, rate)
    else this.#best.push({ since: now, rate })
    this.#best.splice(0, Math.max(0, this.#best.length - PERIODS))
  }

  /** Bytes per second. */
  get observed(): number {
    return Math.round(Math.max(0, ...this.#best.map(entry => entry.rate)))
  }

  /** Bytes per second over the last few seconds. */
  get rate(): { read: number; written: number } {
    const recent = this.#seconds.slice(-3)
    const n = Math.max(1, recent.length)
    return { read: recent.reduce((s, e) => s + e.read, 0) / n, written: recent.reduce((s, e) => s + e.written, 0) / n }
  }
}

/** Something that reads and writes, and can be told to stop doing so: a channel. */
export interface Throttled {
  pauseReading(): void
  resumeReading(): void
  /** There may be an allowance again. */
  resumeWriting(): void
}

/** Perspective access as the limiter sees it: it shares what Tor leaves, and may have links wait before Tor's have to. */
export interface LeftoverShaper<Member> extends WriteShaper<Member> {
  /** Once per tick; the place to count what was read. */
  tick(now: number): void
  /** Whether reading from this one must wait. */
  holdsReading(member: Member): boolean
}

export interface BandwidthLimiterOptions<Member> {
  /** Bytes a second and bytes at once, each way. */
  readonly rate: number
  readonly burst: number
  /** Bytes read since start, all links together. */
  readonly total: () => number
  readonly channels: () => Iterable<Member>
}

const TICK_MS = 50
/** How long a writer without an allowance waits until it is asked again. */
const RETRY_MS = 10
/** A batch may exceed the bucket; the debt is paid before the next one. */
const UNLIMITED = Number.POSITIVE_INFINITY

/**
 * Keeps the relay within its rate (RelayBandwidthRate/Burst of C tor), each way: links pause reading while the bucket of what was read is in debt, and
 * write nothing while the bucket of what was written is. Nothing is ever dropped. Whoever is set as `leftover` gets what Tor's own cells leave.
 */
export class BandwidthLimiter<Member extends Throttled> implements WriteShaper<Member> {
  readonly #read: TokenBucket
  readonly #write: TokenBucket
  readonly #o: BandwidthLimiterOptions<Member>
  leftover: LeftoverShaper<Member> | undefined
  #seen = 0
  readonly #held = new WeakSet<Member>()
  readonly #waiting = new Set<Member>()
  #timer: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(options: BandwidthLimiterOptions<Member>) {
    this.#o = options
    const now = Date.now()
    this.#read = new TokenBucket(options.rate, options.burst, now)
    this.#write = new TokenBucket(options.rate, options.burst, now)
  }

  start(): void {
    this.#seen = this.#o.total()
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS)
  }

  /** Bytes that may flow now without touching the given part (0–1) of the bucket that is kept for Tor. */
  spare(direction: 'read' | 'write', reserve: number, now: number): number {
    const bucket = direction === 'read' ? this.#read : this.#write
    return Math.max(0, bucket.available(now) - reserve * bucket.burst)
  }

  get rate(): number {
    return this.#write.rate
  }

  get burst(): number {
    return this.#write.burst
  }

  /** Another limit from now on, bytes a second and bytes at once; links and circuits go on. */
  reshape(rate: number, burst: number): void {
    const now = Date.now()
    this.#read.reshape(rate, burst, now)
    this.#write.reshape(rate, burst, now)
  }

  allowance(member: Member, trafficClass: 'or' | 'pa'): number {
    if (this.#write.available(Date.now()) <= 0) {
      this.waitToWrite(member)
      return 0
    }
    return trafficClass === 'pa' && this.leftover ? this.leftover.allowance(member, trafficClass) : UNLIMITED
  }

  spent(member: Member, trafficClass: 'or' | 'pa', bytes: number): void {
    this.#write.spend(bytes, Date.now())
    this.leftover?.spent(member, trafficClass, bytes)
  }

  /** Asks the member again in a moment. */
  waitToWrite(member: Member): void {
    this.#waiting.add(member)
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      const waiting = [...this.#waiting]
      this.#waiting.clear()
      for (const one of waiting) one.resumeWriting()
    }, RETRY_MS)
  }

  #tick(now: number): void {
    const total = this.#o.total()
    this.#read.spend(total - this.#seen, now)
    this.#seen = total
    this.leftover?.tick(now)
    const empty = this.#read.available(now) <= 0
    for (const member of this.#o.channels()) {
      // Members that appeared while others wait have not been told yet, so pausing is repeated.
      if (empty || this.leftover?.holdsReading(member)) {
        this.#held.add(member)
        member.pauseReading()
      } else if (this.#held.delete(member)) member.resumeReading()
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#retry)
    this.#retry = undefined
    for (const member of this.#o.channels()) if (this.#held.delete(member)) member.resumeReading()
    for (const member of this.#waiting) member.resumeWriting()
    this.#waiting.clear()
  }
}

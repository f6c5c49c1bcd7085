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

/** Something whose reading can be stopped and started: a channel. */
export interface Throttled {
  pauseReading(): void
  resumeReading(): void
}

const TICK_MS = 50

/**
 * Keeps the relay within its rate by not reading: when the bucket is in debt every channel pauses until it has filled again
 * (RelayBandwidthRate/Burst of C tor; reading less makes us write less).
 */
export class BandwidthLimiter {
  readonly #bucket: TokenBucket
  readonly #throttled: () => Iterable<Throttled>
  readonly #total: () => number
  #seen: number
  #paused = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: { rate: number; burst: number; total: () => number; channels: () => Iterable<Throttled> }) {
    this.#bucket = new TokenBucket(options.rate, options.burst, Date.now())
    this.#throttled = options.channels
    this.#total = options.total
    this.#seen = options.total()
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK_MS)
  }

  #tick(now: number): void {
    const total = this.#total()
    this.#bucket.spend(total - this.#seen, now)
    this.#seen = total
    const empty = this.#bucket.available(now) <= 0
    // Channels that opened while paused have not been told yet, so pausing is repeated.
    if (empty) for (const channel of this.#throttled()) channel.pauseReading()
    else if (this.#paused) for (const channel of this.#throttled()) channel.resumeReading()
    this.#paused = empty
  }

  stop(): void {
    clearInterval(this.#timer)
    if (this.#paused) for (const channel of this.#throttled()) channel.resumeReading()
    this.#paused = false
  }
}

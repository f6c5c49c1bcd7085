import type { PerspectiveLimits } from './perspective-limits.ts'

const MINUTE_MS = 60_000
const MAX_PEERS = 10_000

/** How often others may test us: once in a while each, and so many a minute in all (perspective-access.md 5). */
export class ProbeClass {
  readonly #limits: () => Pick<PerspectiveLimits, 'probeEveryMs' | 'probesPerMinute'>
  readonly #lastOf = new Map<string, number>()
  #recent: number[] = []

  constructor(limits: () => Pick<PerspectiveLimits, 'probeEveryMs' | 'probesPerMinute'>) {
    this.#limits = limits
  }

  /** 0 and the probe counts, or seconds until it may be tried again. */
  take(fingerprint: string, now: number): number {
    const { probeEveryMs, probesPerMinute } = this.#limits()
    this.#recent = this.#recent.filter(at => at > now - MINUTE_MS)
    const last = this.#lastOf.get(fingerprint)
    if (last !== undefined && now - last < probeEveryMs) return Math.ceil((last + probeEveryMs - now) / 1000)
    if (this.#recent.length >= probesPerMinute) return Math.ceil((this.#recent[0]! + MINUTE_MS - now) / 1000)
    this.#recent.push(now)
    this.#lastOf.delete(fingerprint)
    this.#lastOf.set(fingerprint, now)
    if (this.#lastOf.size > MAX_PEERS) this.#lastOf.delete(this.#lastOf.keys().next().value!)
    return 0
  }
}

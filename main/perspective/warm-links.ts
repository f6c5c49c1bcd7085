import type { Offer } from './offers.ts'
import type { ServerBook } from './server-book.ts'
import type { SessionPool } from './session-pool.ts'

/** The pause after the n-th failure in a row is twice the one before, between these, in ms. */
const FIRST_PAUSE_MS = 2000
const LONGEST_PAUSE_MS = 300_000

/**
 * Keeps sessions open before anybody asks for a stream, so that the first page does not wait for TCP, TLS and the server's tests. A server that
 * cannot be had is tried again with growing pauses, and not before the time it asked for.
 */
export class WarmLinks {
  /** Fingerprints of the servers kept warm. */
  wanted: ReadonlySet<string> = new Set()
  readonly #pool: SessionPool
  readonly #book: ServerBook
  readonly #now: () => number
  readonly #tries = new Map<string, { count: number; next: number }>()

  constructor(options: { pool: SessionPool; book: ServerBook; now?: () => number }) {
    this.#pool = options.pool
    this.#book = options.book
    this.#now = options.now ?? Date.now
  }

  /** Opens what is wanted and not open. What is wanted no longer is left to the pool's idle time. */
  update(offers: readonly Offer[]): void {
    const now = this.#now()
    this.wanted = new Set(offers.map(({ fingerprint }) => fingerprint))
    for (const fingerprint of this.#tries.keys()) if (!this.wanted.has(fingerprint)) this.#tries.delete(fingerprint)
    for (const offer of offers) {
      const { fingerprint } = offer
      const state = this.#pool.state(fingerprint)
      if (state === 'open') this.#tries.delete(fingerprint)
      if (state !== undefined) continue
      const { count, next } = this.#tries.get(fingerprint) ?? { count: 0, next: 0 }
      // What lies further ahead than any pause is of a clock that was set back since.
      const pausing = now < next && next - now <= LONGEST_PAUSE_MS
      if (pausing || now < (this.#book.refusal(fingerprint)?.until ?? 0)) continue
      this.#tries.set(fingerprint, { count: count + 1, next: now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** count) })
      this.#pool.get(offer).catch(() => {})
    }
  }

  /** A new consensus: everything may be tried at once. */
  hurry(): void {
    this.#tries.clear()
  }
}

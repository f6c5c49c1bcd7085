import type { ServerBook } from './server-book.ts'
import type { Usage } from './usage-book.ts'

/** Slower than this (bytes a second) it was the page that had no more to say, not the relay. */
const TELLING = 10_000
const LEAST_SPAN_MS = 500

/** Reads from running totals how quickly bytes came through each server in one hop, once a second; only figures, nothing of what they were. */
export class MeasuredRates {
  readonly #book: ServerBook
  #before = new Map<string, number>()
  #at = 0

  constructor(book: ServerBook) {
    this.#book = book
  }

  /** `totals` since the start, as the usage book has them; `now` in ms. */
  sample(totals: readonly Usage[], now: number): void {
    const span = now - this.#at
    if (span >= 0 && span < LEAST_SPAN_MS) return
    const seen = new Map<string, number>()
    for (const { fingerprint, mode, read } of totals) {
      if (mode !== 'one-hop' || fingerprint === '') continue
      seen.set(fingerprint, read)
      const rate = Math.round(((read - (this.#before.get(fingerprint) ?? 0)) * 1000) / span)
      // The first look, and one after a jump of the clock, has no span.
      if (this.#at > 0 && span > 0 && rate >= TELLING) this.#book.carried(fingerprint, rate)
    }
    this.#before = seen
    this.#at = now
  }
}

import { steadyNow } from '../lib/steady-clock.ts'

/** So many within this time, ms, are no accident. */
const MOST = 3
const WITHIN_MS = 60_000

/** Counts how often the process that draws a page of ours has ended lately: it is begun again, but not for ever. */
export class Losses {
  #at: number[] = []

  /** One more. Whether to begin again. */
  add(): boolean {
    const now = steadyNow()
    this.#at = [...this.#at.filter(at => now - at < WITHIN_MS), now]
    return this.#at.length <= MOST
  }
}

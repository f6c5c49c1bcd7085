import { type Backoff, nextDelay } from './schedule.ts'

/** No timer of this platform takes more than 24 days; a clock that was set back may ask for more. */
const LONGEST_REST_MS = 86_400_000

export interface RoundsOptions {
  /** One round. What it throws is told, and counts as a round that brought nothing. */
  work(force: boolean): Promise<void>
  /** Nothing is left that a round could bring now. */
  isDone(): boolean
  /** ms until the next round, when the last ones did not fail; `undefined`: none is needed until {@link Rounds.plan} is called again. */
  rest(): number | undefined
  backoff(): Backoff
  /** 0 ≤ x < 1. */
  random(): number
  readonly signal: AbortSignal
  onError(error: unknown): void
}

/** Fetching that goes on and on: one round at a time, the next one planned ahead, and each time a little later while it brings nothing. */
export class Rounds {
  readonly #o: RoundsOptions
  #timer: NodeJS.Timeout | undefined
  #busy: Promise<void> | undefined
  /** How long the next round is put off, ms; 0 after one that left nothing. */
  #delay = 0

  constructor(options: RoundsOptions) {
    this.#o = options
  }

  /** Plans the next round by what is so now. */
  plan(): void {
    if (this.#o.signal.aborted) return
    clearTimeout(this.#timer)
    const rest = this.#o.rest()
    if (rest === undefined) this.#delay = 0
    else this.#timer = setTimeout(() => void this.run(), Math.min(LONGEST_REST_MS, this.#delay > 0 ? this.#delay : rest))
  }

  /** There is something new to be had: earlier failures say nothing of it. */
  hurry(): void {
    this.#delay = 0
    this.plan()
  }

  /** A round now, or the one that is under way. `force`: also for what need not be asked yet. Never rejects. */
  run(force = false): Promise<void> {
    if (this.#o.signal.aborted) return Promise.resolve()
    this.#busy ??= this.#o
      .work(force)
      .catch(error => this.#o.onError(error))
      .finally(() => {
        this.#busy = undefined
        this.#delay = this.#o.isDone() ? 0 : nextDelay(this.#delay, this.#o.random(), this.#o.backoff())
        this.plan()
      })
    return this.#busy
  }

  /** Plans nothing more and waits for the round under way; the signal must have been aborted. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#busy
  }
}

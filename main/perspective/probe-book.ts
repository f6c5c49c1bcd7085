import { Listeners } from '../lib/service.ts'
import type { Door } from './admission.ts'

/** The outcome of testing a peer's three doors. */
export type ProbeResult = { readonly usable: true } | { readonly usable: false; readonly door: Door; readonly reason: string }

export interface ProbeBookOptions {
  readonly probe: (fingerprint: string, signal: AbortSignal) => Promise<ProbeResult>
  readonly now: () => number
  /** How long a pass counts, in ms; each is jittered by ±20 %. */
  readonly passMs: number
  /** How long a failure counts, in ms. */
  readonly failMs: number
  /** Most probes under way at once; one more is answered "busy". */
  readonly concurrent: number
}

const MAX_ENTRIES = 10_000

/**
 * Remembers which peers' doors were found usable, so that a peer is tested at most once per period however often it calls
 * (a flood of calls must not become a flood of probes). Calls that arrive during a test share it.
 */
export class ProbeBook {
  /** A test has ended. */
  readonly onResult = new Listeners<[fingerprint: string, result: ProbeResult]>()
  readonly #options: ProbeBookOptions
  readonly #results = new Map<string, { result: ProbeResult; until: number }>()
  readonly #running = new Map<string, Promise<ProbeResult>>()
  readonly #abort = new AbortController()

  constructor(options: ProbeBookOptions) {
    this.#options = options
  }

  /** A result that still counts. */
  known(fingerprint: string): ProbeResult | undefined {
    const entry = this.#results.get(fingerprint)
    return entry && entry.until > this.#options.now() ? entry.result : undefined
  }

  /** Seconds until a peer that failed is tested again. */
  retryAfter(fingerprint: string): number {
    const until = this.#results.get(fingerprint)?.until ?? 0
    return Math.max(1, Math.ceil((until - this.#options.now()) / 1000))
  }

  /** Known, or tested now; `undefined` when too many tests are under way. */
  async test(fingerprint: string): Promise<ProbeResult | undefined> {
    const known = this.known(fingerprint)
    if (known) return known
    const running = this.#running.get(fingerprint)
    if (running) return running
    if (this.#running.size >= this.#options.concurrent || this.#abort.signal.aborted) return undefined
    const test = this.#options
      .probe(fingerprint, this.#abort.signal)
      .then(result => {
        this.#remember(fingerprint, result)
        this.onResult.emit(fingerprint, result)
        return result
      })
      .finally(() => this.#running.delete(fingerprint))
    this.#running.set(fingerprint, test)
    return test
  }

  #remember(fingerprint: string, result: ProbeResult): void {
    const { passMs, failMs, now } = this.#options
    const span = result.usable ? passMs * (0.8 + 0.4 * Math.random()) : failMs
    if (this.#results.size >= MAX_ENTRIES) this.#results.delete(this.#results.keys().next().value!)
    this.#results.delete(fingerprint)
    this.#results.set(fingerprint, { result, until: now() + span })
  }

  /** Forgets everything, e.g. when our own address changed. */
  clear(): void {
    this.#results.clear()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.allSettled(this.#running.values())
  }
}

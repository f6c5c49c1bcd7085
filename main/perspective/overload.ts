import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/** One look at how the relay is doing. */
export interface LoadReading {
  /** How late the event loop was for the slowest tenth of its turns since the reading before, ms: one long turn is no overload. */
  readonly loopDelayMs: number
  /** Part of the JavaScript heap in use, 0–1. */
  readonly heap: number
  /** Bytes of Tor's cells that wait for links which do take bytes: what Tor could not send in time. */
  readonly orQueueBytes: number
}

/** Above these the relay is overloaded, unless other limits are given. */
export const OVERLOAD: LoadReading = { loopDelayMs: 150, heap: 0.85, orQueueBytes: 8 * 1024 * 1024 }
/** So many readings in a row, a second apart, pause perspective access; so many good ones bring it back. */
const PAUSE_AFTER = 3
const RESUME_AFTER = 5
const READ_MS = 1000

export type OverloadCause = keyof LoadReading

/** Says when perspective access must step back for Tor (T16): slowly enough that one slow second changes nothing. */
export class Overload {
  readonly #most: () => LoadReading
  #bad = 0
  #good = 0
  #cause: OverloadCause | undefined

  constructor(most: () => LoadReading = () => OVERLOAD) {
    this.#most = most
  }

  /** Why perspective access is paused, `undefined` when it is not. */
  get cause(): OverloadCause | undefined {
    return this.#cause
  }

  /** Takes one reading; true when `cause` has changed between something and nothing. */
  note(reading: LoadReading): boolean {
    const most = this.#most()
    const cause = (Object.keys(most) as OverloadCause[]).find(name => reading[name] > most[name])
    this.#bad = cause ? this.#bad + 1 : 0
    this.#good = cause ? 0 : this.#good + 1
    if (cause && !this.#cause && this.#bad >= PAUSE_AFTER) {
      this.#cause = cause
      return true
    }
    if (this.#cause && this.#good >= RESUME_AFTER) {
      this.#cause = undefined
      return true
    }
    return false
  }
}

/** Reads the process's load every second. */
export class OverloadWatch {
  readonly overload: Overload
  readonly #orQueueBytes: () => number
  readonly #onChange: (cause: OverloadCause | undefined) => void
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: { most: () => LoadReading; orQueueBytes: () => number; onChange: (cause: OverloadCause | undefined) => void }) {
    this.overload = new Overload(options.most)
    this.#orQueueBytes = options.orQueueBytes
    this.#onChange = options.onChange
  }

  start(): void {
    this.#delay = monitorEventLoopDelay({ resolution: 20 })
    this.#delay.enable()
    this.#timer = setInterval(() => this.#read(), READ_MS)
  }

  #read(): void {
    const { used_heap_size, heap_size_limit } = getHeapStatistics()
    const loopDelayMs = this.#delay!.percentile(90) / 1e6
    this.#delay!.reset()
    if (this.overload.note({ loopDelayMs, heap: used_heap_size / heap_size_limit, orQueueBytes: this.#orQueueBytes() }))
      this.#onChange(this.overload.cause)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#delay?.disable()
  }
}

import type { CircuitStream } from '../circuit/stream.ts'
import { Listeners } from '../lib/service.ts'

/** We through a server in one hop, we through Tor, a peer through us. */
export type UsageMode = 'one-hop' | 'tor' | 'served'

/** What goes through one exit, or comes from one peer; payload bytes. */
export interface Usage {
  /** The other relay's. */
  readonly fingerprint: string
  readonly mode: UsageMode
  streams: number
  read: number
  written: number
}

const MAX_EXITS = 2000

/** Streams by the relay that they leave from or come from, and how much went through them. Never where they led to. */
export class UsageBook {
  readonly onChange = new Listeners<[]>()
  readonly #live = new Map<CircuitStream, { fingerprint: string; mode: UsageMode }>()
  /** Of streams that have ended; `streams` counts live ones too. */
  readonly #ended = new Map<string, Usage>()

  /** Counts a stream from its opening to its end. */
  add(stream: CircuitStream, fingerprint: string, mode: UsageMode): void {
    this.#live.set(stream, { fingerprint, mode })
    this.#total(fingerprint, mode).streams++
    stream.onClose.add(() => {
      if (!this.#live.delete(stream)) return
      const total = this.#total(fingerprint, mode)
      total.read += stream.bytesIn
      total.written += stream.bytesOut
      this.onChange.emit()
    })
    this.onChange.emit()
  }

  #total(fingerprint: string, mode: UsageMode): Usage {
    // Beyond so many different exits only the sums matter.
    const key = this.#ended.size < MAX_EXITS || this.#ended.has(`${mode} ${fingerprint}`) ? `${mode} ${fingerprint}` : mode
    let total = this.#ended.get(key)
    if (!total) {
      total = { fingerprint: key === mode ? '' : fingerprint, mode, streams: 0, read: 0, written: 0 }
      this.#ended.set(key, total)
    }
    return total
  }

  /** What is open now, by exit; `streams` are those open, bytes those of open streams. */
  active(): Usage[] {
    const active = new Map<string, Usage>()
    for (const [stream, { fingerprint, mode }] of this.#live) {
      const key = `${mode} ${fingerprint}`
      const entry = active.get(key) ?? { fingerprint, mode, streams: 0, read: 0, written: 0 }
      entry.streams++
      entry.read += stream.bytesIn
      entry.written += stream.bytesOut
      active.set(key, entry)
    }
    return [...active.values()]
  }

  /** Since the start, by exit, with what is open now; `streams` are all there were. An empty fingerprint stands for exits beyond the first 2000. */
  totals(): Usage[] {
    const totals = new Map([...this.#ended].map(([key, usage]) => [key, { ...usage }]))
    for (const [stream, { fingerprint, mode }] of this.#live) {
      const total = totals.get(`${mode} ${fingerprint}`) ?? totals.get(mode)!
      total.read += stream.bytesIn
      total.written += stream.bytesOut
    }
    return [...totals.values()]
  }
}

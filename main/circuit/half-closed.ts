import { RelayCommand } from '../cell/command.ts'

/** Streams with congestion control have no count of what may be under way, only a time (proposal 324, 4.1.4). */
const LATE_MS = 60_000
/** SENDMEs, XONs and XOFFs that may cross our END. */
const LATE_FLOW_MESSAGES = 20

interface HalfClosed {
  /** DATA cells that may still come; undefined: any number until `until`. */
  data: number | undefined
  flow: number
  connected: boolean
  readonly until: number
}

/** Streams of a client that have sent END and whose other end may not have heard it yet (tor-spec 6.3): what it may still send. */
export class HalfClosedStreams {
  readonly #streams = new Map<number, HalfClosed>()

  /** `data`: DATA cells that we would have accepted, undefined where only time bounds them; `opening`: CONNECTED or RESOLVED may come. */
  add(id: number, data: number | undefined, opening: boolean): void {
    const now = performance.now()
    for (const [old, stream] of this.#streams) {
      if (stream.until > now) break
      this.#streams.delete(old)
    }
    this.#streams.set(id, {
      data,
      flow: LATE_FLOW_MESSAGES,
      connected: opening,
      until: data === undefined ? now + LATE_MS : Number.POSITIVE_INFINITY,
    })
  }

  has(id: number): boolean {
    return this.#streams.has(id)
  }

  /** False: the other end had no right to send this. */
  accept(command: number, id: number): boolean {
    const stream = this.#streams.get(id)
    if (!stream || stream.until < performance.now()) return false
    switch (command) {
      case RelayCommand.DATA:
        return stream.data === undefined || --stream.data >= 0
      case RelayCommand.SENDME:
      case RelayCommand.XON:
      case RelayCommand.XOFF:
        return --stream.flow >= 0
      case RelayCommand.CONNECTED: {
        const due = stream.connected
        stream.connected = false
        return due
      }
      case RelayCommand.RESOLVED:
        this.#streams.delete(id)
        return stream.connected
      case RelayCommand.END:
        this.#streams.delete(id)
        return true
      default:
        return false
    }
  }
}

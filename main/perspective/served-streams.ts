import type { CircuitStream } from '../circuit/stream.ts'
import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { AccessLog } from './access-log.ts'
import type { AccessRecord } from './access-record.ts'

/** Sums since start; payload bytes, `read` from peers and `written` to them. */
export interface ServedTotals {
  readonly read: number
  readonly written: number
  readonly streams: number
  readonly refused: number
}

interface OpenStream {
  readonly peer: string
  readonly address: IpAddress
  readonly port: number
  /** By the clock that nobody sets: with the other one a stream could end before it began. */
  readonly startedAt: number
  readonly stream: CircuitStream
}

/** The streams that peers have through us: sums, and the access log's entry when one ends. */
export class ServedStreams {
  /** For the contribution book, which counts a stream's bytes until it closes. */
  readonly onOpened = new Listeners<[peer: string, stream: CircuitStream]>()
  readonly #open = new Set<OpenStream>()
  readonly #log: AccessLog | undefined
  #read = 0
  #written = 0
  #streams = 0
  refused = 0

  constructor(log: AccessLog | undefined) {
    this.#log = log
  }

  opened(peer: string, stream: CircuitStream, address: IpAddress, port: number): void {
    const entry: OpenStream = { peer, address, port, startedAt: steadyNow(), stream }
    this.#open.add(entry)
    this.onOpened.emit(peer, stream)
    this.#streams++
    stream.onClose.add((_stream, reason) => {
      this.#open.delete(entry)
      this.#read += stream.bytesIn
      this.#written += stream.bytesOut
      this.#log?.add(recordOf(entry, reason))
    })
  }

  get totals(): ServedTotals {
    let [read, written] = [this.#read, this.#written]
    for (const { stream } of this.#open) {
      read += stream.bytesIn
      written += stream.bytesOut
    }
    return { read, written, streams: this.#streams, refused: this.refused }
  }

  /** What is open now, in the form of the log; with the reason 0. Nothing while the log is off: then the owner wants to know nothing. */
  *records(): Generator<AccessRecord> {
    if (!this.#log || this.#log.settings.hours === 0) return
    for (const entry of this.#open) yield recordOf(entry, 0)
  }
}

function recordOf({ peer, address, port, startedAt, stream }: OpenStream, reason: number): AccessRecord {
  const { bytesIn, bytesOut } = stream
  return { peer, address, port, endedAt: Date.now(), durationMs: steadyNow() - startedAt, reason, bytesIn, bytesOut }
}

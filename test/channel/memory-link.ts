import type { ByteLink, LinkEvents } from '../../main/net/byte-link.ts'

/**
 * One end of a pair of byte links in memory. Bytes written at one end arrive at the other in a later turn of the event loop, as one chunk per write. Like a
 * socket it has backpressure: when the other end is paused, or `hold` is set, writes are not taken.
 */
export class MemoryLink implements ByteLink {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  /** Every chunk written, for tests that look at batches; those not yet taken may still change, as with a socket. */
  readonly writes: Buffer[] = []
  /** While true, what is written stays here and is not taken. */
  hold = false
  closed = false
  ended = false
  #other: MemoryLink | undefined
  #events: LinkEvents | undefined
  #paused = false
  #outbox: { at: number; written: () => void }[] = []
  #inbox: Buffer[] = []
  #scheduled = false

  constructor(localAddress: string, remoteAddress: string, remotePort: number) {
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
  }

  /** `address`: of the first end. */
  static pair(address = '192.0.2.1'): [MemoryLink, MemoryLink] {
    const left = new MemoryLink(address, '192.0.2.2', 9001)
    const right = new MemoryLink('192.0.2.2', address, 40001)
    left.#other = right
    right.#other = left
    return [left, right]
  }

  attach(events: LinkEvents): void {
    this.#events = events
    this.#deliver()
  }

  write(data: Buffer, written: () => void): void {
    if (this.closed) return
    this.writes.push(data)
    this.#outbox.push({ at: this.writes.length - 1, written })
    this.#schedule()
  }

  /** Bytes given as if the other end had written them. */
  inject(data: Buffer): void {
    this.#inbox.push(data)
    this.#deliver()
  }

  /** Lets go of what was held. */
  release(): void {
    this.hold = false
    this.#schedule()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#deliver()
    this.#other!.#schedule()
  }

  end(): void {
    this.ended = true
    this.#schedule()
  }

  destroy(): void {
    if (this.closed) return
    this.closed = true
    this.#outbox = []
    const other = this.#other
    setImmediate(() => {
      this.#events?.onClose(undefined)
      other?.destroy()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.closed) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.closed || this.hold || this.#other!.#paused) return
      const outbox = this.#outbox
      this.#outbox = []
      for (const { at, written } of outbox) {
        // Copied only now: before `written` the writer must leave its buffer alone, afterwards it may use it again.
        const data = Buffer.from(this.writes[at]!)
        this.writes[at] = data
        this.#other?.inject(Buffer.from(data))
        written()
      }
      if (this.ended) this.destroy()
    })
  }

  #deliver(): void {
    while (this.#events && !this.#paused && !this.closed && this.#inbox.length > 0) this.#events.onData(this.#inbox.shift()!)
  }
}

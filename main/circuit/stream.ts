import { EndReason } from '../cell/command.ts'
import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'
import type { StreamFlow } from './flow-control.ts'
import { SendQueue } from './send-queue.ts'

/** `write` asks for patience above the first, and `onDrain` is called at the second; bytes. */
const SEND_HIGH_WATER = 128 * 1024
const SEND_LOW_WATER = 32 * 1024
/** How long data may wait for a receiver that does not take it, after the other end has closed. */
const LINGER_MS = 60_000

/** Held pieces are joined up to this; bytes. */
const JOINED_MAX = 4096

/** What a stream needs of the circuit it runs in. */
export interface StreamHost {
  /** The stream has data, or its end, to send. */
  wake(stream: CircuitStream): void
  /** Bytes of the stream's received data now held in memory, more or (negative) fewer. */
  holding(stream: CircuitStream, bytes: number): void
  /** Sends END and forgets the stream. */
  finish(stream: CircuitStream, reason: number): void
}

/**
 * One stream of a circuit, at either end (tor-spec 6.2). It starts paused: set `onData`, `onEnd` and `onDrain`, then call `resume`. All are
 * called synchronously; `streamDuplex` and `spliceSocket` do it all for Node streams and sockets.
 */
export class CircuitStream {
  readonly id: number
  readonly flow: StreamFlow
  readonly #host: StreamHost
  /** The address that the exit connected to, and the seconds it may be kept, where CONNECTED said so. */
  address: IpAddress | undefined
  ttl: number | undefined
  /** Payload bytes received from, and sent into, the circuit. */
  bytesIn = 0
  bytesOut = 0
  /** Nothing can be sent any more. */
  closed = false
  /** Data in order; the buffer belongs to the receiver. Not called while paused. */
  onData: (data: Buffer) => void = () => {}
  /** After `write` returned false: there is room again. */
  onDrain: () => void = () => {}
  /** The other end, or the circuit, closed the stream, and all its data was given out. Not called after our own `end` or `abort`. */
  onEnd: (reason: number) => void = () => {}
  /** For accounts and logs: once, when nothing more can be sent or received. `reason`: the EndReason sent or received; DESTROY: the circuit went. */
  readonly onClose = new Listeners<[stream: CircuitStream, reason: number]>()

  /** CONNECTED has gone over the circuit. */
  open = false
  /** In the circuit's list of streams that have something to send. */
  awake = false
  #paused = true
  readonly #held: Buffer[] = []
  #heldBytes = 0
  #peerEnd: number | undefined
  #linger: NodeJS.Timeout | undefined
  readonly #queue = new SendQueue()
  #wantsDrain = false
  #ending: number | undefined
  #gone = false

  constructor(id: number, flow: StreamFlow, host: StreamHost) {
    this.id = id
    this.flow = flow
    this.#host = host
  }

  /** Queues `data` (kept, not copied); false asks the writer to wait for `onDrain`. Dropped when the stream is closed or ending. */
  write(data: Buffer): boolean {
    if (this.closed || this.#ending !== undefined) return true
    this.#queue.push(data)
    if (data.length > 0) this.#host.wake(this)
    if (this.#queue.length < SEND_HIGH_WATER) return true
    this.#wantsDrain = true
    return false
  }

  /** Closes in both directions once everything written was sent; Tor has no half-close. */
  end(reason: number = EndReason.DONE): void {
    if (this.closed || this.#ending !== undefined) return
    this.#ending = reason
    if (this.#queue.length > 0) this.#host.wake(this)
    else this.#close(reason)
  }

  /** Closes at once; what was not sent or not taken is dropped. */
  abort(reason: number = EndReason.MISC): void {
    if (!this.closed) this.#close(reason)
    else if (!this.#gone) this.#leave(this.#peerEnd ?? reason)
  }

  /** Until `resume`, data is kept here and the other end is told to slow down. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    let taken = 0
    while (this.#held.length > 0 && !this.#paused) {
      const data = this.#held.shift()!
      taken += data.length
      this.#hold(-data.length)
      this.onData(data)
      if (this.#gone) return
    }
    if (taken > 0 && this.open && !this.closed) this.flow.drained(taken, this.#heldBytes)
    this.#finishPeerEnd()
  }

  /** Small pieces are joined: each has a cost of its own, which a sender of single bytes would not have counted against it. */
  #keep(data: Buffer): void {
    const last = this.#held.at(-1)
    if (last && last.length + data.length <= JOINED_MAX) this.#held[this.#held.length - 1] = Buffer.concat([last, data])
    else this.#held.push(data)
  }

  #hold(bytes: number): void {
    if (bytes === 0) return
    this.#heldBytes += bytes
    this.#host.holding(this, bytes)
  }

  #close(reason: number): void {
    this.closed = true
    this.#queue.clear()
    this.#host.finish(this, reason)
    this.#leave(reason)
  }

  /** Gives back everything that the stream still has. */
  #leave(reason: number): void {
    if (this.#gone) return
    this.#gone = this.closed = true
    clearTimeout(this.#linger)
    this.#held.length = 0
    this.#hold(-this.#heldBytes)
    this.#queue.clear()
    this.onClose.emit(this, reason)
  }

  #finishPeerEnd(): void {
    const reason = this.#peerEnd
    if (reason === undefined || this.#paused || this.#held.length > 0 || this.#gone) return
    this.#leave(reason)
    this.onEnd(reason)
  }

  // From here on: what the circuit calls.

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Bytes waiting to be packed. */
  get queuedBytes(): number {
    return this.#queue.length
  }

  /** The EndReason to send after the last queued byte. */
  get ending(): number | undefined {
    return this.#ending
  }

  /** CONNECTED was sent or received: what came early counts from now on. */
  opened(): void {
    this.open = true
    if (this.bytesIn > 0) this.flow.drained(0, this.#heldBytes)
  }

  deliver(data: Buffer): void {
    this.bytesIn += data.length
    if (this.#paused || this.#held.length > 0) {
      this.#keep(data)
      this.#hold(data.length)
      if (this.open && !this.closed) this.flow.drained(0, this.#heldBytes)
    } else {
      this.onData(data)
      if (!this.closed) this.flow.drained(data.length, 0)
    }
  }

  /** The next `count` queued bytes go into a cell. */
  pack(target: Buffer, at: number, count: number): void {
    this.#queue.take(target, at, count)
    this.bytesOut += count
  }

  /** After packing: lets a waiting writer go on. */
  packed(): void {
    if (!this.#wantsDrain || this.closed || this.#queue.length > SEND_LOW_WATER) return
    this.#wantsDrain = false
    this.onDrain()
  }

  /**
   * The other end sent END, or (DESTROY) the circuit is gone: nothing can be sent, but what came is still given out, unless it is to be discarded
   * for want of memory or of a reader.
   */
  endedByPeer(reason: number, discard = false): void {
    if (this.closed) return
    this.closed = true
    this.#queue.clear()
    if (discard) return this.#giveUp(reason)
    this.#peerEnd = reason
    this.#finishPeerEnd()
    if (this.#gone) return
    this.#linger = setTimeout(() => this.#giveUp(reason), LINGER_MS)
    this.#linger.unref()
  }

  #giveUp(reason: number): void {
    this.#leave(reason)
    this.onEnd(reason)
  }

  /** The END of `end()` was packed behind the last byte. */
  endPacked(reason: number): void {
    this.#leave(reason)
  }
}

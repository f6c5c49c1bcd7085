import type { ByteLink } from '../net/byte-link.ts'
import type { TrafficClass } from './circuit-end.ts'
import type { CircuitSlot } from './circuit-slot.ts'
import type { Outbound } from './outbound.ts'
import { lendWriteBuffer, returnWriteBuffer, WRITE_BYTES } from './write-buffers.ts'

/** Bytes handed to the socket and not yet taken by the system, at most: what is in there can no longer be overtaken. */
export const IN_SOCKET_BYTES = 128 * 1024

/** What a {@link LinkWriter} asks and tells its channel. */
export interface LinkWriterOwner {
  /** What control cells are counted as. */
  readonly purpose: TrafficClass
  /** Bytes of a class that may be written now; a longer piece may go into debt. */
  allowance(trafficClass: TrafficClass): number
  countWritten(trafficClass: TrafficClass, bytes: number): void
  /** The system has taken a write. */
  onRoom(): void
}

/** Takes cells out of the queues of a channel in batches that fill TLS records, and keeps what is in the socket below a bound. */
export class LinkWriter {
  /** ms; since when bytes have been waiting in the socket without any being taken, undefined when none wait. */
  stuckSince: number | undefined
  /** Circuits that have drained below low water; for the owner to take and tell. */
  readonly writable: CircuitSlot[] = []
  readonly #link: ByteLink
  readonly #outbound: Outbound
  readonly #owner: LinkWriterOwner
  readonly #now: () => number
  /** Writes that the system has not taken yet, in order; `buffer` is a borrowed one, if any. */
  readonly #inSocket: { readonly bytes: number; readonly buffer: Buffer | undefined }[] = []
  #inSocketBytes = 0

  constructor(link: ByteLink, outbound: Outbound, owner: LinkWriterOwner, now: () => number) {
    this.#link = link
    this.#outbound = outbound
    this.#owner = owner
    this.#now = now
  }

  /** Whether a whole batch would fit into the socket now. */
  get hasRoom(): boolean {
    return this.#inSocketBytes <= IN_SOCKET_BYTES - WRITE_BYTES
  }

  /** Writes batches until the queues are empty, the socket is full, or no more is allowed. */
  pump(): void {
    while (this.hasRoom && this.#writeBatch());
  }

  /** Writes the control cells that wait, whatever the socket holds. */
  flushControl(): void {
    for (let cells = this.#outbound.takeControl(); cells; cells = this.#outbound.takeControl()) this.#write(cells, undefined, 0, 0)
  }

  /** Writes one batch of at most WRITE_BYTES (or one longer slice); false when nothing can be written now. */
  #writeBatch(): boolean {
    const outbound = this.#outbound
    const owner = this.#owner
    if (outbound.empty) return false
    const buffer = lendWriteBuffer()
    let control = 0
    while (outbound.nextControlLength > 0 && outbound.nextControlLength <= WRITE_BYTES - control) {
      control += outbound.takeControl()!.copy(buffer, control)
    }
    let or = 0
    let pa = 0
    if (outbound.nextControlLength === 0) {
      const room = WRITE_BYTES - control
      or = outbound.moveTo('or', buffer, control, Math.min(room, owner.allowance('or')), this.writable)
      if (outbound.queuedBytes('or') === 0) {
        // A piece longer than what is allowed goes all the same, and the debt is paid before the next one: else it would wait for ever.
        const allowed = owner.allowance('pa')
        const limit = allowed > 0 ? Math.max(allowed, outbound.nextPiece('pa')) : 0
        pa = outbound.moveTo('pa', buffer, control + or, Math.min(room - or, limit), this.writable)
      }
    }
    const length = control + or + pa
    if (length === 0) {
      returnWriteBuffer(buffer)
      return this.#writeLong()
    }
    this.#write(buffer.subarray(0, length), buffer, or, pa)
    return true
  }

  /** A slice that fits into no batch goes as it is, without being copied. */
  #writeLong(): boolean {
    const outbound = this.#outbound
    const control = outbound.takeControl()
    if (control) {
      this.#write(control, undefined, 0, 0)
      return true
    }
    const trafficClass = outbound.queuedBytes('or') > 0 ? 'or' : 'pa'
    if (this.#owner.allowance(trafficClass) < WRITE_BYTES) return false
    const slice = outbound.takeSlice(trafficClass, this.writable)
    if (!slice) return false
    this.#write(slice, undefined, trafficClass === 'or' ? slice.length : 0, trafficClass === 'pa' ? slice.length : 0)
    return true
  }

  /** `or` and `pa`: how many of the bytes are of each class; the rest are control cells. */
  #write(data: Buffer, buffer: Buffer | undefined, or: number, pa: number): void {
    const control = data.length - or - pa
    const orTotal = this.#owner.purpose === 'or' ? or + control : or
    if (orTotal > 0) this.#owner.countWritten('or', orTotal)
    if (data.length > orTotal) this.#owner.countWritten('pa', data.length - orTotal)
    this.#inSocket.push({ bytes: data.length, buffer })
    this.#inSocketBytes += data.length
    this.stuckSince ??= this.#now()
    this.#link.write(data, this.#onWritten)
  }

  readonly #onWritten = (): void => {
    const done = this.#inSocket.shift()
    if (!done) return
    this.#inSocketBytes -= done.bytes
    if (done.buffer) returnWriteBuffer(done.buffer)
    this.stuckSince = this.#inSocketBytes > 0 ? this.#now() : undefined
    this.#owner.onRoom()
  }
}

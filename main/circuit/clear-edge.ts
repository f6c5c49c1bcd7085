import { DestroyReason, EndReason, RELAY_DATA_MAX, RelayCommand } from '../cell/command.ts'
import { decodeEnd, type End, encodeEnd } from '../cell/end.ts'
import { encodePaRelay, PA_RELAY_DATA_AT, PA_RELAY_DATA_MAX, PA_RELAY_HEADER, writePaRelayHeader } from '../cell/pa-relay.ts'
import { CIRCUIT_HIGH_WATER } from '../channel/channel.ts'
import { MalformedError } from '../lib/bytes.ts'
import { ByteFlow } from './byte-flow.ts'
import { HalfClosedStreams } from './half-closed.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { CircuitStream, type StreamHost } from './stream.ts'
import type { StreamEdge } from './stream-edge.ts'
import { StreamTurns } from './stream-turns.ts'

/** The circuit around a clear edge. None of its methods may throw. */
export interface ClearEdgeOwner {
  readonly circId: number
  /** Whole cells, which the channel keeps. */
  transmit(cells: Buffer): void
  /** Units of 514 bytes that wait in the channel. */
  queuedCells(): number
  fail(reason: number, why: string): void
  /** Every message that is not about the flow of open streams. `data` is valid only during the call. */
  message(command: number, streamId: number, data: Buffer): void
}

export interface ClearEdgeOptions {
  readonly side: 'client' | 'relay'
  readonly memory: MemoryBudget
}

/** Held data of all streams of a circuit, in bytes. */
const CIRCUIT_HELD_MAX = 64 * 1024 * 1024

/**
 * Our end of a clear circuit: one hop between two relays that know each other over TLS, so that relay messages need no onion layer (docs: perspective
 * access, 3). They travel in PA_RELAY cells of up to 16 KiB; streams have windows of bytes, the circuit has none but TCP's.
 */
export class ClearEdge implements StreamHost, StreamEdge {
  readonly streams = new Map<number, CircuitStream>()
  readonly #owner: ClearEdgeOwner
  readonly #o: ClearEdgeOptions
  readonly #halfClosed: HalfClosedStreams | undefined
  readonly #turns = new StreamTurns(() => this.pump())
  #heldBytes = 0
  #overfull = false
  #closed = false
  /** What came for one stream in this turn: whoever reads it gets one large piece. */
  #run: { readonly stream: CircuitStream; readonly pieces: Buffer[] } | undefined

  constructor(owner: ClearEdgeOwner, options: ClearEdgeOptions) {
    this.#owner = owner
    this.#o = options
    this.#halfClosed = options.side === 'client' ? new HalfClosedStreams() : undefined
  }

  // --- sending ---

  send(command: number, streamId: number, data: Uint8Array): void {
    if (!this.#closed) this.#owner.transmit(encodePaRelay(this.#owner.circId, command, streamId, data))
  }

  addStream(id: number): CircuitStream {
    const stream = new CircuitStream(id, new ByteFlow((command, data) => this.send(command, id, data)), this)
    this.streams.set(id, stream)
    return stream
  }

  wake(stream: CircuitStream): void {
    this.#turns.wake(stream)
  }

  /** Packs what waits, one message a stream and turn, as far as windows and the channel's queue allow. */
  pump(): void {
    let idle = 0
    while (!this.#closed && idle < this.#turns.length) {
      if (this.#owner.queuedCells() >= CIRCUIT_HIGH_WATER) return
      const stream = this.#turns.next()
      const length = Math.min(stream.queuedBytes, stream.flow.sendable, PA_RELAY_DATA_MAX)
      if (length > 0) this.#sendData(stream, length)
      stream.awake = !stream.closed && stream.queuedBytes > 0
      if (stream.awake) {
        this.#turns.again(stream)
        idle = length > 0 ? 0 : idle + 1
      } else if (!stream.closed && stream.ending !== undefined) this.#endPacked(stream, stream.ending)
      // Last, because those who hear of it may want to send.
      if (length > 0) stream.packed()
    }
  }

  #sendData(stream: CircuitStream, length: number): void {
    const cell = Buffer.allocUnsafe(PA_RELAY_HEADER + length)
    writePaRelayHeader(cell, this.#owner.circId, RelayCommand.DATA, stream.id, length)
    stream.pack(cell, PA_RELAY_HEADER, length)
    stream.flow.sent(length)
    this.#owner.transmit(cell)
  }

  #endPacked(stream: CircuitStream, reason: number): void {
    this.#sendEnd(stream.id, reason)
    this.#forget(stream)
    stream.endPacked(reason)
  }

  /** A client says nothing about why (tor-spec 6.3). */
  #sendEnd(streamId: number, reason: number): void {
    this.send(RelayCommand.END, streamId, encodeEnd({ reason: this.#o.side === 'client' ? EndReason.MISC : reason }))
  }

  finish(stream: CircuitStream, reason: number): void {
    if (this.#forget(stream)) this.#sendEnd(stream.id, reason)
  }

  refuse(stream: CircuitStream, end: End): void {
    if (!this.streams.delete(stream.id)) return
    this.send(RelayCommand.END, stream.id, encodeEnd(end))
    stream.abort(end.reason)
  }

  /** False when the stream was not there any more. */
  #forget(stream: CircuitStream): boolean {
    if (!this.streams.delete(stream.id)) return false
    this.#halfClosed?.add(stream.id, undefined, !stream.open)
    return true
  }

  holding(_stream: CircuitStream, bytes: number): void {
    this.#heldBytes += bytes
    this.#o.memory.used += bytes
    if (bytes <= 0 || this.#closed) return
    if (this.#heldBytes <= CIRCUIT_HELD_MAX && this.#o.memory.used <= this.#o.memory.limit) return
    this.#overfull = true
    this.#owner.fail(DestroyReason.RESOURCELIMIT, 'too much stream data waiting')
  }

  // --- receiving ---

  /** The body of one PA_RELAY cell is chunk[start, end), valid only during the call. */
  receive(chunk: Buffer, start: number, end: number): void {
    if (this.#closed) return
    const from = start + PA_RELAY_DATA_AT
    if (from > end || end - from > PA_RELAY_DATA_MAX) return this.#owner.fail(DestroyReason.PROTOCOL, 'a PA_RELAY cell of a wrong length')
    const command = chunk[start]!
    const streamId = chunk.readUInt16BE(start + 1)
    if (command === RelayCommand.DATA) return this.#data(streamId, chunk, from, end)
    this.#deliverRun()
    if (this.#closed) return
    if (end - from > RELAY_DATA_MAX) return this.#owner.fail(DestroyReason.PROTOCOL, `relay message ${command} is too long`)
    try {
      this.#message(command, streamId, chunk.subarray(from, end))
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#owner.fail(DestroyReason.PROTOCOL, `malformed relay message ${command}`)
    }
  }

  #data(streamId: number, chunk: Buffer, from: number, end: number): void {
    const stream = this.streams.get(streamId)
    if (!stream) return this.#late(RelayCommand.DATA, streamId)
    if (this.#o.side === 'client' && !stream.open) return this.#owner.fail(DestroyReason.PROTOCOL, 'data before CONNECTED')
    if (!stream.flow.received(end - from)) return this.#owner.fail(DestroyReason.PROTOCOL, 'more data than the stream window allows')
    const piece = Buffer.from(chunk.subarray(from, end))
    if (this.#run?.stream === stream) this.#run.pieces.push(piece)
    else {
      this.#deliverRun()
      this.#run = { stream, pieces: [piece] }
      // At the latest when all that arrived together was walked.
      queueMicrotask(this.#deliverRun)
    }
  }

  readonly #deliverRun = (): void => {
    const run = this.#run
    if (!run) return
    this.#run = undefined
    const { stream, pieces } = run
    // A stream that was closed meanwhile wants no more.
    if (this.streams.get(stream.id) === stream) stream.deliver(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
  }

  #message(command: number, streamId: number, data: Buffer): void {
    switch (command) {
      case RelayCommand.SENDME: {
        const stream = this.streams.get(streamId)
        if (!stream) return this.#late(command, streamId)
        if (!stream.flow.sendme(data)) return this.#owner.fail(DestroyReason.PROTOCOL, 'a SENDME for more than a stream may have under way')
        if (stream.queuedBytes > 0) this.wake(stream)
        return this.pump()
      }
      case RelayCommand.END: {
        const { reason } = decodeEnd(data)
        const stream = this.streams.get(streamId)
        if (!stream) return this.#late(command, streamId)
        this.streams.delete(streamId)
        if (!stream.open) this.#owner.message(command, streamId, data)
        return stream.endedByPeer(reason)
      }
      case RelayCommand.DROP:
        return
      default:
        this.#owner.message(command, streamId, data)
    }
  }

  /** As on other circuits: late news are ignored by a relay, and must be plausible to a client. */
  #late(command: number, streamId: number): void {
    if (!this.isLate(command, streamId)) this.#owner.fail(DestroyReason.PROTOCOL, `relay message ${command} for a stream that is not open`)
  }

  isLate(command: number, streamId: number): boolean {
    return this.#halfClosed?.accept(command, streamId) ?? true
  }

  forgetLookup(streamId: number): void {
    this.#halfClosed?.add(streamId, undefined, true)
  }

  isFree(streamId: number): boolean {
    return !this.streams.has(streamId) && !this.#halfClosed?.has(streamId)
  }

  /** The circuit is gone: streams keep what they have received. */
  close(): void {
    if (this.#closed) return
    this.#deliverRun()
    this.#closed = true
    this.#turns.close()
    const streams = [...this.streams.values()]
    this.streams.clear()
    for (const stream of streams) stream.endedByPeer(EndReason.DESTROY, this.#overfull || !stream.open)
  }
}

import { DestroyReason, EndReason, RELAY_DATA_MAX, RelayCommand } from '../cell/command.ts'
import { decodeEnd, type End, encodeEnd } from '../cell/end.ts'
import { RELAY_DATA_AT, RELAY_LENGTH_AT, RELAY_STREAM_AT } from '../cell/relay-cell.ts'
import { decodeSendme, encodeSendme } from '../cell/sendme.ts'
import { decodeXoff, decodeXon } from '../cell/xon-xoff.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type CellSink, EdgeSender } from './edge-sender.ts'
import { type PackageWindow, WindowedStream } from './flow-control.ts'
import { HalfClosedStreams } from './half-closed.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { CongestionParams } from './params.ts'
import type { CryptoLayer } from './relay-crypto.ts'
import { CircuitStream, type StreamHost } from './stream.ts'
import type { StreamEdge } from './stream-edge.ts'
import { XonXoffStream } from './xon-xoff-flow.ts'

/** The circuit around an edge. None of its methods may throw. */
export interface EdgeOwner extends CellSink {
  /** The other end broke the protocol or a limit: the circuit must go. */
  fail(reason: number, why: string): void
  /** Every message that is not about the flow of open streams. `data` is valid only during the call. */
  message(command: number, streamId: number, data: Buffer, early: boolean): void
}

export interface EdgeOptions {
  readonly side: 'client' | 'relay'
  readonly layer: CryptoLayer
  readonly window: PackageWindow
  /** Whether streams are held back by XON/XOFF (congestion control) or by windows. */
  readonly congestionControl: boolean
  readonly params: CongestionParams
  readonly memory: MemoryBudget
  /** A circuit made by CREATE_FAST may be of an implementation that knows only SENDME version 0. */
  readonly acceptOldSendme?: boolean
}

/** Held data of one stream with congestion control beyond its XOFF limit, in bytes: its sender ignores XOFF. */
const XOFF_OVERRUN = 4 * 1024 * 1024
/** Held data of all streams of a circuit, in bytes. */
const CIRCUIT_HELD_MAX = 32 * 1024 * 1024
/**
 * Our end of the relay messages between us and one other node of a circuit: sealing, streams, windows and SENDMEs (tor-spec 6 and 7). A relay
 * has one for each circuit, a client one for each hop.
 */
export class CircuitEdge implements StreamHost, StreamEdge {
  readonly streams = new Map<number, CircuitStream>()
  readonly window: PackageWindow
  readonly #owner: EdgeOwner
  readonly #o: EdgeOptions
  readonly #halfClosed: HalfClosedStreams | undefined
  readonly #sender: EdgeSender
  #closed = false

  /** DATA cells until we owe a SENDME. */
  #untilSendme: number
  #heldBytes = 0
  #overfull = false
  /** Data of successive cells for one stream, moved together in their own buffer until something else comes. */
  #run: { stream: CircuitStream; bodies: Buffer; start: number; end: number } | undefined
  #pumpDue = false

  constructor(owner: EdgeOwner, options: EdgeOptions) {
    this.#owner = owner
    this.#o = options
    this.window = options.window
    this.#untilSendme = options.window.increment
    this.#halfClosed = options.side === 'client' ? new HalfClosedStreams() : undefined
    this.#sender = new EdgeSender({
      side: options.side,
      sink: owner,
      digest: options.layer.sent,
      window: options.window,
      onEnded: (stream, reason) => {
        this.#forget(stream)
        stream.endPacked(reason)
      },
    })
  }

  // --- sending ---

  send(command: number, streamId: number, data: Uint8Array): void {
    this.#sender.send(command, streamId, data)
  }

  pump(): void {
    this.#sender.pump()
  }

  /** The channel takes cells again. */
  writable(): void {
    this.#sender.writable()
  }

  addStream(id: number): CircuitStream {
    const send = (command: number, data: Buffer) => this.send(command, id, data)
    const flow = this.#o.congestionControl ? new XonXoffStream(this.#o.params, this.#o.side, send) : new WindowedStream(send)
    const stream = new CircuitStream(id, flow, this)
    this.streams.set(id, stream)
    return stream
  }

  wake(stream: CircuitStream): void {
    this.#sender.wake(stream)
  }

  finish(stream: CircuitStream, reason: number): void {
    if (!this.#forget(stream)) return
    this.#sender.sendEnd(stream.id, reason)
  }

  /** False when the stream was not there any more. */
  #forget(stream: CircuitStream): boolean {
    if (!this.streams.delete(stream.id)) return false
    this.#halfClosed?.add(stream.id, stream.flow.late, !stream.open)
    return true
  }

  refuse(stream: CircuitStream, end: End): void {
    if (!this.streams.delete(stream.id)) return
    this.send(RelayCommand.END, stream.id, encodeEnd(end))
    stream.abort(end.reason)
  }

  holding(stream: CircuitStream, bytes: number): void {
    this.#heldBytes += bytes
    this.#o.memory.used += bytes
    if (bytes <= 0 || this.#closed) return
    if (this.#heldBytes > CIRCUIT_HELD_MAX || this.#o.memory.used > this.#o.memory.limit) {
      this.#overfull = true
      this.#owner.fail(DestroyReason.RESOURCELIMIT, 'too much stream data waiting')
    } else if (this.#o.congestionControl) {
      const limit = Math.max(this.#o.params.xoffClient, this.#o.params.xoffExit) * RELAY_DATA_MAX + XOFF_OVERRUN
      if (stream.heldBytes > limit) stream.abort(EndReason.RESOURCELIMIT)
    }
  }

  // --- receiving ---

  /**
   * One recognised cell, checked by the layer's digest; `bodies` is kept by streams. After the last cell of a run call `finishRun`. The caller
   * stops when the circuit has failed meanwhile.
   */
  receive(bodies: Buffer, at: number, early: boolean): void {
    const command = bodies[at]!
    const streamId = bodies.readUInt16BE(at + RELAY_STREAM_AT)
    const length = bodies.readUInt16BE(at + RELAY_LENGTH_AT)
    if (length > RELAY_DATA_MAX) return this.#owner.fail(DestroyReason.PROTOCOL, 'relay cell with too great a length')
    if (command === RelayCommand.DATA) return this.#data(bodies, at + RELAY_DATA_AT, length, streamId)
    this.#deliverRun()
    const data = bodies.subarray(at + RELAY_DATA_AT, at + RELAY_DATA_AT + length)
    try {
      this.#message(command, streamId, data, early)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#owner.fail(DestroyReason.PROTOCOL, `malformed relay message ${command}`)
    }
  }

  finishRun(): void {
    this.#deliverRun()
    if (!this.#pumpDue) return
    this.#pumpDue = false
    this.pump()
  }

  #data(bodies: Buffer, from: number, length: number, streamId: number): void {
    if (--this.#untilSendme === 0) {
      this.#untilSendme = this.window.increment
      this.send(RelayCommand.SENDME, 0, encodeSendme(this.#o.layer.received.tag))
    }
    const run = this.#run
    const stream = run && run.stream.id === streamId ? run.stream : this.streams.get(streamId)
    if (!stream) return this.#late(RelayCommand.DATA, streamId)
    if (this.#o.side === 'client' && !stream.open) return this.#owner.fail(DestroyReason.PROTOCOL, 'data before CONNECTED')
    if (!stream.flow.received(length)) return this.#owner.fail(DestroyReason.PROTOCOL, 'more data than the stream window allows')
    if (run && run.stream === stream && run.bodies === bodies) {
      bodies.copy(bodies, run.end, from, from + length)
      run.end += length
    } else {
      this.#deliverRun()
      this.#run = { stream, bodies, start: from, end: from + length }
    }
  }

  #deliverRun(): void {
    const run = this.#run
    if (!run) return
    this.#run = undefined
    // A stream that was closed meanwhile wants no more.
    if (run.end > run.start && this.streams.get(run.stream.id) === run.stream) run.stream.deliver(run.bodies.subarray(run.start, run.end))
  }

  #message(command: number, streamId: number, data: Buffer, early: boolean): void {
    switch (command) {
      case RelayCommand.SENDME:
        return streamId === 0 ? this.#circuitSendme(data) : this.#streamFlow(command, streamId, stream => stream.flow.sendme(data))
      case RelayCommand.XOFF:
        decodeXoff(data)
        return this.#streamFlow(command, streamId, stream => stream.flow.xoff())
      case RelayCommand.XON: {
        const rate = decodeXon(data)
        return this.#streamFlow(command, streamId, stream => stream.flow.xon(rate))
      }
      case RelayCommand.END:
        return this.#end(streamId, data)
      case RelayCommand.DROP:
        return
      default:
        return this.#owner.message(command, streamId, data, early)
    }
  }

  #circuitSendme(data: Buffer): void {
    const { version, tag } = decodeSendme(data)
    const mayLackProof = this.#o.acceptOldSendme === true || this.#o.params.sendmeAcceptMin === 0
    if (version === 0 && !mayLackProof) return this.#owner.fail(DestroyReason.PROTOCOL, 'SENDME without proof')
    if (!this.#sender.acknowledge(tag)) return this.#owner.fail(DestroyReason.PROTOCOL, 'SENDME for cells that were not sent')
    this.#pumpDue = true
  }

  #streamFlow(command: number, streamId: number, apply: (stream: CircuitStream) => boolean): void {
    const stream = this.streams.get(streamId)
    if (!stream) return this.#late(command, streamId)
    if (!apply(stream)) return this.#owner.fail(DestroyReason.PROTOCOL, `flow control message ${command} out of place`)
    if (stream.queuedBytes > 0) this.wake(stream)
    this.#pumpDue = true
  }

  #end(streamId: number, data: Buffer): void {
    const { reason } = decodeEnd(data)
    const stream = this.streams.get(streamId)
    if (!stream) return this.#late(RelayCommand.END, streamId)
    this.streams.delete(streamId)
    if (!stream.open) this.#owner.message(RelayCommand.END, streamId, data, false)
    stream.endedByPeer(reason)
  }

  /**
   * A message for a stream that we do not have. At a relay it is late news of a stream that we have ended: ignored. At a client it must be
   * that too, or the circuit is being marked.
   */
  #late(command: number, streamId: number): void {
    if (this.#halfClosed && !this.#halfClosed.accept(command, streamId)) {
      this.#owner.fail(DestroyReason.PROTOCOL, `relay message ${command} for a stream that is not open`)
    }
  }

  isLate(command: number, streamId: number): boolean {
    return this.#halfClosed?.accept(command, streamId) ?? true
  }

  forgetLookup(streamId: number): void {
    this.#halfClosed?.add(streamId, 0, true)
  }

  isFree(streamId: number): boolean {
    return !this.streams.has(streamId) && !this.#halfClosed?.has(streamId)
  }

  /** The circuit is gone: streams keep what they have received. */
  close(): void {
    if (this.#closed) return
    this.#deliverRun()
    this.#closed = true
    this.#sender.close()
    const streams = [...this.streams.values()]
    this.streams.clear()
    for (const stream of streams) stream.endedByPeer(EndReason.DESTROY, this.#overfull || !stream.open)
  }
}

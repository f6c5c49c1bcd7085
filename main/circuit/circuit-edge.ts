import { CELL_BODY, DestroyReason, EndReason, RELAY_DATA_MAX, RelayCommand } from '../cell/command.ts'
import { decodeEnd, type End, encodeEnd } from '../cell/end.ts'
import { RELAY_DATA_AT, RELAY_LENGTH_AT, RELAY_STREAM_AT, writeRelayCell } from '../cell/relay-cell.ts'
import { decodeSendme, encodeSendme } from '../cell/sendme.ts'
import { decodeXoff, decodeXon } from '../cell/xon-xoff.ts'
import { CIRCUIT_HIGH_WATER } from '../channel/channel.ts'
import { constantTimeEqual } from '../crypto/digest.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type PackageWindow, WindowedStream } from './flow-control.ts'
import { HalfClosedStreams } from './half-closed.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { CongestionParams } from './params.ts'
import type { CryptoLayer } from './relay-crypto.ts'
import { CircuitStream, type StreamHost } from './stream.ts'
import { XonXoffStream } from './xon-xoff-flow.ts'

/** The circuit around an edge. None of its methods may throw. */
export interface EdgeOwner {
  /** Encrypts and sends `count` sealed bodies; the buffer is the callee's. */
  transmit(bodies: Buffer, count: number): void
  /** Cells of this circuit that wait in the channel towards the other end. */
  queuedCells(): number
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

/** Cells that one stream packs before it is the next stream's turn. */
const QUANTUM = 32
/** Held data of one stream with congestion control beyond its XOFF limit, in bytes: its sender ignores XOFF. */
const XOFF_OVERRUN = 4 * 1024 * 1024
/** Held data of all streams of a circuit, in bytes. */
const CIRCUIT_HELD_MAX = 32 * 1024 * 1024
/** A data cell with at most this much data has 16 random bytes of padding, behind 4 zeros. */
const UNPREDICTABLE_MAX = RELAY_DATA_MAX - 20
/** A channel that cannot take more for this many milliseconds is congested; before, it is only busy in this turn of the event loop. */
const BLOCKED_AFTER_MS = 5

/**
 * Our end of the relay messages between us and one other node of a circuit: sealing, streams, windows and SENDMEs (tor-spec 6 and 7). A relay
 * has one for each circuit, a client one for each hop.
 */
export class CircuitEdge implements StreamHost {
  readonly streams = new Map<number, CircuitStream>()
  readonly window: PackageWindow
  readonly #owner: EdgeOwner
  readonly #o: EdgeOptions
  readonly #halfClosed: HalfClosedStreams | undefined
  #closed = false

  /** Streams with something to send, in the order of their turns. */
  readonly #awake: CircuitStream[] = []
  #pumpScheduled = false
  #retry: NodeJS.Timeout | undefined
  #blockedSince: number | undefined
  readonly #partial = Buffer.allocUnsafeSlow(RELAY_DATA_MAX)
  #cellsUntilRandom = 0
  /** Digests of the cells that the other end has to acknowledge, oldest first. */
  readonly #expected: Buffer[] = []

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
  }

  // --- sending ---

  /** Sends one message in one cell; `data` ≤ 498 bytes. Not for DATA. */
  send(command: number, streamId: number, data: Uint8Array): void {
    if (this.#closed) return
    const body = Buffer.allocUnsafe(CELL_BODY)
    writeRelayCell(body, 0, command, streamId, data)
    this.#o.layer.sent.seal(body, 0)
    this.#owner.transmit(body, 1)
  }

  addStream(id: number): CircuitStream {
    const send = (command: number, data: Buffer) => this.send(command, id, data)
    const flow = this.#o.congestionControl ? new XonXoffStream(this.#o.params, this.#o.side, send) : new WindowedStream(send)
    const stream = new CircuitStream(id, flow, this)
    this.streams.set(id, stream)
    return stream
  }

  wake(stream: CircuitStream): void {
    if (stream.awake || this.#closed) return
    stream.awake = true
    this.#awake.push(stream)
    this.#schedulePump()
  }

  finish(stream: CircuitStream, reason: number): void {
    if (!this.streams.delete(stream.id) || this.#closed) return
    this.#sendEnd(stream, reason)
  }

  /** Ends a stream that was never connected, saying why. */
  refuse(stream: CircuitStream, end: End): void {
    if (!this.streams.delete(stream.id)) return
    this.send(RelayCommand.END, stream.id, encodeEnd(end))
    stream.abort(end.reason)
  }

  #sendEnd(stream: CircuitStream, reason: number): void {
    this.send(RelayCommand.END, stream.id, this.#endBody(reason))
    this.#halfClosed?.add(stream.id, stream.flow.late, !stream.open)
  }

  /** A client says nothing about why (tor-spec 6.3). */
  #endBody(reason: number): Buffer {
    return encodeEnd({ reason: this.#o.side === 'client' ? EndReason.MISC : reason })
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

  /** Data written in one turn of the event loop goes out together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return
    this.#pumpScheduled = true
    setImmediate(this.#runScheduledPump)
  }

  readonly #runScheduledPump = (): void => {
    this.#pumpScheduled = false
    this.pump()
  }

  /** Packs waiting data into cells, as far as windows and the channel's queue allow. */
  pump(): void {
    while (!this.#closed && this.#awake.length > 0) {
      const room = CIRCUIT_HIGH_WATER - this.#owner.queuedCells()
      if (room <= 0) {
        this.#blockedSince ??= performance.now()
        return
      }
      this.#blockedSince = undefined
      const budget = Math.min(room, this.#wanted())
      if (budget === 0 || !this.#packRun(budget)) return this.#scheduleRetry()
    }
  }

  /** The channel takes cells again. */
  writable(): void {
    this.#blockedSince = undefined
    this.pump()
  }

  /** An upper bound of the cells that could go out now. */
  #wanted(): number {
    let data = 0
    let ends = 0
    for (const stream of this.#awake) {
      data += Math.min(Math.ceil(stream.queuedBytes / UNPREDICTABLE_MAX), stream.flow.sendable)
      if (stream.ending !== undefined) ends++
    }
    return Math.min(data, this.window.sendable) + ends
  }

  /** Fills, seals and sends one run of at most `budget` cells; false when no stream could give anything. */
  #packRun(budget: number): boolean {
    const bodies = Buffer.allocUnsafe(budget * CELL_BODY)
    const turns = this.#awake.splice(0)
    let count = 0
    for (const stream of turns) {
      stream.awake = false
      if (stream.closed) continue
      const last = Math.min(budget, count + QUANTUM)
      while (count < last && stream.queuedBytes > 0 && stream.flow.sendable > 0 && this.window.sendable > 0) {
        this.#packData(stream, bodies, count++ * CELL_BODY)
      }
      if (stream.queuedBytes > 0) this.#stayAwake(stream)
      else if (stream.ending !== undefined) {
        if (count < budget) this.#packEnd(stream, stream.ending, bodies, count++ * CELL_BODY)
        else this.#stayAwake(stream)
      }
    }
    if (count === 0) return false
    this.#owner.transmit(count === budget ? bodies : bodies.subarray(0, count * CELL_BODY), count)
    for (const stream of turns) stream.packed()
    return true
  }

  #stayAwake(stream: CircuitStream): void {
    stream.awake = true
    this.#awake.push(stream)
  }

  #packData(stream: CircuitStream, bodies: Buffer, at: number): void {
    let length = Math.min(stream.queuedBytes, RELAY_DATA_MAX)
    // Now and then a cell must hold something that the receiver cannot foresee, or it could acknowledge what it never read (proposal 289).
    if (length > UNPREDICTABLE_MAX && this.#cellsUntilRandom <= 0) length = UNPREDICTABLE_MAX
    if (length <= UNPREDICTABLE_MAX) this.#cellsUntilRandom = Math.ceil((this.window.increment * (1 + Math.random())) / 2)
    this.#cellsUntilRandom--
    if (length === RELAY_DATA_MAX) {
      bodies[at] = RelayCommand.DATA
      bodies.fill(0, at + 1, at + RELAY_LENGTH_AT)
      bodies.writeUInt16BE(stream.id, at + RELAY_STREAM_AT)
      bodies.writeUInt16BE(length, at + RELAY_LENGTH_AT)
      stream.pack(bodies, at + RELAY_DATA_AT, length)
    } else {
      stream.pack(this.#partial, 0, length)
      writeRelayCell(bodies, at, RelayCommand.DATA, stream.id, this.#partial.subarray(0, length))
    }
    stream.flow.sent(length)
    this.#o.layer.sent.seal(bodies, at)
    if (this.window.sent()) this.#expected.push(this.#o.layer.sent.tag)
  }

  #packEnd(stream: CircuitStream, reason: number, bodies: Buffer, at: number): void {
    writeRelayCell(bodies, at, RelayCommand.END, stream.id, this.#endBody(reason))
    this.#o.layer.sent.seal(bodies, at)
    this.streams.delete(stream.id)
    this.#halfClosed?.add(stream.id, stream.flow.late, !stream.open)
    stream.endPacked(reason)
  }

  /** For streams that only their rate holds back. */
  #scheduleRetry(): void {
    let wait = Number.POSITIVE_INFINITY
    for (const stream of this.#awake) if (stream.flow.waitMs > 0) wait = Math.min(wait, stream.flow.waitMs)
    if (this.#retry || wait === Number.POSITIVE_INFINITY) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.pump()
    }, wait)
    this.#retry.unref()
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
    if (!stream.flow.received()) return this.#owner.fail(DestroyReason.PROTOCOL, 'more data than the stream window allows')
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
        return streamId === 0 ? this.#circuitSendme(data) : this.#streamFlow(command, streamId, stream => stream.flow.sendme())
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
    const expected = this.#expected.shift()
    const old = version === 0 && (this.#o.acceptOldSendme === true || this.#o.params.sendmeAcceptMin === 0)
    if (!expected || !(old || (tag && constantTimeEqual(tag, expected)))) {
      return this.#owner.fail(DestroyReason.PROTOCOL, 'SENDME for cells that were not sent')
    }
    const blocked = this.#blockedSince !== undefined && performance.now() - this.#blockedSince > BLOCKED_AFTER_MS
    if (!this.window.acknowledged(blocked)) return this.#owner.fail(DestroyReason.PROTOCOL, 'SENDME beyond the window')
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

  /** For the owner of a client's edge: is a message about a stream that is not open excused by that stream's having just been closed? */
  isLate(command: number, streamId: number): boolean {
    return this.#halfClosed?.accept(command, streamId) ?? true
  }

  /** A lookup was given up: its answer may still come. */
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
    clearTimeout(this.#retry)
    const streams = [...this.streams.values()]
    this.streams.clear()
    this.#awake.length = 0
    for (const stream of streams) stream.endedByPeer(EndReason.DESTROY, this.#overfull || !stream.open)
  }
}

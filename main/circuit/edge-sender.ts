import { CELL_BODY, EndReason, RELAY_DATA_MAX, RelayCommand } from '../cell/command.ts'
import { encodeEnd } from '../cell/end.ts'
import { RELAY_DATA_AT, RELAY_LENGTH_AT, RELAY_STREAM_AT, writeRelayCell } from '../cell/relay-cell.ts'
import { CIRCUIT_HIGH_WATER } from '../channel/channel.ts'
import { constantTimeEqual } from '../crypto/digest.ts'
import type { PackageWindow } from './flow-control.ts'
import type { RelayDigest } from './relay-digest.ts'
import type { CircuitStream } from './stream.ts'
import { StreamTurns } from './stream-turns.ts'

/** Where sealed cells go. */
export interface CellSink {
  /** Encrypts and sends `count` sealed bodies; the buffer is valid only during the call. */
  transmit(bodies: Buffer, count: number): void
  /** Cells of this circuit that wait in the channel towards the other end. */
  queuedCells(): number
}

export interface EdgeSenderOptions {
  readonly side: 'client' | 'relay'
  readonly sink: CellSink
  readonly digest: RelayDigest
  readonly window: PackageWindow
  /** END was packed behind the last byte of the stream. */
  readonly onEnded: (stream: CircuitStream, reason: number) => void
}

/** Cells that one stream packs before it is the next stream's turn. */
const QUANTUM = 32
/** A data cell with at most this much data has 16 random bytes of padding, behind 4 zeros. */
const UNPREDICTABLE_MAX = RELAY_DATA_MAX - 20
/** A channel that cannot take more for this many milliseconds is congested; before, it is only busy in this turn of the event loop. */
const BLOCKED_AFTER_MS = 5

/** Runs are built here, one at a time and never beyond the channel's high water; nobody keeps them. */
const scratch = Buffer.allocUnsafeSlow(CIRCUIT_HIGH_WATER * CELL_BODY)
const partial = Buffer.allocUnsafeSlow(RELAY_DATA_MAX)

/**
 * The sending half of an edge: packs what streams have written into full cells, in turns, many cells at a time, as far as the window and the
 * channel's queue allow; and remembers the digests that SENDMEs have to prove (tor-spec 7.3).
 */
export class EdgeSender {
  readonly #o: EdgeSenderOptions
  readonly #turns = new StreamTurns(() => this.pump())
  readonly #ended: { readonly stream: CircuitStream; readonly reason: number }[] = []
  readonly #packed: CircuitStream[] = []
  #retry: NodeJS.Timeout | undefined
  #blockedSince: number | undefined
  #cellsUntilRandom = 0
  /** Digests of the cells that the other end has to acknowledge, oldest first. */
  readonly #expected: Buffer[] = []
  #closed = false

  constructor(options: EdgeSenderOptions) {
    this.#o = options
  }

  /** Sends one message in one cell; `data` ≤ 498 bytes. Not for DATA. */
  send(command: number, streamId: number, data: Uint8Array): void {
    if (this.#closed) return
    const body = Buffer.allocUnsafe(CELL_BODY)
    writeRelayCell(body, 0, command, streamId, data)
    this.#o.digest.seal(body, 0)
    this.#o.sink.transmit(body, 1)
  }

  /** A client says nothing about why (tor-spec 6.3). */
  sendEnd(streamId: number, reason: number): void {
    this.send(RelayCommand.END, streamId, this.#endBody(reason))
  }

  #endBody(reason: number): Buffer {
    return encodeEnd({ reason: this.#o.side === 'client' ? EndReason.MISC : reason })
  }

  /** The stream has data, or its end, to send. */
  wake(stream: CircuitStream): void {
    this.#turns.wake(stream)
  }

  /** The channel takes cells again. */
  writable(): void {
    this.#blockedSince = undefined
    this.pump()
  }

  /** Packs waiting data into cells, as far as windows and the channel's queue allow. */
  pump(): void {
    while (!this.#closed && this.#turns.length > 0) {
      const room = CIRCUIT_HIGH_WATER - this.#o.sink.queuedCells()
      if (room <= 0) {
        this.#blockedSince ??= performance.now()
        return
      }
      this.#blockedSince = undefined
      const count = this.#packRun(room)
      if (count === 0) return this.#scheduleRetry()
      this.#o.sink.transmit(scratch.subarray(0, count * CELL_BODY), count)
      this.#afterRun()
    }
  }

  /** Fills and seals a run of at most `room` cells: turn after turn, until it is full or no stream can give any more. */
  #packRun(room: number): number {
    let count = 0
    let idle = 0
    while (count < room && idle < this.#turns.length) {
      const stream = this.#turns.next()
      const before = count
      const last = Math.min(room, count + QUANTUM)
      while (count < last && stream.queuedBytes > 0 && stream.flow.sendable > 0 && this.#o.window.sendable > 0) {
        this.#packData(stream, count++ * CELL_BODY)
      }
      if (count > before) this.#packed.push(stream)
      stream.awake = !stream.closed && stream.queuedBytes > 0
      if (!stream.closed && stream.queuedBytes === 0 && stream.ending !== undefined) {
        if (count < room) this.#packEnd(stream, stream.ending, count++ * CELL_BODY)
        else stream.awake = true
      }
      // Counted are only those that stay: one that goes must not end the round for those behind it.
      if (count > before) idle = 0
      else if (stream.awake) idle++
      if (stream.awake) this.#turns.again(stream)
    }
    return count
  }

  #packData(stream: CircuitStream, at: number): void {
    let length = Math.min(stream.queuedBytes, RELAY_DATA_MAX)
    // Now and then a cell must hold something that the receiver cannot foresee, or it could acknowledge what it never read (proposal 289).
    if (length > UNPREDICTABLE_MAX && this.#cellsUntilRandom <= 0) length = UNPREDICTABLE_MAX
    if (length <= UNPREDICTABLE_MAX) this.#cellsUntilRandom = Math.ceil((this.#o.window.increment * (1 + Math.random())) / 2)
    this.#cellsUntilRandom--
    if (length === RELAY_DATA_MAX) {
      scratch[at] = RelayCommand.DATA
      scratch.fill(0, at + 1, at + RELAY_LENGTH_AT)
      scratch.writeUInt16BE(stream.id, at + RELAY_STREAM_AT)
      scratch.writeUInt16BE(length, at + RELAY_LENGTH_AT)
      stream.pack(scratch, at + RELAY_DATA_AT, length)
    } else {
      stream.pack(partial, 0, length)
      writeRelayCell(scratch, at, RelayCommand.DATA, stream.id, partial.subarray(0, length))
    }
    stream.flow.sent(length)
    this.#o.digest.seal(scratch, at)
    if (this.#o.window.sent()) this.#expected.push(this.#o.digest.tag)
  }

  #packEnd(stream: CircuitStream, reason: number, at: number): void {
    writeRelayCell(scratch, at, RelayCommand.END, stream.id, this.#endBody(reason))
    this.#o.digest.seal(scratch, at)
    this.#ended.push({ stream, reason })
  }

  /** What a run has changed is told only now, because those who hear of it may want to send. */
  #afterRun(): void {
    for (const { stream, reason } of this.#ended.splice(0)) this.#o.onEnded(stream, reason)
    for (const stream of this.#packed.splice(0)) stream.packed()
  }

  /** For streams that only their rate holds back. */
  #scheduleRetry(): void {
    let wait = Number.POSITIVE_INFINITY
    for (const stream of this.#turns) if (stream.flow.waitMs > 0) wait = Math.min(wait, stream.flow.waitMs)
    if (this.#retry || wait === Number.POSITIVE_INFINITY) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.pump()
    }, wait)
    this.#retry.unref()
  }

  /** A circuit SENDME; `tag` undefined: of a version without proof. False: it is a lie. */
  acknowledge(tag: Buffer | undefined): boolean {
    const expected = this.#expected.shift()
    if (!expected || (tag && !constantTimeEqual(tag, expected))) return false
    const blocked = this.#blockedSince !== undefined && performance.now() - this.#blockedSince > BLOCKED_AFTER_MS
    return this.#o.window.acknowledged(blocked)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#turns.close()
  }
}

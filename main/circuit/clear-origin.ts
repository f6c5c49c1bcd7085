import { Command, DestroyReason, RelayCommand } from '../cell/command.ts'
import { decodeCreated2, encodeCreate2, HandshakeType } from '../cell/create.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import type { Channel, CircuitEnd } from '../channel/channel.ts'
import { MalformedError } from '../lib/bytes.ts'
import { Listeners } from '../lib/service.ts'
import { ClearEdge, type ClearEdgeOwner } from './clear-edge.ts'
import { CircuitRefused } from './errors.ts'
import type { ResolvedAnswer } from './hop-role.ts'
import { OriginStreams } from './origin-streams.ts'
import type { CircuitStream } from './stream.ts'

/** Bytes that the streams of one circuit may hold for slow readers. */
const HELD_MAX = 64 * 1024 * 1024

/** A clear circuit that we made over a perspective access link on which both ends agreed to them (docs: perspective access, 3). */
export class ClearOriginCircuit implements ClearEdgeOwner {
  readonly channel: Channel
  readonly circId: number
  closed = false
  /** `reason`: the DestroyReason of whoever closed it. */
  readonly onClose = new Listeners<[reason: number]>()
  readonly #end: CircuitEnd
  readonly #edge: ClearEdge
  readonly #streams: OriginStreams
  readonly #created = Promise.withResolvers<void>()

  private constructor(channel: Channel) {
    if (channel.closed) throw new CircuitRefused(DestroyReason.CHANNEL_CLOSED, 'the channel is closed')
    this.channel = channel
    this.circId = channel.allocateCircId()
    this.#edge = new ClearEdge(this, { side: 'client', memory: { used: 0, limit: HELD_MAX } })
    this.#streams = new OriginStreams(this.#edge)
    this.#end = {
      trafficClass: 'pa',
      onCells: () => this.fail(DestroyReason.PROTOCOL, 'onion cells on a clear circuit'),
      onCreated: (command, body) => this.#onCreated(command, body),
      onDestroy: reason => this.#close(reason, true),
      onChannelClosed: () => this.#close(DestroyReason.CHANNEL_CLOSED, true),
      onWritable: () => this.#edge.pump(),
      onBulkCell: (chunk, start, end) => this.#edge.receive(chunk, start, end),
    }
    channel.attach(this.circId, this.#end)
  }

  /** One round trip. Rejects with CircuitRefused, whose reason may be the server's, or with the signal's reason. */
  static async build(channel: Channel, signal: AbortSignal): Promise<ClearOriginCircuit> {
    signal.throwIfAborted()
    const circuit = new ClearOriginCircuit(channel)
    const onAbort = () => circuit.close()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const create = encodeCreate2({ handshakeType: HandshakeType.PA_CLEAR, data: Buffer.alloc(0) })
      channel.send(undefined, encodeFixedCell(circuit.circId, Command.CREATE2, create))
      await circuit.#created.promise
      return circuit
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #onCreated(command: number, body: Buffer): void {
    try {
      if (command !== Command.CREATED2 || decodeCreated2(body).length > 0)
        return this.fail(DestroyReason.PROTOCOL, 'another CREATED than expected')
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return this.fail(DestroyReason.PROTOCOL, 'a malformed CREATED2')
    }
    this.#created.resolve()
  }

  /** Streams and lookups that are open or being opened. */
  get streamCount(): number {
    return this.#streams.count
  }

  /** Resolves at CONNECTED; rejects with StreamRefused or the signal's reason. */
  openStream(target: { host: string; port: number; flags?: number }, options: { signal: AbortSignal }): Promise<CircuitStream> {
    return this.#streams.open(target, options)
  }

  /** A name, an address or an in-addr.arpa name, looked up by the server. */
  resolve(name: string, options: { signal: AbortSignal }): Promise<ResolvedAnswer[]> {
    return this.#streams.resolve(name, options)
  }

  /** Streams end; the server learns no reason. */
  close(): void {
    this.#close(DestroyReason.NONE, false)
  }

  #close(reason: number, peerKnows: boolean): void {
    if (this.closed) return
    this.closed = true
    if (!peerKnows) {
      this.channel.detach(this.circId)
      this.channel.send(undefined, encodeFixedCell(this.circId, Command.DESTROY, Buffer.of(DestroyReason.NONE)))
    }
    this.#created.reject(new CircuitRefused(reason, 'the circuit was closed while it was built'))
    this.#created.promise.catch(() => {})
    this.#streams.close()
    this.#edge.close()
    this.onClose.emit(reason)
  }

  // --- ClearEdgeOwner ---

  transmit(cells: Buffer): void {
    if (!this.closed) this.channel.send(this.#end, cells)
  }

  queuedCells(): number {
    return this.channel.queuedCells(this.#end)
  }

  fail(reason: number, _why: string): void {
    this.#close(reason, false)
  }

  message(command: number, streamId: number, data: Buffer): void {
    switch (command) {
      case RelayCommand.CONNECTED:
      case RelayCommand.RESOLVED:
      case RelayCommand.END:
        if (!this.#streams.message(command, streamId, data)) this.fail(DestroyReason.PROTOCOL, 'an answer that nobody waits for')
        return
      case RelayCommand.BEGIN:
      case RelayCommand.BEGIN_DIR:
      case RelayCommand.RESOLVE:
      case RelayCommand.EXTEND:
      case RelayCommand.EXTEND2:
        this.fail(DestroyReason.PROTOCOL, 'a message that only peers send')
    }
  }
}

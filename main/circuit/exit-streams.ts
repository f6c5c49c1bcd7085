import { decodeBegin, encodeConnected } from '../cell/begin.ts'
import { EndReason, RelayCommand } from '../cell/command.ts'
import { type End, encodeEnd } from '../cell/end.ts'
import { decodeResolve, encodeResolved, type ResolvedAnswer } from '../cell/resolve.ts'
import { MalformedError } from '../lib/bytes.ts'
import { TokenBucket } from '../lib/token-bucket.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import { StreamRefused } from './errors.ts'
import type { ExitConnection, HopRole, ServedCircuit, StreamTarget } from './hop-role.ts'
import { spliceSocket } from './splice.ts'
import type { CircuitStream } from './stream.ts'
import { streamDuplex } from './stream-duplex.ts'
import type { StreamEdge } from './stream-edge.ts'

/** The streams and lookups that one circuit asks of us as its last hop (tor-spec 6.2 to 6.4). */
export class ExitStreams {
  readonly #circuit: ServedCircuit
  readonly #edge: StreamEdge
  readonly #role: HopRole
  readonly #limits: CircuitLimits
  readonly #rate: TokenBucket
  /** Being connected or looked up, by stream id. */
  readonly #pending = new Map<number, AbortController>()

  constructor(options: { circuit: ServedCircuit; edge: StreamEdge; role: HopRole; limits: CircuitLimits }) {
    this.#circuit = options.circuit
    this.#edge = options.edge
    this.#role = options.role
    this.#limits = options.limits
    this.#rate = new TokenBucket(options.limits.streamRate, options.limits.streamBurst, performance.now())
  }

  /** Streams being connected are in the edge's map too; lookups are not. */
  get count(): number {
    let lookups = 0
    for (const id of this.#pending.keys()) if (!this.#edge.streams.has(id)) lookups++
    return this.#edge.streams.size + lookups
  }

  /** BEGIN, BEGIN_DIR, RESOLVE, or the END of a stream that is not connected yet; `streamId` is not 0. */
  message(command: number, streamId: number, data: Buffer): void {
    if (command === RelayCommand.END) {
      this.#pending.get(streamId)?.abort()
      this.#pending.delete(streamId)
      return
    }
    // As C tor: an id in use stays with its stream.
    if (this.#edge.streams.has(streamId) || this.#pending.has(streamId)) return
    const refusal = this.#overLimit()
    if (command === RelayCommand.RESOLVE) this.#resolve(streamId, data, refusal)
    // RESOURCELIMIT would make clients avoid us for everything.
    else if (refusal) this.#refuse(streamId, { reason: EndReason.MISC })
    else if (command === RelayCommand.BEGIN) this.#begin(streamId, data)
    else this.#beginDirectory(streamId)
  }

  #overLimit(): boolean {
    return this.count >= this.#limits.streamsPerCircuit || !this.#rate.take(1, performance.now())
  }

  #refuse(streamId: number, end: End): void {
    this.#edge.send(RelayCommand.END, streamId, encodeEnd(end))
  }

  #begin(streamId: number, data: Buffer): void {
    let target: StreamTarget
    try {
      target = decodeBegin(data)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return this.#refuse(streamId, { reason: EndReason.TORPROTOCOL })
    }
    const stream = this.#edge.addStream(streamId)
    const abort = new AbortController()
    this.#pending.set(streamId, abort)
    const isOurs = () => this.#pending.get(streamId) === abort && this.#pending.delete(streamId)
    this.#role.connect(target, this.#circuit, abort.signal).then(
      connection => {
        if (isOurs()) this.#connected(stream, target, connection)
        else connection.socket.destroy()
      },
      error => {
        if (isOurs()) this.#edge.refuse(stream, endOf(error))
      },
    )
  }

  #connected(stream: CircuitStream, target: StreamTarget, { socket, address, ttl }: ExitConnection): void {
    this.#edge.send(RelayCommand.CONNECTED, stream.id, encodeConnected({ address, ttl }))
    stream.address = address
    stream.ttl = ttl
    stream.opened()
    spliceSocket(stream, socket)
    this.#role.connected?.(stream, target, address, this.#circuit)
  }

  #beginDirectory(streamId: number): void {
    if (!this.#role.directory) return this.#refuse(streamId, { reason: EndReason.NOTDIRECTORY })
    const stream = this.#edge.addStream(streamId)
    this.#edge.send(RelayCommand.CONNECTED, streamId, Buffer.alloc(0))
    stream.opened()
    this.#role.directory(streamDuplex(stream), this.#circuit)
  }

  #resolve(streamId: number, data: Buffer, refusal: boolean): void {
    const failed = (transient: boolean): ResolvedAnswer[] => [{ kind: 'error', transient, ttl: 60 }]
    const answer = (answers: readonly ResolvedAnswer[]) => this.#edge.send(RelayCommand.RESOLVED, streamId, encodeResolved(answers))
    if (refusal) return answer(failed(true))
    const abort = new AbortController()
    let lookup: Promise<readonly ResolvedAnswer[]>
    try {
      lookup = this.#role.resolve(decodeResolve(data), this.#circuit, abort.signal)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      return answer(failed(false))
    }
    this.#pending.set(streamId, abort)
    const isOurs = () => this.#pending.get(streamId) === abort && this.#pending.delete(streamId)
    lookup.then(
      answers => isOurs() && answer(answers.length > 0 ? answers : failed(false)),
      () => isOurs() && answer(failed(true)),
    )
  }

  close(): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const abort of pending) abort.abort()
  }
}

function endOf(error: unknown): End {
  if (error instanceof StreamRefused) return { reason: error.reason, address: error.address, ttl: error.ttl }
  return { reason: EndReason.MISC }
}

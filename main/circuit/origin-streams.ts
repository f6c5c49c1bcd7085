import { decodeConnected, encodeBegin } from '../cell/begin.ts'
import { EndReason, RelayCommand } from '../cell/command.ts'
import { decodeEnd } from '../cell/end.ts'
import { decodeResolved, encodeResolve, type ResolvedAnswer } from '../cell/resolve.ts'
import { randomInt } from '../crypto/random.ts'
import { StreamRefused } from './errors.ts'
import type { CircuitStream } from './stream.ts'
import type { StreamEdge } from './stream-edge.ts'

/** A BEGIN or RESOLVE that waits for its answer. */
interface Pending {
  readonly stream: CircuitStream | undefined
  resolve(answer: readonly ResolvedAnswer[]): void
  reject(error: unknown): void
}

/** The streams and lookups that we ask of one hop (tor-spec 6.2 to 6.4). */
export class OriginStreams {
  readonly #edge: StreamEdge
  readonly #pending = new Map<number, Pending>()
  #nextId = randomInt(1, 0x10000)
  #closed = false

  constructor(edge: StreamEdge) {
    this.#edge = edge
  }

  get count(): number {
    let lookups = 0
    for (const pending of this.#pending.values()) if (!pending.stream) lookups++
    return this.#edge.streams.size + lookups
  }

  async open(
    target: { host: string; port: number; flags?: number },
    options: { signal: AbortSignal; optimistic?: (stream: CircuitStream) => void },
  ): Promise<CircuitStream> {
    const begin = encodeBegin({ host: target.host.toLowerCase(), port: target.port, flags: target.flags ?? 0 })
    return this.#begin(RelayCommand.BEGIN, begin, options)
  }

  async openDirectory(options: { signal: AbortSignal }): Promise<CircuitStream> {
    return this.#begin(RelayCommand.BEGIN_DIR, Buffer.alloc(0), options)
  }

  async #begin(
    command: number,
    data: Buffer,
    { signal, optimistic }: { signal: AbortSignal; optimistic?: (stream: CircuitStream) => void },
  ): Promise<CircuitStream> {
    const id = this.#allocate(signal)
    const stream = this.#edge.addStream(id)
    const connected = this.#wait(id, stream, signal, () => stream.abort())
    this.#edge.send(command, id, data)
    optimistic?.(stream)
    await connected
    return stream
  }

  async resolve(name: string, { signal }: { signal: AbortSignal }): Promise<ResolvedAnswer[]> {
    const id = this.#allocate(signal)
    const answer = this.#wait(id, undefined, signal, () => this.#edge.forgetLookup(id))
    this.#edge.send(RelayCommand.RESOLVE, id, encodeResolve(name.toLowerCase()))
    return [...(await answer)]
  }

  #allocate(signal: AbortSignal): number {
    signal.throwIfAborted()
    if (this.#closed) throw new StreamRefused(EndReason.DESTROY, 'the circuit is closed')
    for (let tries = 0; tries < 0xffff; tries++) {
      const id = this.#nextId
      this.#nextId = id === 0xffff ? 1 : id + 1
      if (this.#edge.isFree(id) && !this.#pending.has(id)) return id
    }
    throw new StreamRefused(EndReason.RESOURCELIMIT, 'the circuit has no free stream id')
  }

  #wait(id: number, stream: CircuitStream | undefined, signal: AbortSignal, giveUp: () => void): Promise<readonly ResolvedAnswer[]> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#pending.delete(id)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = () => {
        settle()
        giveUp()
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#pending.set(id, {
        stream,
        resolve(answer) {
          settle()
          resolve(answer)
        },
        reject(error) {
          settle()
          reject(error)
        },
      })
    })
  }

  /** CONNECTED, RESOLVED, or the END of a stream that is not connected yet. False: the hop had no right to send it. Throws MalformedError. */
  message(command: number, streamId: number, data: Buffer): boolean {
    const pending = this.#pending.get(streamId)
    if (command === RelayCommand.END) {
      const { reason, address, ttl } = decodeEnd(data)
      pending?.reject(new StreamRefused(reason, 'the exit did not open the stream', address, ttl))
      return true
    }
    if (!pending || (command === RelayCommand.CONNECTED) !== (pending.stream !== undefined)) return this.#edge.isLate(command, streamId)
    if (!pending.stream) {
      pending.resolve(decodeResolved(data))
      return true
    }
    const { address, ttl } = decodeConnected(data)
    pending.stream.address = address
    pending.stream.ttl = address === undefined ? undefined : ttl
    pending.stream.opened()
    pending.resolve([])
    return true
  }

  close(): void {
    this.#closed = true
    for (const pending of [...this.#pending.values()]) pending.reject(new StreamRefused(EndReason.DESTROY, 'the circuit was closed'))
  }
}

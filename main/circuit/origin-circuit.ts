import { CELL_BODY, Command, DestroyReason, RelayCommand } from '../cell/command.ts'
import { decodeCreated2, encodeCreate2 } from '../cell/create.ts'
import { decodeExtended2, encodeExtend2 } from '../cell/extend.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import type { Channel, CircuitEnd } from '../channel/channel.ts'
import { createFastClient } from '../crypto/fast.ts'
import { randomInt } from '../crypto/random.ts'
import { MalformedError } from '../lib/bytes.ts'
import { Listeners } from '../lib/service.ts'
import { gatherBodies, scatterBodies } from './cell-run.ts'
import type { CircuitHop } from './circuit-hop.ts'
import { type HopAgreement, startHandshake } from './client-handshake.ts'
import { CircuitRefused } from './errors.ts'
import type { ResolvedAnswer } from './hop-role.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { type HopHost, OriginHop } from './origin-hop.ts'
import { OriginStreams } from './origin-streams.ts'
import type { CongestionParams } from './params.ts'
import type { CircuitStream } from './stream.ts'

export interface OriginCircuitOptions {
  readonly channel: Channel
  readonly hops: readonly CircuitHop[]
  readonly signal: AbortSignal
  readonly params: CongestionParams
  readonly trafficClass?: 'or' | 'pa'
}

/** The answer to CREATE or EXTEND2 that the circuit waits for. */
interface Awaited {
  /** The hop that must send it; -1: CREATED, from the channel. */
  readonly from: number
  finish(reply: Buffer): HopAgreement
  resolve(): void
  reject(error: Error): void
}

/** Cells that may go out as RELAY_EARLY; C tor uses 7 or 8 of the 8 that relays allow (tor-spec 5.6). */
const RELAY_EARLY_MAX = 8
/** Bytes that the streams of one circuit may hold for slow readers. */
const HELD_MAX = 64 * 1024 * 1024
const FORWARD_ONLY: ReadonlySet<number> = new Set([
  RelayCommand.BEGIN,
  RelayCommand.BEGIN_DIR,
  RelayCommand.RESOLVE,
  RelayCommand.EXTEND,
  RelayCommand.EXTEND2,
  RelayCommand.TRUNCATE,
])

/** A circuit that we built, one to several hops. Streams end at its last hop. */
export class OriginCircuit implements HopHost {
  readonly hops: readonly CircuitHop[]
  readonly channel: Channel
  closed = false
  /** `reason`: the DestroyReason of whoever closed it. */
  readonly onClose = new Listeners<[reason: number]>()

  readonly #o: OriginCircuitOptions
  readonly #circId: number
  readonly #end: CircuitEnd
  readonly #built: OriginHop[] = []
  readonly #memory: MemoryBudget = { used: 0, limit: HELD_MAX }
  #streams: OriginStreams | undefined
  #awaited: Awaited | undefined
  #earlyLeft = RELAY_EARLY_MAX - randomInt(0, 2)

  private constructor(options: OriginCircuitOptions) {
    this.#o = options
    this.hops = options.hops
    this.channel = options.channel
    if (this.channel.closed) throw new CircuitRefused(DestroyReason.CHANNEL_CLOSED, 'the channel is closed')
    this.#circId = this.channel.allocateCircId()
    this.#end = {
      trafficClass: options.trafficClass ?? 'or',
      onCells: (chunk, offsets, count) => this.#receive(chunk, offsets, count),
      onCreated: (command, body) => this.#created(command, body),
      onDestroy: reason => this.#close(reason, true),
      onChannelClosed: () => this.#close(DestroyReason.CHANNEL_CLOSED, true),
      onWritable: () => {
        for (const hop of this.#built) hop.edge.writable()
      },
    }
    this.channel.attach(this.#circId, this.#end)
  }

  /** Builds hop after hop. Rejects with CircuitRefused, whose reason may be a relay's, or with the signal's reason. */
  static async build(options: OriginCircuitOptions): Promise<OriginCircuit> {
    const { signal, hops } = options
    signal.throwIfAborted()
    if (hops.length === 0) throw new CircuitRefused(DestroyReason.INTERNAL, 'a circuit needs a hop')
    const circuit = new OriginCircuit(options)
    const onAbort = () => circuit.close()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (const hop of hops) await circuit.#addHop(hop)
      signal.throwIfAborted()
      circuit.#streams = new OriginStreams(circuit.#built.at(-1)!.edge)
      return circuit
    } catch (error) {
      circuit.close()
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Streams and lookups that are open or being opened. */
  get streamCount(): number {
    return this.#streams?.count ?? 0
  }

  /** Resolves at CONNECTED; rejects with StreamRefused or the signal's reason. `optimistic` may write before the answer is here. */
  async openStream(
    target: { host: string; port: number; flags?: number },
    options: { signal: AbortSignal; optimistic?: (stream: CircuitStream) => void },
  ): Promise<CircuitStream> {
    return this.#streams!.open(target, options)
  }

  /** A stream to the directory server of the last hop. */
  async openDirectory(options: { signal: AbortSignal }): Promise<CircuitStream> {
    return this.#streams!.openDirectory(options)
  }

  /** A name, an address or an in-addr.arpa name, looked up by the last hop. */
  async resolve(name: string, options: { signal: AbortSignal }): Promise<ResolvedAnswer[]> {
    return this.#streams!.resolve(name, options)
  }

  /** Streams end; the relays learn no reason (tor-spec 5.4), `reason` is for `onClose`. */
  close(reason: number = DestroyReason.NONE): void {
    this.#close(reason, false)
  }

  #close(reason: number, peerKnows: boolean): void {
    if (this.closed) return
    this.closed = true
    if (!peerKnows) {
      this.channel.detach(this.#circId)
      this.channel.send(undefined, encodeFixedCell(this.#circId, Command.DESTROY, Buffer.of(DestroyReason.NONE)))
    }
    this.#awaited?.reject(new CircuitRefused(reason, 'the circuit was closed while it was built'))
    this.#awaited = undefined
    this.#streams?.close()
    for (const hop of this.#built) hop.edge.close()
    this.onClose.emit(reason)
  }

  // --- building ---

  #addHop(hop: CircuitHop): Promise<void> {
    const from = this.#built.length - 1
    return new Promise((resolve, reject) => {
      if (this.closed) throw new CircuitRefused(DestroyReason.CHANNEL_CLOSED, 'the circuit was closed while it was built')
      const { ntorKey } = hop
      if (ntorKey === undefined) {
        if (from >= 0) throw new CircuitRefused(DestroyReason.INTERNAL, 'only a first hop can do without an onion key')
        const fast = createFastClient()
        this.#awaited = { from, resolve, reject, finish: reply => ({ keys: fast.finish(reply), sendmeIncrement: undefined }) }
        this.channel.send(undefined, encodeFixedCell(this.#circId, Command.CREATE_FAST, fast.onionskin))
        return
      }
      const handshake = startHandshake({ ...hop, ntorKey }, this.#o.params)
      this.#awaited = { from, resolve, reject, finish: reply => handshake.finish(reply) }
      const request = { handshakeType: handshake.type, data: handshake.onionskin }
      if (from < 0) this.channel.send(undefined, encodeFixedCell(this.#circId, Command.CREATE2, encodeCreate2(request)))
      else this.#built[from]!.edge.send(RelayCommand.EXTEND2, 0, encodeExtend2({ target: hop, ...request }))
    })
  }

  #created(command: number, body: Buffer): void {
    const fast = this.hops[0]!.ntorKey === undefined
    if (command !== (fast ? Command.CREATED_FAST : Command.CREATED2))
      return this.fail(DestroyReason.PROTOCOL, 'another CREATED than expected')
    this.#finishHop(-1, () => (fast ? body.subarray(0, 40) : decodeCreated2(body)))
  }

  #finishHop(from: number, reply: () => Buffer): void {
    const awaited = this.#awaited
    if (awaited?.from !== from) return this.fail(DestroyReason.PROTOCOL, 'a CREATED or EXTENDED2 that nobody waits for')
    try {
      const index = this.#built.length
      const { params } = this.#o
      const path = this.hops.length >= 3 ? 'exit' : 'sbws'
      this.#built.push(new OriginHop(this, { index, agreement: awaited.finish(reply()), params, path, memory: this.#memory }))
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof CircuitRefused)) throw error
      return this.fail(DestroyReason.PROTOCOL, 'a handshake failed')
    }
    this.#awaited = undefined
    awaited.resolve()
  }

  // --- cells ---

  #receive(chunk: Buffer, offsets: readonly number[], count: number): void {
    if (this.closed) return
    for (let i = 0; i < count; i++) {
      if (chunk[offsets[i]! + 4] !== Command.RELAY) return this.fail(DestroyReason.PROTOCOL, 'RELAY_EARLY towards the client')
    }
    const depth = this.#built.length
    let bodies = gatherBodies(chunk, offsets, count)
    for (let h = 0; h < depth && bodies.length > 0; h++) {
      const hop = this.#built[h]!
      const left = this.#take(hop, hop.layer.decrypt(bodies), h === depth - 1)
      if (!left) return
      bodies = left
    }
    if (bodies.length > 0) this.fail(DestroyReason.PROTOCOL, 'a relay cell of no hop')
  }

  /** Hands `hop` its cells of a run and gives those of hops farther on; undefined when the circuit was closed. */
  #take(hop: OriginHop, bodies: Buffer, isLast: boolean): Buffer | undefined {
    const digest = hop.layer.received
    let others: Buffer[] | undefined
    let ours = 0
    for (let at = 0; at < bodies.length; at += CELL_BODY) {
      const plain = bodies[at + 1] === 0 && bodies[at + 2] === 0
      if (plain && (isLast ? digest.check(bodies, at) : digest.probe(bodies, at))) {
        // The first of ours: what came before was not. Streams keep `bodies`, so the others must be copied.
        if (ours++ === 0) others = at > 0 ? [Buffer.from(bodies.subarray(0, at))] : []
        hop.edge.receive(bodies, at, false)
        if (this.closed) return undefined
      } else if (isLast) {
        this.fail(DestroyReason.PROTOCOL, 'a relay cell of no hop')
        return undefined
      } else others?.push(Buffer.from(bodies.subarray(at, at + CELL_BODY)))
    }
    if (ours > 0) hop.edge.finishRun()
    if (this.closed) return undefined
    return others ? Buffer.concat(others) : bodies
  }

  // --- HopHost ---

  transmit(hop: number, bodies: Buffer, count: number): void {
    if (this.closed) return
    for (let i = hop; i >= 0; i--) bodies = this.#built[i]!.layer.encrypt(bodies)
    // Also while building, when the last hop so far is asked to extend.
    const early = hop > 0 || this.#awaited !== undefined ? Math.min(this.#earlyLeft, count) : 0
    this.#earlyLeft -= early
    this.channel.send(this.#end, scatterBodies(bodies, count, this.#circId, early))
  }

  queuedCells(): number {
    return this.channel.queuedCells(this.#end)
  }

  fail(reason: number, _why: string): void {
    this.close(reason)
  }

  /** The client's part of tor-spec 6: what a relay may not send closes the circuit, what we do not know is ignored. */
  message(hop: OriginHop, command: number, streamId: number, data: Buffer): void {
    switch (command) {
      case RelayCommand.EXTENDED2:
        if (streamId !== 0) return this.fail(DestroyReason.PROTOCOL, 'EXTENDED2 on a stream')
        return this.#finishHop(hop.index, () => decodeExtended2(data))
      case RelayCommand.TRUNCATED:
        return this.close(data[0] ?? DestroyReason.NONE)
      case RelayCommand.CONNECTED:
      case RelayCommand.RESOLVED:
      case RelayCommand.END: {
        const streams = hop.index === this.hops.length - 1 ? this.#streams : undefined
        if (!streams?.message(command, streamId, data)) this.fail(DestroyReason.PROTOCOL, 'an answer that nobody waits for')
        return
      }
      default:
        if (FORWARD_ONLY.has(command)) this.fail(DestroyReason.PROTOCOL, 'a message that only clients send')
    }
  }
}

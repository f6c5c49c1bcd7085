import { Command, DestroyReason } from '../cell/command.ts'
import { decodeCreate2, encodeCreated2, HandshakeType } from '../cell/create.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import type { Channel, CircuitEnd } from '../channel/channel.ts'
import { MalformedError } from '../lib/bytes.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import { type CircuitLimits, DEFAULT_CIRCUIT_LIMITS } from './circuit-limits.ts'
import { ClearCircuit } from './clear-circuit.ts'
import { CircuitRefused } from './errors.ts'
import type { HopRole, OnionKeys, ServedCircuit } from './hop-role.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { answerOnionskin } from './onionskin.ts'
import { OrCircuit } from './or-circuit.ts'
import type { CongestionParams } from './params.ts'

export { type CircuitLimits, DEFAULT_CIRCUIT_LIMITS } from './circuit-limits.ts'
export type { OnionKeys } from './hop-role.ts'

export interface CircuitServerOptions {
  keys(): OnionKeys
  readonly role: HopRole
  params(): CongestionParams
  readonly limits?: Partial<CircuitLimits>
  /** What the authorities want done about streams, for circuits made from now on; instead of what `limits` says. */
  streamLimits?(): Pick<CircuitLimits, 'streamRate' | 'streamBurst'> | undefined
  readonly log?: ScopedLog
  /** A DestroyReason to refuse a new circuit with (hibernating, DoS defence), else undefined. */
  admit?(channel: Channel): number | undefined
  /** Clear circuits are granted too: only on links where both ends agreed to them. */
  readonly clear?: boolean
  onCircuit?(circuit: ServedCircuit): void
}

/** An onionskin that waits for its turn; the circuit id is taken meanwhile, so that the peer can change its mind. */
interface Waiting {
  readonly channel: Channel
  readonly circId: number
  readonly command: number
  readonly body: Buffer
  cancelled: boolean
}

/** Answers CREATE_FAST and CREATE2 and owns the circuits that come of it. */
export class CircuitServer {
  readonly #circuits = new Set<ServedCircuit>()
  readonly #o: CircuitServerOptions
  readonly #limits: CircuitLimits
  readonly #memory: MemoryBudget
  readonly #log: ScopedLog
  readonly #queue: Waiting[] = []
  readonly #waitingOf = new Map<Channel, number>()
  readonly #circuitsOf = new Map<Channel, number>()
  #scheduled = false
  #served = 0

  constructor(options: CircuitServerOptions) {
    this.#o = options
    this.#limits = { ...DEFAULT_CIRCUIT_LIMITS, ...options.limits }
    this.#memory = { used: 0, limit: this.#limits.heldBytes }
    this.#log = options.log ?? silentLog
  }

  get circuits(): ReadonlySet<ServedCircuit> {
    return this.#circuits
  }

  /** How many circuits there have been since the start, those that are open now among them. */
  get served(): number {
    return this.#served
  }

  /** For ChannelHandler.onCreate: `circId` is free and of the peer's half. */
  handleCreate(channel: Channel, circId: number, command: number, body: Buffer): void {
    const refusal = this.#o.admit?.(channel) ?? this.#overLimit(channel)
    if (refusal !== undefined) return this.#destroy(channel, circId, refusal)
    // Without public key operations there is nothing to wait for.
    if (command !== Command.CREATE2) return this.#answer(channel, circId, command, body)
    const waiting = this.#waitingOf.get(channel) ?? 0
    if (this.#queue.length >= this.#limits.onionskinQueue || waiting >= this.#limits.onionskinsPerChannel) {
      return this.#destroy(channel, circId, DestroyReason.RESOURCELIMIT)
    }
    const entry: Waiting = { channel, circId, command, body, cancelled: false }
    channel.attach(circId, this.#placeholder(entry))
    this.#waitingOf.set(channel, waiting + 1)
    this.#queue.push(entry)
    this.#schedule()
  }

  /** For ChannelHandler.onClose. The channel itself tells its circuits. */
  handleChannelClosed(channel: Channel): void {
    for (const entry of this.#queue) if (entry.channel === channel) entry.cancelled = true
  }

  closeAll(reason: number): void {
    for (const entry of this.#queue) {
      if (entry.cancelled) continue
      entry.cancelled = true
      entry.channel.detach(entry.circId)
      this.#destroy(entry.channel, entry.circId, reason)
    }
    for (const circuit of [...this.#circuits]) circuit.close(reason)
  }

  #overLimit(channel: Channel): number | undefined {
    const { circuits, circuitsPerChannel, circuitsPerClient } = this.#limits
    const perChannel = channel.peer ? circuitsPerChannel : circuitsPerClient
    const ofChannel = (this.#circuitsOf.get(channel) ?? 0) + (this.#waitingOf.get(channel) ?? 0)
    const full = this.#circuits.size + this.#queue.length >= circuits || ofChannel >= perChannel
    return full ? DestroyReason.RESOURCELIMIT : undefined
  }

  #destroy(channel: Channel, circId: number, reason: number): void {
    channel.send(undefined, encodeFixedCell(circId, Command.DESTROY, Buffer.of(reason)))
  }

  #placeholder(entry: Waiting): CircuitEnd {
    const cancel = () => {
      entry.cancelled = true
    }
    const violated = () => {
      cancel()
      entry.channel.detach(entry.circId)
      this.#destroy(entry.channel, entry.circId, DestroyReason.PROTOCOL)
    }
    return { trafficClass: this.#o.role.trafficClass, onCells: violated, onCreated: violated, onDestroy: cancel, onChannelClosed: cancel }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#work)
  }

  /** As many onionskins as fit into a slice; the rest waits until the network had its turn. */
  readonly #work = (): void => {
    this.#scheduled = false
    const until = performance.now() + this.#limits.onionskinSliceMs
    let done = 0
    do {
      const entry = this.#queue[done]
      if (!entry) break
      done++
      const left = this.#waitingOf.get(entry.channel)! - 1
      if (left > 0) this.#waitingOf.set(entry.channel, left)
      else this.#waitingOf.delete(entry.channel)
      if (entry.cancelled) continue
      entry.channel.detach(entry.circId)
      this.#answer(entry.channel, entry.circId, entry.command, entry.body)
    } while (performance.now() < until)
    this.#queue.splice(0, done)
    if (this.#queue.length > 0) this.#schedule()
  }

  #answer(channel: Channel, circId: number, command: number, body: Buffer): void {
    try {
      if (this.#o.clear && isClearRequest(command, body)) return this.#answerClear(channel, circId)
      const onionKeys = this.#o.keys()
      const params = this.#o.params()
      const answer = answerOnionskin(command, body, onionKeys, params)
      const circuit = new OrCircuit({
        channel,
        circId,
        keys: answer.keys,
        sendmeIncrement: answer.sendmeIncrement,
        createdFast: command === Command.CREATE_FAST,
        onionKeys,
        role: this.#o.role,
        params,
        limits: { ...this.#limits, ...this.#o.streamLimits?.() },
        memory: this.#memory,
        log: this.#log,
      })
      this.#adopt(circuit)
      channel.send(undefined, encodeFixedCell(circId, answer.command, answer.body))
      this.#o.onCircuit?.(circuit)
    } catch (error) {
      if (!(error instanceof CircuitRefused || error instanceof MalformedError)) throw error
      this.#destroy(channel, circId, error instanceof CircuitRefused ? error.reason : DestroyReason.PROTOCOL)
    }
  }

  #answerClear(channel: Channel, circId: number): void {
    const circuit = new ClearCircuit({
      channel,
      circId,
      role: this.#o.role,
      limits: this.#limits,
      memory: this.#memory,
      log: this.#log,
    })
    this.#adopt(circuit)
    channel.send(undefined, encodeFixedCell(circId, Command.CREATED2, encodeCreated2(Buffer.alloc(0))))
    this.#o.onCircuit?.(circuit)
  }

  #adopt(circuit: ServedCircuit): void {
    const { channel } = circuit
    this.#circuits.add(circuit)
    this.#served++
    this.#circuitsOf.set(channel, (this.#circuitsOf.get(channel) ?? 0) + 1)
    circuit.onClose.add(() => {
      this.#circuits.delete(circuit)
      const left = this.#circuitsOf.get(channel)! - 1
      if (left > 0) this.#circuitsOf.set(channel, left)
      else this.#circuitsOf.delete(channel)
    })
  }
}

/** Throws MalformedError. */
function isClearRequest(command: number, body: Buffer): boolean {
  return command === Command.CREATE2 && decodeCreate2(body).handshakeType === HandshakeType.PA_CLEAR
}

import { CELL_BODY, CELL_LENGTH, Command, DestroyReason, RelayCommand } from '../cell/command.ts'
import { decodeCreated2, encodeCreate2 } from '../cell/create.ts'
import { encodeExtended2 } from '../cell/extend.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import { decodeCircuitPaddingNegotiate, encodeCircuitPaddingNegotiated } from '../cell/padding.ts'
import type { Channel, CircuitEnd } from '../channel/channel.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import { gatherBodies, scatterBodies } from './cell-run.ts'
import { CircuitEdge, type EdgeOwner } from './circuit-edge.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import { VegasWindow } from './congestion-control.ts'
import { CircuitRefused } from './errors.ts'
import { ExitStreams } from './exit-streams.ts'
import { CREATED_DATA_MAX, checkedExtend } from './extend-rules.ts'
import { FixedWindow } from './flow-control.ts'
import type { HopRole, OnionKeys, ServedCircuit } from './hop-role.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { CongestionParams } from './params.ts'
import { CryptoLayer, TOR1_KEY_LENGTH } from './relay-crypto.ts'

/** RELAY_EARLY cells that a circuit may send outwards; tor-spec 5.6. */
const RELAY_EARLY_MAX = 8

export interface OrCircuitOptions {
  readonly channel: Channel
  readonly circId: number
  /** HOP_KEY_LENGTH bytes. */
  readonly keys: Buffer
  readonly sendmeIncrement: number | undefined
  readonly createdFast: boolean
  readonly onionKeys: OnionKeys
  readonly role: HopRole
  readonly params: CongestionParams
  readonly limits: CircuitLimits
  readonly memory: MemoryBudget
  readonly log: ScopedLog
}

/** What is behind us on the circuit. */
type Next =
  | { readonly kind: 'none' }
  | { readonly kind: 'dialling'; readonly abort: AbortController }
  | { readonly kind: 'creating' | 'open'; readonly channel: Channel; readonly circId: number; readonly end: CircuitEnd }
  | { readonly kind: 'joined'; readonly other: OrCircuit }

/** A circuit through us, made by someone else: we are its middle or its last hop (tor-spec 5 and 6). */
export class OrCircuit implements ServedCircuit, EdgeOwner {
  readonly channel: Channel
  readonly circId: number
  readonly openedAt = Date.now()
  readonly createdFast: boolean
  closed = false
  readonly onClose = new Listeners<[circuit: ServedCircuit, reason: number]>()

  /** Without the keys, which are not to be kept. */
  readonly #o: Omit<OrCircuitOptions, 'keys'>
  readonly #layer: CryptoLayer
  readonly #edge: CircuitEdge
  /** As text, because a slice of the key material would keep all of that (and its neighbours in Node's buffer pool) in memory. */
  readonly #nonce: string
  #streams: ExitStreams | undefined
  readonly #previous: CircuitEnd
  #next: Next = { kind: 'none' }
  #earlyCells = 0

  constructor(options: OrCircuitOptions) {
    const { keys, ...others } = options
    const { params, sendmeIncrement } = others
    this.#o = others
    this.channel = options.channel
    this.circId = options.circId
    this.createdFast = options.createdFast
    this.#nonce = keys.toString('latin1', TOR1_KEY_LENGTH)
    this.#layer = CryptoLayer.tor1(keys, 'relay')
    this.#edge = new CircuitEdge(this, {
      side: 'relay',
      layer: this.#layer,
      window: sendmeIncrement === undefined ? new FixedWindow(params.circuitWindow) : new VegasWindow(params, 'exit', sendmeIncrement),
      congestionControl: sendmeIncrement !== undefined,
      params,
      memory: options.memory,
      acceptOldSendme: options.createdFast,
    })
    this.#previous = {
      trafficClass: options.role.trafficClass,
      onCells: (chunk, offsets, count) => this.#forward(chunk, offsets, count),
      onCreated: () => this.close(DestroyReason.PROTOCOL),
      onDestroy: () => this.#close(DestroyReason.DESTROYED, 'previous'),
      onChannelClosed: () => this.#close(DestroyReason.CHANNEL_CLOSED, 'previous'),
      onWritable: () => this.#edge.writable(),
    }
    this.channel.attach(this.circId, this.#previous)
  }

  /** The channel to the next hop, when there is one. */
  get nextChannel(): Channel | undefined {
    return this.#next.kind === 'open' || this.#next.kind === 'creating' ? this.#next.channel : undefined
  }

  /** 20 bytes that only the client shares: the key of ESTABLISH_INTRO's MAC (rend-spec-v3 3.1.1). */
  get rendezvousNonce(): Buffer {
    return Buffer.from(this.#nonce, 'latin1')
  }

  get streamCount(): number {
    return this.#streams?.count ?? 0
  }

  /** Sends one circuit-level message (stream id 0) to the client; `data` ≤ 498 bytes. */
  send(command: number, data: Buffer): void {
    this.#edge.send(command, 0, data)
  }

  /** Joins two circuits that end here (rend-spec-v3 4.3): what one end does not recognise goes to the other. */
  joinTo(other: OrCircuit): void {
    if (other === this || this.#next.kind !== 'none' || other.#next.kind !== 'none') throw new Error('only two ends can be joined')
    this.#next = { kind: 'joined', other }
    other.#next = { kind: 'joined', other: this }
  }

  close(reason: number): void {
    this.#close(reason, undefined)
  }

  /** `gone`: the side that knows already, because it said so. */
  #close(reason: number, gone: 'previous' | 'next' | undefined): void {
    if (this.closed) return
    this.closed = true
    if (gone !== 'previous') {
      this.channel.detach(this.circId)
      this.channel.send(undefined, encodeFixedCell(this.circId, Command.DESTROY, Buffer.of(reason)))
    }
    this.#dropNext(gone === 'next')
    this.#streams?.close()
    this.#edge.close()
    this.onClose.emit(this, reason)
  }

  /** The reason goes no farther than one hop (tor-spec 5.4). */
  #dropNext(gone: boolean): void {
    const next = this.#next
    this.#next = { kind: 'none' }
    switch (next.kind) {
      case 'none':
        return
      case 'dialling':
        return next.abort.abort()
      case 'joined':
        return next.other.close(DestroyReason.DESTROYED)
      case 'creating':
      case 'open':
        if (gone) return
        next.channel.detach(next.circId)
        next.channel.send(undefined, encodeFixedCell(next.circId, Command.DESTROY, Buffer.of(DestroyReason.DESTROYED)))
        return
      default:
        next satisfies never
    }
  }

  // --- cells ---

  #forward(chunk: Buffer, offsets: readonly number[], count: number): void {
    if (this.closed) return
    const bodies = this.#layer.decrypt(gatherBodies(chunk, offsets, count))
    const digest = this.#layer.received
    let out: Buffer | undefined
    let passed = 0
    let ours = false
    for (let i = 0, at = 0; i < count; i++, at += CELL_BODY) {
      const command = chunk[offsets[i]! + 4]!
      const early = command === Command.RELAY_EARLY
      if (early && ++this.#earlyCells > RELAY_EARLY_MAX) return this.fail(DestroyReason.PROTOCOL, 'too many RELAY_EARLY cells')
      const passes = this.#next.kind === 'open' || this.#next.kind === 'joined'
      // The digest is looked at only where `recognized` is zero, and it is undone only where the cell may belong to a hop behind us.
      if (bodies[at + 1] === 0 && bodies[at + 2] === 0 && (passes ? digest.probe(bodies, at) : digest.check(bodies, at))) {
        ours = true
        this.#edge.receive(bodies, at, early)
        if (this.closed) return
      } else if (passes) {
        out ??= Buffer.allocUnsafe((count - i) * CELL_LENGTH)
        out[passed * CELL_LENGTH + 4] = command
        bodies.copy(out, passed * CELL_LENGTH + 5, at, at + CELL_BODY)
        passed++
      } else return this.fail(DestroyReason.PROTOCOL, 'a relay cell that is for nobody')
    }
    if (out && passed > 0) this.#pass(out, passed)
    if (ours && !this.closed) this.#edge.finishRun()
  }

  /** Cells without circuit ids, for what is behind us. */
  #pass(cells: Buffer, count: number): void {
    const next = this.#next
    const length = count * CELL_LENGTH
    if (next.kind === 'open') {
      for (let at = 0; at < length; at += CELL_LENGTH) cells.writeUInt32BE(next.circId, at)
      next.channel.send(next.end, length === cells.length ? cells : cells.subarray(0, length))
    } else if (next.kind === 'joined') {
      const offsets = Array.from({ length: count }, (_, i) => i * CELL_LENGTH)
      next.other.#backward(cells, offsets, count)
    }
  }

  #backward(chunk: Buffer, offsets: readonly number[], count: number): void {
    if (this.closed) return
    const bodies = this.#layer.encrypt(gatherBodies(chunk, offsets, count))
    this.channel.send(this.#previous, scatterBodies(bodies, count, this.circId, 0))
  }

  #fromNext(chunk: Buffer, offsets: readonly number[], count: number): void {
    for (let i = 0; i < count; i++) {
      if (chunk[offsets[i]! + 4] === Command.RELAY_EARLY) return this.fail(DestroyReason.PROTOCOL, 'RELAY_EARLY towards the client')
    }
    if (this.#next.kind === 'open') this.#backward(chunk, offsets, count)
  }

  // --- EdgeOwner ---

  transmit(bodies: Buffer, count: number): void {
    if (this.closed) return
    this.channel.send(this.#previous, scatterBodies(this.#layer.encrypt(bodies), count, this.circId, 0))
  }

  queuedCells(): number {
    return this.channel.queuedCells(this.#previous)
  }

  fail(reason: number, why: string): void {
    if (this.closed) return
    this.#o.log.debug(`circuit closed: ${why}`)
    this.close(reason)
  }

  /**
   * The relay's part of tor-spec 6. Messages that only a relay sends are ignored here, as are unknown ones; stream messages without a stream and
   * circuit messages with one close the circuit.
   */
  message(command: number, streamId: number, data: Buffer, early: boolean): void {
    switch (command) {
      case RelayCommand.BEGIN:
      case RelayCommand.BEGIN_DIR:
      case RelayCommand.RESOLVE:
      case RelayCommand.END:
        if (streamId === 0) return this.fail(DestroyReason.PROTOCOL, 'a stream message without a stream')
        this.#streams ??= new ExitStreams({ circuit: this, edge: this.#edge, role: this.#o.role, limits: this.#o.limits })
        return this.#streams.message(command, streamId, data)
      case RelayCommand.EXTEND2:
        if (streamId !== 0) return this.fail(DestroyReason.PROTOCOL, 'EXTEND2 on a stream')
        // As C tor: no loss of the circuit, but no extension either. Where there is none to be had the role refuses it in any case.
        if (early || this.#o.role.trafficClass === 'pa') void this.#extend(data)
        return
      case RelayCommand.TRUNCATE:
        if (streamId !== 0) return this.fail(DestroyReason.PROTOCOL, 'TRUNCATE on a stream')
        this.#dropNext(false)
        return this.send(RelayCommand.TRUNCATED, Buffer.of(DestroyReason.REQUESTED))
      default:
        if (streamId !== 0 || this.#o.role.message?.(command, Buffer.from(data), this)) return
        if (command === RelayCommand.PADDING_NEGOTIATE) this.#refusePadding(data)
    }
  }

  /** padding-spec 3.2: we run none of the machines. */
  #refusePadding(data: Buffer): void {
    const request = decodeCircuitPaddingNegotiate(data)
    this.send(RelayCommand.PADDING_NEGOTIATED, encodeCircuitPaddingNegotiated({ ...request, response: 'error' }))
  }

  // --- extending ---

  async #extend(data: Buffer): Promise<void> {
    const abort = new AbortController()
    const dialling: Next = { kind: 'dialling', abort }
    let started = false
    try {
      if (this.#next.kind !== 'none') throw new CircuitRefused(DestroyReason.PROTOCOL, 'EXTEND2 on a circuit that goes on already')
      const { target, handshakeType, data: onionskin } = checkedExtend(data, this.#o.onionKeys, this.channel.peer)
      const create = encodeCreate2({ handshakeType, data: onionskin })
      this.#next = dialling
      started = true
      const channel = await this.#o.role.extend(target, this, abort.signal)
      if (this.#next === dialling) this.#create(channel, create)
    } catch (error) {
      // Truncated or closed meanwhile: nobody waits any more.
      if (started && this.#next !== dialling) return
      const reason =
        error instanceof CircuitRefused
          ? error.reason
          : error instanceof MalformedError
            ? DestroyReason.PROTOCOL
            : DestroyReason.CONNECTFAILED
      this.fail(reason, `not extended: ${error instanceof Error ? error.name : 'unknown'}`)
    }
  }

  #create(channel: Channel, create: Buffer): void {
    const circId = channel.allocateCircId()
    const end: CircuitEnd = {
      trafficClass: this.#o.role.trafficClass,
      onCells: (chunk, offsets, count) => this.#fromNext(chunk, offsets, count),
      onCreated: (command, body) => this.#created(command, body),
      onDestroy: () => this.#close(DestroyReason.DESTROYED, 'next'),
      onChannelClosed: () => this.#close(DestroyReason.CHANNEL_CLOSED, 'next'),
    }
    channel.attach(circId, end)
    this.#next = { kind: 'creating', channel, circId, end }
    channel.send(undefined, encodeFixedCell(circId, Command.CREATE2, create))
  }

  #created(command: number, body: Buffer): void {
    const next = this.#next
    if (next.kind !== 'creating' || command !== Command.CREATED2) return this.fail(DestroyReason.PROTOCOL, 'an unexpected CREATED cell')
    try {
      const data = decodeCreated2(body)
      if (data.length > CREATED_DATA_MAX) throw new MalformedError('too much for EXTENDED2')
      this.#next = { ...next, kind: 'open' }
      this.send(RelayCommand.EXTENDED2, encodeExtended2(data))
    } catch {
      this.fail(DestroyReason.PROTOCOL, 'a malformed CREATED2')
    }
  }
}

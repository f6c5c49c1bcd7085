import { Command, DestroyReason } from '../cell/command.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { ByteLink } from '../net/byte-link.ts'
import type { CellLoop, LoopMember, WriteShaper } from './cell-loop.ts'
import type { ByteCounters, ChannelHandler, ChannelOptions } from './channel-options.ts'
import type { CircuitEnd, TrafficClass } from './circuit-end.ts'
import type { CircuitSlot } from './circuit-slot.ts'
import { CircuitTable } from './circuit-table.ts'
import { BATCH_BYTES, Inbound, type InboundSink } from './inbound.ts'
import type { PeerIdentity } from './link-handshake.ts'
import { LinkWriter, type LinkWriterOwner } from './link-writer.ts'
import { Outbound } from './outbound.ts'

export type { ByteCounters, ChannelHandler, ChannelOptions } from './channel-options.ts'
export { CIRCUIT_HIGH_WATER, CIRCUIT_LOW_WATER, CIRCUIT_QUEUE_CAP, type CircuitEnd, type TrafficClass } from './circuit-end.ts'
export type { PeerIdentity } from './link-handshake.ts'

let lastChannelId = 0
/** Only for the moment in which the real one is asked for. */
const NO_HANDLER: ChannelHandler = { onCreate: () => {}, onControl: () => {}, onClose: () => {} }

/**
 * An authenticated link on which cells of many circuits run (tor-spec 3–4). What the peer sends is dealt with as follows. Ignored: padding, unknown
 * commands, cells for unknown circuits, a late VERSIONS, NETINFO or AUTHORIZE, a CREATE on a taken id or on id 0. Answered with DESTROY: a CREATE in our half of
 * the ids. Closes the channel: a late CERTS, AUTH_CHALLENGE or AUTHENTICATE, and a peer that lets more than a megabyte of control cells wait.
 */
export class Channel implements LoopMember, InboundSink, LinkWriterOwner {
  readonly id = ++lastChannelId
  /** We opened it (so our circuit ids have the top bit set). */
  readonly initiated: boolean
  readonly protocol: 4 | 5
  /** What the peer proved; undefined = a client. */
  readonly peer: PeerIdentity | undefined
  readonly purpose: TrafficClass
  readonly remoteAddress: IpAddress
  readonly remotePort: number
  readonly localAddress: IpAddress
  /** Our address as the peer's NETINFO names it: a hint only. */
  readonly observedAddress: IpAddress | undefined
  /** The peer's clock minus ours when it opened, ms; a hint only. */
  readonly clockSkew: number | undefined
  /** ms */
  readonly openedAt: number
  /** The peer has proved its identities and says that it has the address we see it at: nobody relays the TCP connection. tor-spec 5.3.1. */
  readonly isCanonical: boolean
  readonly bytes: ByteCounters = { orRead: 0, orWritten: 0, paRead: 0, paWritten: 0 }
  handler: ChannelHandler
  closed = false

  readonly #link: ByteLink
  readonly #loop: CellLoop
  readonly #log: ScopedLog
  readonly #totals: ByteCounters | undefined
  readonly #shaper: WriteShaper<Channel> | undefined
  readonly #onClosed: ((channel: Channel) => void) | undefined
  readonly #circuits: CircuitTable
  readonly #inbound = new Inbound(this)
  readonly #outbound = new Outbound()
  #readWanted = false
  #writeWanted = false
  #classified = 0
  #overflowed: CircuitSlot[] = []
  readonly #writer: LinkWriter

  constructor(options: ChannelOptions) {
    const { link, handshake } = options
    this.initiated = options.initiated
    this.protocol = handshake.protocol
    this.peer = handshake.peer
    this.purpose = options.purpose ?? 'or'
    this.remoteAddress = link.remoteAddress
    this.remotePort = link.remotePort
    this.localAddress = link.localAddress
    this.observedAddress = handshake.observedAddress
    this.clockSkew = handshake.clockSkew
    this.isCanonical = handshake.peer !== undefined && handshake.peerAddresses.includes(link.remoteAddress)
    const now = options.now ?? steadyNow
    this.openedAt = now()
    this.#circuits = new CircuitTable(options.initiated, now)
    this.#link = link
    this.#loop = options.loop
    this.#log = options.log
    this.#totals = options.totals
    this.#shaper = options.shaper
    this.#onClosed = options.onClosed
    this.#writer = new LinkWriter(link, this.#outbound, this, now)
    this.handler = NO_HANDLER
    this.handler = options.handlerFor(this)
    if (handshake.rest.length > 0) this.#onData(handshake.rest)
    link.attach({
      onData: chunk => this.#onData(chunk),
      onClose: error => this.#shut(error ? 'connection lost' : 'closed by the peer'),
    })
  }

  get bytesRead(): number {
    return this.bytes.orRead + this.bytes.paRead
  }

  get bytesWritten(): number {
    return this.bytes.orWritten + this.bytes.paWritten
  }

  /** ms; since when bytes have been waiting in the socket without any being taken, undefined when none wait. */
  get stuckSince(): number | undefined {
    return this.#writer.stuckSince
  }

  get circuitCount(): number {
    return this.#circuits.size
  }

  /** ms; since when there has been no circuit, undefined while there is one. */
  get idleSince(): number | undefined {
    return this.#circuits.idleSince
  }

  /** A free random circuit id of our half (tor-spec 5.1.1). */
  allocateCircId(): number {
    return this.#circuits.allocate()
  }

  /** From now on cells with this id go to `end`, which must not be attached elsewhere; throws when the id is taken or the channel closed. */
  attach(circId: number, end: CircuitEnd): void {
    if (this.closed) throw new Error('the channel is closed')
    this.#circuits.add(circId, end)
  }

  /** Forgets the id and drops what is queued for it. */
  detach(circId: number): void {
    const slot = this.#circuits.get(circId)
    if (slot) this.#remove(slot)
  }

  #remove(slot: CircuitSlot): void {
    this.#circuits.remove(slot)
    this.#outbound.drop(slot)
  }

  /**
   * Queues whole cells (only fixed ones, or only variable ones, in one buffer), which from now on belong to the channel. `end` = undefined: control cells
   * (CREATE, CREATED, DESTROY, PA_STATUS …), sent before all others. Written at the end of this turn of the event loop. Dropped without a word when the
   * channel is closed or `end` is not, or no longer, attached.
   */
  send(end: CircuitEnd | undefined, cells: Buffer): void {
    if (this.closed) return
    let tooMuch: boolean
    if (end) {
      const slot = this.#circuits.ofEnd(end)
      if (!slot || slot.overflowed) return
      this.#outbound.push(slot, cells)
      tooMuch = slot.overflowed
      if (tooMuch) this.#overflowed.push(slot)
    } else {
      this.#outbound.pushControl(cells)
      tooMuch = this.#outbound.controlOverflowed
    }
    if (tooMuch || this.#writer.hasRoom) this.#wantWrite()
  }

  /** Cells (units of 514 bytes) waiting in the queue of this end. */
  queuedCells(end: CircuitEnd): number {
    return this.#circuits.ofEnd(end)?.queuedCells ?? 0
  }

  /** Bytes of cells of a class that wait here; what was handed to the socket does not count. */
  queuedBytes(trafficClass: TrafficClass): number {
    return this.#outbound.queuedBytes(trafficClass)
  }

  /** Stops reading: backpressure for the whole channel (bandwidth limits). */
  pauseReading(): void {
    this.#link.pause()
  }

  resumeReading(): void {
    this.#link.resume()
  }

  /** A {@link WriteShaper} allows more again. */
  resumeWriting(): void {
    if (!this.closed && this.#writer.hasRoom && !this.#outbound.empty) this.#wantWrite()
  }

  /**
   * Closes the channel: control cells that wait are still sent, all others dropped. Every circuit and the handler are told before this returns.
   */
  close(reason = 'closed by us'): void {
    if (this.closed) return
    this.#writer.flushControl()
    this.#link.end()
    this.#shut(reason)
  }

  /** The peer broke the rules, or we did: nothing more is sent to it. */
  #abort(reason: string): void {
    this.#link.destroy()
    this.#shut(reason)
  }

  #shut(why: string): void {
    if (this.closed) return
    this.closed = true
    this.#inbound.clear()
    this.#outbound.clear()
    const slots = this.#circuits.clear()
    this.#onClosed?.(this)
    for (const slot of slots) this.#guard(() => slot.end.onChannelClosed())
    this.#guard(() => this.handler.onClose(this, why))
  }

  /** Runs a callback of others. */
  #guard(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** What a callback throws is a fault of ours, and must not reach further than this channel. */
  #fail(error: unknown): void {
    this.#log.error(`channel ${this.id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    this.#abort('internal error')
  }

  // Inbound

  #onData(chunk: Buffer): void {
    if (this.closed) return
    this.#inbound.push(chunk)
    if (this.#inbound.pending >= BATCH_BYTES) this.#walk()
    else if (!this.#readWanted) {
      this.#readWanted = true
      this.#loop.wantRead(this)
    }
  }

  pumpReads(): void {
    this.#readWanted = false
    this.#walk()
  }

  #walk(): void {
    if (this.closed) return
    try {
      this.#inbound.walk()
    } catch (error) {
      this.#fail(error)
    }
    if (this.closed) this.#inbound.clear()
  }

  slotOf(circId: number): CircuitSlot | undefined {
    return this.#circuits.get(circId)
  }

  onCell(circId: number, command: number, chunk: Buffer, start: number, end: number): void {
    switch (command) {
      case Command.CREATE:
      case Command.CREATE_FAST:
      case Command.CREATE2:
        this.#onCreate(circId >>> 0, command, chunk, start, end)
        break
      case Command.CREATED:
      case Command.CREATED_FAST:
      case Command.CREATED2:
        this.#circuits.get(circId)?.end.onCreated(command, Buffer.from(chunk.subarray(start, end)))
        break
      case Command.DESTROY: {
        const slot = this.#circuits.get(circId)
        if (!slot) break
        this.#remove(slot)
        slot.end.onDestroy(chunk[start]!)
        break
      }
      case Command.PA_RELAY: {
        const slot = this.#circuits.get(circId)
        if (!slot) break
        this.countRead(slot.end.trafficClass, end - start + 7)
        slot.end.onBulkCell?.(chunk, start, end)
        break
      }
      case Command.PA_NEGOTIATE:
      case Command.PA_STATUS: {
        if (circId !== 0) break
        const raw = Buffer.from(chunk.subarray(start - 7, end))
        this.handler.onControl(this, { circId, command, body: raw.subarray(7), raw })
        break
      }
      case Command.CERTS:
      case Command.AUTH_CHALLENGE:
      case Command.AUTHENTICATE:
        this.#abort(`cell ${command} on an open channel`)
        break
    }
  }

  #onCreate(circId: number, command: number, chunk: Buffer, start: number, end: number): void {
    if (circId === 0 || this.#circuits.get(circId)) return
    if (this.#circuits.isOurs(circId)) this.#sendDestroy(circId, DestroyReason.PROTOCOL)
    else this.handler.onCreate(this, circId, command, Buffer.from(chunk.subarray(start, end)))
  }

  #sendDestroy(circId: number, reason: number): void {
    this.send(undefined, encodeFixedCell(circId, Command.DESTROY, Buffer.of(reason)))
  }

  countRead(trafficClass: TrafficClass, bytes: number): void {
    this.#classified += bytes
    this.#count(trafficClass === 'or' ? 'orRead' : 'paRead', bytes)
  }

  countWalked(bytes: number): void {
    this.#count(this.purpose === 'or' ? 'orRead' : 'paRead', bytes - this.#classified)
    this.#classified = 0
  }

  #count(counter: keyof ByteCounters, bytes: number): void {
    this.bytes[counter] += bytes
    if (this.#totals) this.#totals[counter] += bytes
  }

  // Outbound

  get urgent(): boolean {
    return this.#outbound.urgent
  }

  #wantWrite(): void {
    if (this.#writeWanted) return
    this.#writeWanted = true
    this.#loop.wantWrite(this)
  }

  pumpWrites(): void {
    this.#writeWanted = false
    if (this.closed) return
    this.#guard(() => {
      this.#destroyOverflowed()
      if (!this.closed) this.#writer.pump()
    })
    if (this.#outbound.controlOverflowed) this.#abort('the peer does not read')
    this.#tellWritable()
  }

  #destroyOverflowed(): void {
    if (this.#overflowed.length === 0) return
    const slots = this.#overflowed
    this.#overflowed = []
    for (const slot of slots) {
      if (!slot.attached) continue
      this.#remove(slot)
      this.#sendDestroy(slot.circId, DestroyReason.RESOURCELIMIT)
      this.#guard(() => slot.end.onDestroy(DestroyReason.RESOURCELIMIT))
    }
  }

  allowance(trafficClass: TrafficClass): number {
    return this.#shaper ? this.#shaper.allowance(this, trafficClass) : Number.POSITIVE_INFINITY
  }

  countWritten(trafficClass: TrafficClass, bytes: number): void {
    this.#count(trafficClass === 'or' ? 'orWritten' : 'paWritten', bytes)
    this.#shaper?.spent(this, trafficClass, bytes)
  }

  onRoom(): void {
    this.resumeWriting()
  }

  #tellWritable(): void {
    const slots = this.#writer.writable
    if (slots.length === 0) return
    for (const slot of slots.splice(0)) if (slot.attached) this.#guard(() => slot.end.onWritable?.())
  }
}

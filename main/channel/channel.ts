import type { Cell } from '../cell/frame.ts'
import type { IpAddress } from '../lib/ip.ts'

/** Both identities that the peer of a channel has proved it owns. */
export interface PeerIdentity {
  /** SHA-1 of the RSA identity key, 20 bytes. */
  readonly rsaIdentity: Buffer
  /** Ed25519 master key, 32 bytes. */
  readonly ed25519Identity: Buffer
}

/** Which of the two outbound queues of a channel cells wait in: 'or' always goes first. */
export type TrafficClass = 'or' | 'pa'

/** A queue of this many cells makes its circuit "full": producers stop reading their streams. */
export const CIRCUIT_HIGH_WATER = 256
/** A full queue that falls to this many cells is writable again: {@link CircuitEnd.onWritable} is called. */
export const CIRCUIT_LOW_WATER = 64
/** A longer queue destroys its circuit with RESOURCELIMIT. Consensus parameter circ_max_cell_queue_size. */
export const CIRCUIT_QUEUE_CAP = 2500

/** One end of a circuit on one channel: what a channel calls when something arrives for a circuit id. None of them may throw. */
export interface CircuitEnd {
  readonly trafficClass: TrafficClass
  /**
   * RELAY and RELAY_EARLY cells of this circuit in arrival order: `offsets[i]`, i < count, is where a 514-byte cell starts in `chunk`
   * (circuit id u32, command u8, body 509). `chunk` and `offsets` are valid only during the call; the bodies may be overwritten in place.
   */
  onCells(chunk: Buffer, offsets: readonly number[], count: number): void
  /** CREATED, CREATED_FAST or CREATED2; the body is the callee's. */
  onCreated(command: number, body: Buffer): void
  /** The peer (or the queue cap) destroyed the circuit; the id is already detached. `reason` is a DestroyReason. */
  onDestroy(reason: number): void
  /** The channel is gone; the id is already detached. */
  onChannelClosed(): void
  /** The queue had reached {@link CIRCUIT_HIGH_WATER} and has fallen to {@link CIRCUIT_LOW_WATER} again. */
  onWritable?(): void
  /** A PA_RELAY cell (variable length, perspective access "bulk"): its body is chunk[start, end), valid only during the call. */
  onBulkCell?(chunk: Buffer, start: number, end: number): void
}

/** Who is told what concerns a channel as a whole. */
export interface ChannelHandler {
  /** CREATE, CREATE_FAST or CREATE2 on a free circuit id of the peer's half; the body is the callee's. Answer by attach() and send(). */
  onCreate(channel: Channel, circId: number, command: number, body: Buffer): void
  /** A cell with circuit id 0 that the channel does not handle itself, e.g. PA_NEGOTIATE. Its bytes are the callee's. */
  onControl(channel: Channel, cell: Cell): void
  onClose(channel: Channel, why: string): void
}

/** Bytes of cells (headers included) by direction and class. */
export interface ByteCounters {
  orRead: number
  orWritten: number
  paRead: number
  paWritten: number
}

/** An authenticated link on which cells of many circuits run. tor-spec 3–4. */
export class Channel {
  declare readonly id: number
  /** We opened it (so our circuit ids have the top bit set). */
  declare readonly initiated: boolean
  declare readonly protocol: 4 | 5
  /** What the peer proved; undefined = a client. */
  declare readonly peer: PeerIdentity | undefined
  declare readonly remoteAddress: IpAddress
  declare readonly remotePort: number
  declare readonly localAddress: IpAddress
  /** Our address as the peer's NETINFO names it: a hint only. */
  declare readonly observedAddress: IpAddress | undefined
  /** ms */
  declare readonly openedAt: number
  declare isCanonical: boolean
  declare closed: boolean
  declare handler: ChannelHandler
  declare readonly bytes: ByteCounters
  get bytesRead(): number {
    throw new Error('soon')
  }
  get bytesWritten(): number {
    throw new Error('soon')
  }
  get circuitCount(): number {
    throw new Error('soon')
  }
  /** A free random circuit id of our half. */
  allocateCircId(): number {
    throw new Error('soon')
  }
  /** From now on cells with this id go to `end`; throws when the id is taken or the channel closed. */
  attach(circId: number, end: CircuitEnd): void {
    throw new Error(`soon ${circId} ${end}`)
  }
  /** Forgets the id and drops what is queued for it. */
  detach(circId: number): void {
    throw new Error(`soon ${circId}`)
  }
  /**
   * Queues whole cells (only fixed ones, or only variable ones, in one buffer), which from now on belong to the channel. `end` must be attached;
   * undefined = control cells (CREATE, CREATED, DESTROY, PA_STATUS …), sent before all others. Written at the end of the tick. A closed channel drops them.
   */
  send(end: CircuitEnd | undefined, cells: Buffer): void {
    throw new Error(`soon ${end} ${cells}`)
  }
  /** Cells (514-byte units) waiting in the queue of this end. */
  queuedCells(end: CircuitEnd): number {
    throw new Error(`soon ${end}`)
  }
  /** Stops and starts reading: backpressure for a whole channel (bandwidth limits). */
  pauseReading(): void {
    throw new Error('soon')
  }
  resumeReading(): void {
    throw new Error('soon')
  }
  close(reason?: string): void {
    throw new Error(`soon ${reason}`)
  }
}

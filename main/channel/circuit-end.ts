/** Which of the outbound queues of a channel cells wait in: 'or' always goes first. */
export type TrafficClass = 'or' | 'pa'

/** A queue of this many cells makes its circuit "full": producers stop reading their streams. C tor: relay.c CELL_QUEUE_HIGHWATER_SIZE. */
export const CIRCUIT_HIGH_WATER = 256
/** A full queue that falls to this many cells is writable again: {@link CircuitEnd.onWritable} is called. */
export const CIRCUIT_LOW_WATER = 64
/** A longer queue destroys its circuit with RESOURCELIMIT. Consensus parameter circ_max_cell_queue_size. */
export const CIRCUIT_QUEUE_CAP = 2500

/** One end of a circuit on one channel: what a channel calls when something arrives for a circuit id. None of them should throw; one that does ends the channel. */
export interface CircuitEnd {
  readonly trafficClass: TrafficClass
  /**
   * RELAY and RELAY_EARLY cells of this circuit in arrival order: `offsets[i]`, i < count, is where a 514-byte cell starts in `chunk`
   * (circuit id u32, command u8, body 509). `chunk` and `offsets` are valid only during the call; the cells may be overwritten in place.
   */
  onCells(chunk: Buffer, offsets: readonly number[], count: number): void
  /** CREATED, CREATED_FAST or CREATED2; the body (509 bytes) is the callee's. */
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

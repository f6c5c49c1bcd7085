import { CELL_LENGTH } from '../cell/command.ts'
import type { TrafficClass } from './circuit-end.ts'
import type { CircuitSlot } from './circuit-slot.ts'

/** What one circuit may send before the next one has its turn: long runs are cheap for both ends (performance.md 6.3). */
export const TURN_BYTES = 16 * CELL_LENGTH
/** Control cells beyond this wait for a peer that does not read: the channel is not worth keeping. */
export const CONTROL_CAP_BYTES = 1024 * 1024

/** Circuits that have something to send, in the order of their turns. */
class Ring {
  #first: CircuitSlot | undefined
  #last: CircuitSlot | undefined

  get first(): CircuitSlot | undefined {
    return this.#first
  }

  push(slot: CircuitSlot): void {
    slot.inRing = true
    slot.nextInRing = undefined
    if (this.#last) this.#last.nextInRing = slot
    else this.#first = slot
    this.#last = slot
  }

  shift(): void {
    const slot = this.#first
    if (!slot) return
    this.#first = slot.nextInRing
    if (!this.#first) this.#last = undefined
    slot.nextInRing = undefined
    slot.inRing = false
  }
}

/** The scheduler of one channel: control cells first, then circuits of class 'or' in turns, then those of class 'pa' in turns. */
export class Outbound {
  readonly #control: Buffer[] = []
  #controlBytes = 0
  readonly #rings: Record<TrafficClass, Ring> = { or: new Ring(), pa: new Ring() }
  readonly #queued: Record<TrafficClass, number> = { or: 0, pa: 0 }

  get empty(): boolean {
    return this.#controlBytes + this.#queued.or + this.#queued.pa === 0
  }

  /** True when something of the first kind waits: control cells or class 'or'. */
  get urgent(): boolean {
    return this.#controlBytes + this.#queued.or > 0
  }

  queuedBytes(trafficClass: TrafficClass): number {
    return this.#queued[trafficClass]
  }

  get controlOverflowed(): boolean {
    return this.#controlBytes > CONTROL_CAP_BYTES
  }

  pushControl(cells: Buffer): void {
    this.#control.push(cells)
    this.#controlBytes += cells.length
  }

  push(slot: CircuitSlot, cells: Buffer): void {
    slot.enqueue(cells)
    const { trafficClass } = slot.end
    this.#queued[trafficClass] += cells.length
    if (!slot.inRing) this.#rings[trafficClass].push(slot)
  }

  /** Drops what a circuit has queued. */
  drop(slot: CircuitSlot): void {
    this.#queued[slot.end.trafficClass] -= slot.queuedBytes
    slot.clearQueue()
  }

  /** A control slice (any number of whole cells), if there is one. */
  takeControl(): Buffer | undefined {
    const cells = this.#control.shift()
    if (cells) this.#controlBytes -= cells.length
    return cells
  }

  get nextControlLength(): number {
    return this.#control[0]?.length ?? 0
  }

  /**
   * Moves cells of a class to target[at…], at most `limit` bytes, a turn for each circuit; circuits that have drained below low water are put into
   * `writable`. Returns how many bytes were moved.
   */
  moveTo(trafficClass: TrafficClass, target: Buffer, at: number, limit: number, writable: CircuitSlot[]): number {
    const ring = this.#rings[trafficClass]
    let moved = 0
    for (;;) {
      const slot = ring.first
      if (!slot) break
      const room = limit - moved
      const count = room > 0 ? slot.moveTo(target, at + moved, Math.min(room, Math.max(TURN_BYTES, slot.nextPiece))) : 0
      if (count === 0 && slot.queuedBytes > 0) break
      moved += count
      ring.shift()
      if (slot.queuedBytes > 0) ring.push(slot)
      if (count > 0 && slot.takeBecameWritable()) writable.push(slot)
    }
    this.#queued[trafficClass] -= moved
    return moved
  }

  /** Length of the piece whose turn is next; 0 when nothing of the class waits. */
  nextPiece(trafficClass: TrafficClass): number {
    const ring = this.#rings[trafficClass]
    while (ring.first && ring.first.queuedBytes === 0) ring.shift()
    return ring.first?.nextPiece ?? 0
  }

  /** Takes one slice as it is, without copying: for slices that would not fit into any batch. */
  takeSlice(trafficClass: TrafficClass, writable: CircuitSlot[]): Buffer | undefined {
    const ring = this.#rings[trafficClass]
    if (this.nextPiece(trafficClass) === 0) return undefined
    const slot = ring.first!
    const slice = slot.takeSlice()
    this.#queued[trafficClass] -= slice.length
    ring.shift()
    if (slot.queuedBytes > 0) ring.push(slot)
    if (slot.takeBecameWritable()) writable.push(slot)
    return slice
  }

  clear(): void {
    this.#control.length = 0
    this.#controlBytes = 0
    this.#queued.or = 0
    this.#queued.pa = 0
  }
}

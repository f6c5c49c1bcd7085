import { CELL_LENGTH, isVariableLength } from '../cell/command.ts'
import { CIRCUIT_HIGH_WATER, CIRCUIT_LOW_WATER, CIRCUIT_QUEUE_CAP, type CircuitEnd } from './circuit-end.ts'

/**
 * What a channel keeps of one circuit: the run of cells being collected from the bytes that arrived, and the queue of cells that wait to be sent.
 * Cells wait as the slices in which they were handed over; a slice holds either only fixed cells (and may be cut between any two) or only variable ones
 * (and goes as a whole).
 */
export class CircuitSlot {
  readonly circId: number
  readonly end: CircuitEnd
  /** False once detached: what was collected or queued for it then is dropped. */
  attached = true

  /** Inbound: where the cells of the current run start, `runLength` of them. */
  runOffsets: number[] | undefined
  runLength = 0

  /** Outbound. */
  queuedBytes = 0
  /** The next one in the ring of circuits that have something to send. */
  nextInRing: CircuitSlot | undefined
  inRing = false
  /** High water was reached and low water not yet since. */
  #full = false
  readonly #slices: Buffer[] = []
  #head = 0
  #headOffset = 0

  constructor(circId: number, end: CircuitEnd) {
    this.circId = circId
    this.end = end
  }

  get queuedCells(): number {
    return Math.ceil(this.queuedBytes / CELL_LENGTH)
  }

  get overflowed(): boolean {
    return this.queuedBytes > CIRCUIT_QUEUE_CAP * CELL_LENGTH
  }

  enqueue(cells: Buffer): void {
    this.#slices.push(cells)
    this.queuedBytes += cells.length
    if (this.queuedCells >= CIRCUIT_HIGH_WATER) this.#full = true
  }

  /** True once, when a full queue has drained to low water. */
  takeBecameWritable(): boolean {
    if (!this.#full || this.queuedBytes > CIRCUIT_LOW_WATER * CELL_LENGTH) return false
    this.#full = false
    return true
  }

  /** Length of the smallest piece that can be sent now: one cell, or a slice of variable cells. 0 when nothing is queued. */
  get nextPiece(): number {
    const slice = this.#slices[this.#head]
    if (!slice) return 0
    return isVariableLength(slice[this.#headOffset + 4]!) ? slice.length : CELL_LENGTH
  }

  /** Moves whole cells, at most `limit` bytes, to target[at…]; returns how many bytes. */
  moveTo(target: Buffer, at: number, limit: number): number {
    let moved = 0
    for (;;) {
      const slice = this.#slices[this.#head]
      if (!slice) break
      const room = limit - moved
      const left = slice.length - this.#headOffset
      let length = left
      if (left > room) {
        if (isVariableLength(slice[this.#headOffset + 4]!)) break
        length = room - (room % CELL_LENGTH)
        if (length === 0) break
      }
      slice.copy(target, at + moved, this.#headOffset, this.#headOffset + length)
      moved += length
      if (length === left) this.#dropHead()
      else this.#headOffset += length
    }
    this.queuedBytes -= moved
    return moved
  }

  /** Takes the first slice out as it is, or the rest of it. */
  takeSlice(): Buffer {
    const slice = this.#slices[this.#head]!
    const rest = this.#headOffset === 0 ? slice : slice.subarray(this.#headOffset)
    this.#dropHead()
    this.queuedBytes -= rest.length
    return rest
  }

  #dropHead(): void {
    this.#headOffset = 0
    this.#slices[this.#head++] = EMPTY
    if (this.#head === this.#slices.length) {
      this.#slices.length = 0
      this.#head = 0
    } else if (this.#head >= 64 && this.#head * 2 >= this.#slices.length) {
      this.#slices.splice(0, this.#head)
      this.#head = 0
    }
  }

  clearQueue(): void {
    this.#slices.length = 0
    this.#head = 0
    this.#headOffset = 0
    this.queuedBytes = 0
  }
}

/** Takes the place of a sent slice, so that its memory is not held. */
const EMPTY = Buffer.alloc(0)

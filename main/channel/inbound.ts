import { CELL_LENGTH, Command, isVariableLength } from '../cell/command.ts'
import type { TrafficClass } from './circuit-end.ts'
import type { CircuitSlot } from './circuit-slot.ts'

/** Bytes that are walked at the latest, without waiting for the end of the turn. */
export const BATCH_BYTES = 64 * 1024

/** What {@link Inbound} asks and tells its channel. */
export interface InboundSink {
  /** circId as a signed 32-bit number. */
  slotOf(circId: number): CircuitSlot | undefined
  /** A cell that is neither RELAY nor RELAY_EARLY; its body is chunk[start, end). The run of its circuit so far has been delivered. */
  onCell(circId: number, command: number, chunk: Buffer, start: number, end: number): void
  /** So many bytes of relay cells of this class are about to be handed over. */
  countRead(trafficClass: TrafficClass, bytes: number): void
  /** So many bytes in all were walked, of whatever kind. */
  countWalked(bytes: number): void
  readonly closed: boolean
}

/** One for the whole process, for walks that have to join several chunks: runs are valid only during the call. */
const scratch = Buffer.allocUnsafeSlow(4 * BATCH_BYTES)
let scratchInUse = false
/** Offset lists that no run uses now. */
const spareOffsets: number[][] = []

/**
 * Collects the bytes that arrive on a channel and walks the cells in them in place. Relay cells are grouped by circuit and handed over once per circuit and
 * walk; any other cell is handed over at its place, after the relay cells of its circuit that came before it.
 *
 *     fixed    circuit id u32 | command u8 | body 509
 *     variable circuit id u32 | command u8 (7, ≥ 128) | length u16 | body
 */
export class Inbound {
  readonly #sink: InboundSink
  #chunks: Buffer[] = []
  #bytes = 0
  /** The beginning of a cell whose rest has not come yet. */
  #rest: Buffer | undefined
  /** Circuits with a run in this walk, in the order of their first cell. */
  #active: CircuitSlot[] = []

  constructor(sink: InboundSink) {
    this.#sink = sink
  }

  /** Bytes collected and not walked. */
  get pending(): number {
    return this.#bytes
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  /** Walks everything collected. */
  walk(): void {
    const chunks = this.#chunks
    if (chunks.length === 0) return
    if (chunks.length === 1 && !this.#rest) {
      const chunk = chunks[0]!
      chunks.length = 0
      this.#bytes = 0
      const used = this.#walkChunk(chunk, chunk.length)
      if (used < chunk.length) this.#rest = chunk.subarray(used)
      return
    }
    const restLength = this.#rest?.length ?? 0
    const total = restLength + this.#bytes
    const shared = total <= scratch.length && !scratchInUse
    const joined = shared ? scratch : Buffer.allocUnsafeSlow(total)
    if (shared) scratchInUse = true
    if (this.#rest) this.#rest.copy(joined)
    let at = restLength
    for (let i = 0; i < chunks.length; i++) at += chunks[i]!.copy(joined, at)
    this.#rest = undefined
    chunks.length = 0
    this.#bytes = 0
    try {
      const used = this.#walkChunk(joined, total)
      if (used < total) this.#rest = Buffer.from(joined.subarray(used, total))
    } finally {
      if (shared) scratchInUse = false
    }
  }

  clear(): void {
    this.#chunks = []
    this.#bytes = 0
    this.#rest = undefined
    for (const slot of this.#active) releaseRun(slot)
    this.#active.length = 0
  }

  /** Returns how many bytes made whole cells. */
  #walkChunk(chunk: Buffer, length: number): number {
    const sink = this.#sink
    let at = 0
    let lastId = 0
    let slot: CircuitSlot | undefined
    while (length - at >= 5) {
      // Signed, because numbers up to 31 bits are cheap keys for V8 and larger ones are not.
      const circId = (chunk[at]! << 24) | (chunk[at + 1]! << 16) | (chunk[at + 2]! << 8) | chunk[at + 3]!
      const command = chunk[at + 4]!
      if (command === Command.RELAY || command === Command.RELAY_EARLY) {
        if (length - at < CELL_LENGTH) break
        if (circId !== lastId) {
          slot = sink.slotOf(circId)
          lastId = circId
        }
        if (slot) this.#addToRun(slot, at)
        at += CELL_LENGTH
        continue
      }
      let start = at + 5
      let end = at + CELL_LENGTH
      if (isVariableLength(command)) {
        if (length - at < 7) break
        start = at + 7
        end = start + ((chunk[at + 5]! << 8) | chunk[at + 6]!)
      }
      if (end > length) break
      const own = sink.slotOf(circId)
      if (own && own.runLength > 0) this.#deliver(own, chunk)
      sink.onCell(circId, command, chunk, start, end)
      at = end
      if (sink.closed) break
      // The circuit may have come or gone meanwhile.
      lastId = 0
      slot = undefined
    }
    const active = this.#active
    for (let i = 0; i < active.length && !sink.closed; i++) if (active[i]!.runLength > 0) this.#deliver(active[i]!, chunk)
    active.length = 0
    sink.countWalked(at)
    return at
  }

  #addToRun(slot: CircuitSlot, at: number): void {
    if (slot.runLength === 0) {
      slot.runOffsets ??= spareOffsets.pop() ?? []
      this.#active.push(slot)
    }
    slot.runOffsets![slot.runLength++] = at
  }

  #deliver(slot: CircuitSlot, chunk: Buffer): void {
    const offsets = slot.runOffsets!
    const count = slot.runLength
    slot.runOffsets = undefined
    slot.runLength = 0
    if (slot.attached) {
      this.#sink.countRead(slot.end.trafficClass, count * CELL_LENGTH)
      slot.end.onCells(chunk, offsets, count)
    }
    spareOffsets.push(offsets)
  }
}

function releaseRun(slot: CircuitSlot): void {
  if (slot.runOffsets) spareOffsets.push(slot.runOffsets)
  slot.runOffsets = undefined
  slot.runLength = 0
}

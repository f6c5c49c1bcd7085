import { CELL_BODY, CELL_LENGTH, Command } from '../cell/command.ts'

const HEADER = CELL_LENGTH - CELL_BODY

/** Reused for every gathered run: it is handed to AES, which writes elsewhere, before anything else can gather. */
let scratch: Buffer = Buffer.allocUnsafeSlow(128 * CELL_BODY)

/** The bodies of `count` cells in a row, without their headers. Valid until the next call. */
export function gatherBodies(chunk: Buffer, offsets: readonly number[], count: number): Buffer {
  const length = count * CELL_BODY
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(2 * length)
  for (let i = 0, at = 0; i < count; i++, at += CELL_BODY) {
    const from = offsets[i]! + HEADER
    chunk.copy(scratch, at, from, from + CELL_BODY)
  }
  return scratch.subarray(0, length)
}

/** A new buffer with whole cells: circuit id u32 | command u8 | body 509, the first `early` of them RELAY_EARLY, the others RELAY. */
export function scatterBodies(bodies: Buffer, count: number, circId: number, early: number): Buffer {
  const cells = Buffer.allocUnsafe(count * CELL_LENGTH)
  for (let i = 0, at = 0, from = 0; i < count; i++, at += CELL_LENGTH, from += CELL_BODY) {
    cells.writeUInt32BE(circId, at)
    cells[at + 4] = i < early ? Command.RELAY_EARLY : Command.RELAY
    bodies.copy(cells, at + HEADER, from, from + CELL_BODY)
  }
  return cells
}

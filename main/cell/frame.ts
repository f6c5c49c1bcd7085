import { ByteReader, MalformedError } from '../lib/bytes.ts'
import { CELL_BODY, CELL_LENGTH, Command, isVariableLength } from './command.ts'

/** One cell, copied out of the stream. */
export interface Cell {
  readonly circId: number
  readonly command: number
  /** 509 bytes, or as many as a variable-length cell says. */
  readonly body: Buffer
  /** Header and body as they came: what AUTHENTICATE's SLOG and CLOG hash. */
  readonly raw: Buffer
}

/** Largest body of a variable-length cell. */
const MAX_VARIABLE_BODY = 0xffff

/** CircID 4 | Command 1 | Body 509, the body filled up with zeros. tor-spec 3. Throws RangeError when the body is too long. */
export function encodeFixedCell(circId: number, command: number, body?: Uint8Array): Buffer {
  const cell = Buffer.alloc(CELL_LENGTH)
  cell.writeUInt32BE(circId)
  cell[4] = command
  if (body) {
    if (body.length > CELL_BODY) throw new RangeError('a fixed cell has room for 509 bytes')
    cell.set(body, 5)
  }
  return cell
}

/** CircID 4 | Command 1 | Length 2 | Body. tor-spec 3. Throws RangeError when the body is too long. */
export function encodeVariableCell(circId: number, command: number, body: Uint8Array): Buffer {
  if (body.length > MAX_VARIABLE_BODY) throw new RangeError('a variable-length cell has room for 65535 bytes')
  const cell = Buffer.allocUnsafe(7 + body.length)
  cell.writeUInt32BE(circId)
  cell[4] = command
  cell.writeUInt16BE(body.length, 5)
  cell.set(body, 7)
  return cell
}

/** A whole VERSIONS cell: CircID 2 (always) | Command 1 | Length 2 | Version 2 …. tor-spec 4.1. */
export function encodeVersions(versions: readonly number[]): Buffer {
  const cell = Buffer.alloc(5 + 2 * versions.length)
  cell[2] = Command.VERSIONS
  cell.writeUInt16BE(2 * versions.length, 3)
  for (const [i, version] of versions.entries()) cell.writeUInt16BE(version, 5 + 2 * i)
  return cell
}

/** The versions in the body of a VERSIONS cell. Throws {@link MalformedError} for an odd length. */
export function decodeVersions(body: Uint8Array): number[] {
  const reader = new ByteReader(body)
  const versions: number[] = []
  while (reader.remaining > 0) versions.push(reader.u16())
  return versions
}

/**
 * Cuts a byte stream into cells, for the link handshake: it copies every cell. Circuit ids have 2 bytes until {@link setWide} (or `wide`),
 * because VERSIONS comes before the protocol is agreed. What it keeps is at most one cell and the chunk that was pushed last.
 */
export class CellSplitter {
  readonly #maxVariableBody: number
  #idLength: 2 | 4
  #buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  constructor(options: { wide?: boolean; maxVariableBody?: number } = {}) {
    this.#idLength = options.wide ? 4 : 2
    this.#maxVariableBody = options.maxVariableBody ?? MAX_VARIABLE_BODY
  }

  /** From now on circuit ids have 4 bytes (link protocol 4 and later). */
  setWide(): void {
    this.#idLength = 4
  }

  /** Adds bytes of the stream; they are copied. */
  push(chunk: Uint8Array): void {
    const kept = this.#end - this.#start
    if (this.#end + chunk.length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, 2 * (kept + chunk.length)))
      this.#buffer.copy(grown, 0, this.#start, this.#end)
      this.#buffer = grown
      this.#start = 0
      this.#end = kept
    }
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The next whole cell, if it has arrived. Throws {@link MalformedError} for a variable-length cell over the limit, as soon as its header is there. */
  next(): Cell | undefined {
    const start = this.#start
    const available = this.#end - start
    const idLength = this.#idLength
    if (available < idLength + 1) return undefined
    const command = this.#buffer[start + idLength]!
    let header = idLength + 1
    let length = CELL_BODY
    if (isVariableLength(command)) {
      header += 2
      if (available < header) return undefined
      length = this.#buffer.readUInt16BE(start + idLength + 1)
      if (length > this.#maxVariableBody) throw new MalformedError('a variable-length cell over the limit')
    }
    if (available < header + length) return undefined
    this.#start = start + header + length
    const raw = Buffer.from(this.#buffer.subarray(start, this.#start))
    return { circId: raw.readUIntBE(0, idLength), command, body: raw.subarray(header), raw }
  }

  /** The bytes that no cell was made of yet (a copy); the splitter is empty afterwards. */
  takeRest(): Buffer {
    const rest = Buffer.from(this.#buffer.subarray(this.#start, this.#end))
    this.#buffer = Buffer.alloc(0)
    this.#start = 0
    this.#end = 0
    return rest
  }
}

export interface Cell {
  readonly circId: number
  readonly command: number /** 509 bytes, or as long as the cell says */
  readonly body: Buffer /** header and body */
  readonly raw: Buffer
}
/** 514 bytes; body (at most 509) is padded with zeros. */
export function encodeFixedCell(circId: number, command: number, body?: Uint8Array): Buffer {
  throw new Error('soon')
}
export function encodeVariableCell(circId: number, command: number, body: Uint8Array): Buffer {
  throw new Error('soon')
}
/** A whole VERSIONS cell, with the 2-byte circuit id it always has. */
export function encodeVersions(versions: readonly number[]): Buffer {
  throw new Error('soon')
}
/** versions of a VERSIONS body; throws MalformedError */
export function decodeVersions(body: Uint8Array): number[] {
  throw new Error('soon')
}
export class CellSplitter {
  constructor(options?: {
    /** 2-byte circuit ids until setWide() */ wide?: boolean /** largest variable-length body */
    maxVariableBody?: number
  }) {}
  /** From now on circuit ids have 4 bytes. */
  setWide(): void {}
  push(chunk: Uint8Array): void {}
  /** The next whole cell; throws MalformedError when a variable cell is over the limit. */
  next(): Cell | undefined {
    return undefined
  }
  /** Bytes not yet consumed; the splitter is empty afterwards. */
  takeRest(): Buffer {
    throw new Error('soon')
  }
}

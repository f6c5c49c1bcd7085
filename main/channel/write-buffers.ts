/** Largest batch of cells that is written at once: 127 cells, four TLS records. */
export const WRITE_BYTES = 64 * 1024
const KEPT = 32

/** Buffers that no write uses now. One set for the whole process: idle channels hold none. */
const spare: Buffer[] = []

/** A buffer of {@link WRITE_BYTES} with old content. */
export function lendWriteBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(WRITE_BYTES)
}

/** Only for buffers whose bytes the system has taken. */
export function returnWriteBuffer(buffer: Buffer): void {
  if (spare.length < KEPT) spare.push(buffer)
}

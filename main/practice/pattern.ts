import { Readable } from 'node:stream'

const BLOCK = 65_536
const CHUNK: Buffer = Buffer.alloc(BLOCK)
for (let i = 0; i < BLOCK; i++) CHUNK[i] = (i * 31 + (i >> 8) * 17) & 0xff

/**
 * Bytes that everybody can compute: byte i is ((i mod 65536)·31 + ((i mod 65536) >> 8)·17) mod 256. For tests of what arrives whole.
 */
export function patternBytes(length: number): Buffer {
  const out = Buffer.alloc(length)
  for (let at = 0; at < length; at += BLOCK) CHUNK.copy(out, at)
  return out
}

/** The first `length` bytes of the pattern as a stream. */
export class PatternStream extends Readable {
  #left: number

  constructor(length: number) {
    super({ highWaterMark: 4 * BLOCK })
    this.#left = length
  }

  override _read(): void {
    const size = Math.min(this.#left, BLOCK)
    this.#left -= size
    this.push(size === 0 ? null : CHUNK.subarray(0, size))
  }
}

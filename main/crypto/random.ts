import { randomFillSync, randomBytes as systemRandomBytes, randomInt as systemRandomInt } from 'node:crypto'

/** `length` fresh random bytes. */
export function randomBytes(length: number): Buffer {
  return systemRandomBytes(length)
}

/** A random integer, at least `from` and less than `below`. */
export function randomInt(from: number, below: number): number {
  return systemRandomInt(from, below)
}

const pool = Buffer.allocUnsafeSlow(32_768)
let used = pool.length

/**
 * Fills target[start…end) with random bytes, at most 32768, for the padding of cells. They come from a pool that is filled anew when it is
 * used up: asking the system for each cell would cost more than encrypting it. Not for keys, because the pool keeps what it gave out.
 */
export function fillRandom(target: Buffer, start: number, end: number): void {
  const length = end - start
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  pool.copy(target, start, used, used + length)
  used += length
}

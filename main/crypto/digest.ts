import { hash, timingSafeEqual } from 'node:crypto'
export type Bytes = Uint8Array
export function sha1(...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
export function sha256(...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
export function sha512(...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
export function sha3_256(...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
/** `length` bytes of SHAKE-256 output. */
export function shake256(length: number, ...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  throw new Error('soon')
}
/** Also false when the lengths differ. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
export class RunningSha1 {
  constructor(seed: Uint8Array) {
    throw new Error('soon')
  }
  update(data: Uint8Array): void {}
  /** 20 bytes: the digest of everything so far; the stream goes on. */
  peek(): Buffer {
    throw new Error('soon')
  }
  clone(): RunningSha1 {
    throw new Error('soon')
  }
}

import { hash, timingSafeEqual } from 'node:crypto'
import { sha3_256 as nobleSha3, shake256 as nobleShake } from '@noble/hashes/sha3.js'

function join(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The digest (20 bytes) of the parts, one after the other. */
export function sha1(...parts: Uint8Array[]): Buffer {
  return hash('sha1', join(parts), 'buffer')
}

/** The digest (32 bytes) of the parts, one after the other. */
export function sha256(...parts: Uint8Array[]): Buffer {
  return hash('sha256', join(parts), 'buffer')
}

/** The digest (64 bytes) of the parts, one after the other. */
export function sha512(...parts: Uint8Array[]): Buffer {
  return hash('sha512', join(parts), 'buffer')
}

/** The digest (32 bytes) of the parts, one after the other. In JavaScript, because Electron's BoringSSL has no SHA-3. */
export function sha3_256(...parts: Uint8Array[]): Buffer {
  return asBuffer(nobleSha3(join(parts)))
}

/** The first `length` bytes of SHAKE-256 over the parts. In JavaScript, because Electron's BoringSSL has no SHAKE. */
export function shake256(length: number, ...parts: Uint8Array[]): Buffer {
  return asBuffer(nobleShake(join(parts), { dkLen: length }))
}

const HMAC_BLOCK = 64

/**
 * HMAC-SHA256 (RFC 2104) of the parts, one after the other. Written over two one-shot hashes: `createHmac` looks its algorithm up anew each
 * time and costs ten times as much, and an ntor handshake needs six.
 */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const short = key.length > HMAC_BLOCK ? sha256(key) : key
  const inner = Buffer.alloc(HMAC_BLOCK, 0x36)
  const outer = Buffer.alloc(HMAC_BLOCK, 0x5c)
  for (let i = 0; i < short.length; i++) {
    inner[i]! ^= short[i]!
    outer[i]! ^= short[i]!
  }
  return sha256(outer, sha256(inner, ...parts))
}

/** Compares secrets in a time that does not tell where they differ; false when the lengths do. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

export { RunningSha1 } from './running-sha1.ts'

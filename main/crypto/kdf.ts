import { hmacSha256, sha1 } from './digest.ts'

/** KDF-TOR, tor-spec 5.2.1: SHA1(K0 | 00) | SHA1(K0 | 01) | …, cut to `length` bytes (≤ 5120). */
export function kdfTor(secret: Uint8Array, length: number): Buffer {
  const blocks = Math.ceil(length / 20)
  if (blocks > 256) throw new RangeError('KDF-TOR gives at most 5120 bytes')
  const out: Buffer[] = []
  for (let i = 0; i < blocks; i++) out.push(sha1(secret, Buffer.of(i)))
  return Buffer.concat(out).subarray(0, length)
}

/** HKDF of RFC 5869 with SHA-256 (extract with `salt`, expand with `info`), `length` ≤ 8160 bytes. tor-spec 5.2.2. */
export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
  return hkdfExpandSha256(hmacSha256(salt, secret), info, length)
}

/** The expand half of HKDF-SHA256, for a `key` that was extracted already. */
export function hkdfExpandSha256(key: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks = Math.ceil(length / 32)
  if (blocks > 255) throw new RangeError('HKDF-SHA256 gives at most 8160 bytes')
  const out: Buffer[] = []
  let last: Uint8Array = Buffer.alloc(0)
  for (let i = 1; i <= blocks; i++) {
    const block = hmacSha256(key, last, info, Buffer.of(i))
    out.push(block)
    last = block
  }
  return Buffer.concat(out).subarray(0, length)
}

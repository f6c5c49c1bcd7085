import { ed25519 } from '@noble/curves/ed25519.js'
import { MalformedError } from '../lib/bytes.ts'
import { sha512 } from './digest.ts'
import type { Ed25519Signer } from './ed25519.ts'
import type { X25519KeyPair } from './x25519.ts'

const { Point } = ed25519
const L = Point.Fn.ORDER
const HIGH_PART = Buffer.from('Derive high part of ed25519 key from curve25519 key\0')

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function scalarBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()
}

/**
 * Signs as the Ed25519 key that an X25519 key pair is on the Edwards form of the curve. A relay's onion key signs its identity this way in
 * `ntor-onion-key-crosscert` (dir-spec 2.1.1, proposal 228, cert-spec A.3). `public` is the whole encoded key; its top bit is `signBit`.
 *
 * The secret scalar is the (clamped) X25519 secret itself, not the hash of a seed, which is why no native key can hold it; the deterministic
 * nonce's key is the first half of SHA512(secret | "Derive high part of ed25519 key from curve25519 key" | 00). Some 10 ms a signature:
 * for certificates only.
 */
export function crossSignerFromX25519(key: X25519KeyPair): Ed25519Signer & { readonly signBit: 0 | 1 } {
  const clamped = Buffer.from(key.secret)
  clamped[0]! &= 248
  clamped[31]! = (clamped[31]! & 127) | 64
  const scalar = littleEndian(clamped) % L
  const prefix = sha512(key.secret, HIGH_PART).subarray(0, 32)
  const publicKey = Buffer.from(Point.BASE.multiply(scalar).toBytes())
  return {
    public: publicKey,
    signBit: (publicKey[31]! >> 7) as 0 | 1,
    sign(message) {
      const nonce = littleEndian(sha512(prefix, message)) % L
      const commitment = Point.BASE.multiply(nonce).toBytes()
      const challenge = littleEndian(sha512(commitment, publicKey, message)) % L
      return Buffer.concat([commitment, scalarBytes((nonce + challenge * scalar) % L)])
    },
  }
}

/**
 * The Ed25519 public key of an X25519 public key u and a sign bit: y = (u − 1) / (u + 1). Throws {@link MalformedError} for a wrong length
 * and for u = −1, which has no image; what it gives need not be on the curve (a signature by it then never verifies).
 */
export function curve25519ToEd25519Public(x25519Public: Uint8Array, signBit: 0 | 1): Buffer {
  if (x25519Public.length !== 32) throw new MalformedError('an X25519 public key has 32 bytes')
  const { Fp } = Point
  const masked = Buffer.from(x25519Public)
  masked[31]! &= 127
  const u = Fp.create(littleEndian(masked))
  const below = Fp.add(u, Fp.ONE)
  if (Fp.is0(below)) throw new MalformedError('an X25519 public key without an Ed25519 form')
  const out = scalarBytes(Fp.mul(Fp.sub(u, Fp.ONE), Fp.inv(below)))
  out[31]! |= signBit << 7
  return out
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { MalformedError } from '../lib/bytes.ts'

/** The 32-byte seed (RFC 8032's private key) and the 32-byte public key. */
export interface Ed25519KeyPair {
  readonly seed: Buffer
  readonly public: Buffer
}

/** Anything that signs: a key pair, or a key that came from X25519. `sign` gives 64 bytes. */
export interface Ed25519Signer {
  readonly public: Buffer
  sign(message: Uint8Array): Buffer
}

/** Keeps the native key beside the bytes, so that signing does not import it each time. */
class NativeKeyPair implements Ed25519KeyPair {
  readonly key: KeyObject
  readonly seed: Buffer
  readonly public: Buffer

  constructor(key: KeyObject) {
    const { d, x } = key.export({ format: 'jwk' })
    this.key = key
    this.seed = Buffer.from(d!, 'base64url')
    this.public = Buffer.from(x!, 'base64url')
  }
}

/** PKCS#8 around a 32-byte Ed25519 seed. RFC 8410. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A new random key pair. */
export function generateEd25519(): Ed25519KeyPair {
  return new NativeKeyPair(generateKeyPairSync('ed25519').privateKey)
}

/** The key pair of a 32-byte seed. Throws {@link MalformedError} for other lengths. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519KeyPair {
  if (seed.length !== 32) throw new MalformedError('an Ed25519 seed has 32 bytes')
  return new NativeKeyPair(createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' }))
}

/** The signature (64 bytes) of a message. RFC 8032, pure Ed25519. */
export function signEd25519(key: Ed25519KeyPair, message: Uint8Array): Buffer {
  return sign(null, message, (key instanceof NativeKeyPair ? key : (ed25519FromSeed(key.seed) as NativeKeyPair)).key)
}

/** The key pair as a signer. */
export function ed25519Signer(key: Ed25519KeyPair): Ed25519Signer {
  return { public: key.public, sign: message => signEd25519(key, message) }
}

/** Whether the signature is good. False, never an exception, for wrong lengths and for bytes that are no key. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const x = Buffer.from(publicKey.buffer, publicKey.byteOffset, 32).toString('base64url')
  try {
    return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

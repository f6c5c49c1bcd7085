import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { MalformedError } from '../lib/bytes.ts'

/** 32 secret bytes and the 32-byte public key that belongs to them. */
export interface X25519KeyPair {
  readonly secret: Buffer
  readonly public: Buffer
}

/** A peer's public key, imported; see {@link importX25519Public}. */
export type X25519PublicKey = KeyObject

/** Keeps the native key, whose import costs more than a Diffie-Hellman, and makes the secret bytes only for who asks. */
class NativeKeyPair implements X25519KeyPair {
  readonly key: KeyObject
  readonly public: Buffer
  #secret: Buffer | undefined

  constructor(key: KeyObject, publicKey: Buffer, secret?: Buffer) {
    this.key = key
    this.public = publicKey
    this.#secret = secret
  }

  get secret(): Buffer {
    this.#secret ??= Buffer.from(this.key.export({ format: 'jwk' }).d!, 'base64url')
    return this.#secret
  }
}

function publicBytes(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')
}

/** PKCS#8 around a 32-byte X25519 secret. RFC 8410. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** A new random key pair. */
export function generateX25519(): X25519KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  return new NativeKeyPair(privateKey, publicBytes(publicKey))
}

/** The key pair of 32 secret bytes, which are kept as they are: clamping is part of every use. Throws {@link MalformedError} for other lengths. */
export function x25519FromSecret(secret: Uint8Array): X25519KeyPair {
  if (secret.length !== 32) throw new MalformedError('an X25519 secret has 32 bytes')
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' })
  return new NativeKeyPair(key, publicBytes(createPublicKey(key)), Buffer.from(secret))
}

/** Prepares a public key that is used more than once. Throws {@link MalformedError} unless it has 32 bytes. */
export function importX25519Public(publicKey: Uint8Array): X25519PublicKey {
  if (publicKey.length !== 32) throw new MalformedError('an X25519 public key has 32 bytes')
  const x = Buffer.from(publicKey.buffer, publicKey.byteOffset, 32).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
}

/**
 * The shared secret, 32 bytes. Throws {@link MalformedError} when `peer` has the wrong length or lies in the small subgroup, where the
 * result would be zero for every secret (tor-spec 5.1.4: such a handshake must fail).
 */
export function x25519(key: X25519KeyPair, peer: Uint8Array | X25519PublicKey): Buffer {
  const privateKey = (key instanceof NativeKeyPair ? key : (x25519FromSecret(key.secret) as NativeKeyPair)).key
  const publicKey = peer instanceof Uint8Array ? importX25519Public(peer) : peer
  let shared: Buffer
  try {
    shared = diffieHellman({ privateKey, publicKey })
  } catch {
    throw new MalformedError('an X25519 public key of small order')
  }
  let bits = 0
  for (const byte of shared) bits |= byte
  if (bits === 0) throw new MalformedError('an X25519 public key of small order')
  return shared
}

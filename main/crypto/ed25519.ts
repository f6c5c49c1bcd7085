import type { X25519KeyPair } from './x25519.ts'
export interface Ed25519KeyPair {
  readonly seed: Buffer
  readonly public: Buffer
}
/** Anything that signs with Ed25519: a key pair, or a key turned from X25519. */
export interface Ed25519Signer {
  readonly public: Buffer
  sign(message: Uint8Array): Buffer
}
export function generateEd25519(): Ed25519KeyPair {
  throw new Error('soon')
}
export function ed25519FromSeed(seed: Uint8Array): Ed25519KeyPair {
  throw new Error('soon')
}
export function signEd25519(key: Ed25519KeyPair, message: Uint8Array): Buffer {
  throw new Error('soon')
}
/** Never throws: false for wrong lengths and invalid keys. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  throw new Error('soon')
}
export function ed25519Signer(key: Ed25519KeyPair): Ed25519Signer {
  return { public: key.public, sign: message => signEd25519(key, message) }
}
/** `public` is the whole encoded Ed25519 key (bit 255 = signBit). */
export function crossSignerFromX25519(key: X25519KeyPair): Ed25519Signer & { readonly signBit: 0 | 1 } {
  throw new Error('soon')
}
/** Throws MalformedError for values that have no image. */
export function curve25519ToEd25519Public(x25519Public: Uint8Array, signBit: 0 | 1): Buffer {
  throw new Error('soon')
}

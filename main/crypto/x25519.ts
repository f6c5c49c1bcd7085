export interface X25519KeyPair {
  readonly secret: Buffer
  readonly public: Buffer
}
export function generateX25519(): X25519KeyPair {
  throw new Error('soon')
}
/** `secret` has 32 bytes; it is stored as given (clamping happens in use). */
export function x25519FromSecret(secret: Uint8Array): X25519KeyPair {
  throw new Error('soon')
}
/** 32 bytes; throws MalformedError on an all-zero output. */
export function x25519(key: X25519KeyPair, peerPublic: Uint8Array): Buffer {
  throw new Error('soon')
}

import type { X25519KeyPair } from './x25519.ts'
export interface NtorV3Client {
  readonly onionskin: Buffer
  finish(reply: Uint8Array, keyLength: number): { keys: Buffer; message: Buffer }
}
export function ntorV3Client(
  ed25519Identity: Uint8Array,
  onionKey: Uint8Array,
  message: Uint8Array,
  verification = 'circuit extend',
): NtorV3Client {
  throw new Error('soon')
}
/** `handle` gets the client's message and gives ours; what it throws goes through. Throws MalformedError. */
export function ntorV3Server(
  onionskin: Uint8Array,
  ed25519Identity: Uint8Array,
  findKey: (publicKey: Buffer) => X25519KeyPair | undefined,
  handle: (clientMessage: Buffer) => Uint8Array,
  keyLength: number,
  verification = 'circuit extend',
): { reply: Buffer; keys: Buffer } {
  throw new Error('soon')
}

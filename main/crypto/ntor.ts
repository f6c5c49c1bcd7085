import type { X25519KeyPair } from './x25519.ts'
export interface NtorClient {
  readonly onionskin: Buffer
  finish(reply: Uint8Array, keyLength: number): Buffer
}
export function ntorClient(nodeId: Uint8Array, onionKey: Uint8Array): NtorClient {
  throw new Error('soon')
}
/** Throws MalformedError. */
export function ntorServer(
  onionskin: Uint8Array,
  nodeId: Uint8Array,
  findKey: (publicKey: Buffer) => X25519KeyPair | undefined,
  keyLength: number,
): { reply: Buffer; keys: Buffer } {
  throw new Error('soon')
}

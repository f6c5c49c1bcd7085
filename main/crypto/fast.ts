export interface FastClient {
  /** 20 bytes */ readonly onionskin: Buffer /** reply: 40 bytes; throws MalformedError on a bad KH */
  finish(reply: Uint8Array, keyLength: number): Buffer
}
export function createFastClient(): FastClient {
  throw new Error('soon')
}
/** keys: the keyLength bytes after KH */
export function createFastServer(onionskin: Uint8Array, keyLength: number): { reply: Buffer; keys: Buffer } {
  throw new Error('soon')
}

/** Version 1, with the digest of the cell that made it due. */
export function encodeSendme(tag: Uint8Array): Buffer {
  throw new Error('soon')
}
/** tag undefined: version 0 */
export function decodeSendme(data: Uint8Array): { version: 0 | 1; tag: Buffer | undefined } {
  throw new Error('soon')
}

export function encodeXoff(): Buffer {
  throw new Error('soon')
}
export function decodeXoff(data: Uint8Array): void {
  throw new Error('soon')
}
/** kbps: 0 = no limit */
export function encodeXon(kbps: number): Buffer {
  throw new Error('soon')
}
export function decodeXon(data: Uint8Array): number {
  throw new Error('soon')
}

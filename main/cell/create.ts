export const HandshakeType = { TAP: 0, NTOR: 2, NTOR_V3: 3, /** perspective access, clear circuit */ PA_CLEAR: 0x5041 } as const
export interface Create2 {
  readonly handshakeType: number
  readonly data: Buffer
}
export function encodeCreate2(value: { handshakeType: number; data: Uint8Array }): Buffer {
  throw new Error('soon')
}
export function decodeCreate2(body: Uint8Array): Create2 {
  throw new Error('soon')
}
/** HLEN | HDATA; the same bytes are the body of EXTENDED2. */
export function encodeCreated2(data: Uint8Array): Buffer {
  throw new Error('soon')
}
export function decodeCreated2(body: Uint8Array): Buffer {
  throw new Error('soon')
}

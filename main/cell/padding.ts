/** Link padding (PADDING_NEGOTIATE cell); low, high in ms */
export interface PaddingNegotiate {
  readonly command: 'stop' | 'start'
  readonly low: number
  readonly high: number
}
export function encodePaddingNegotiate(value: PaddingNegotiate): Buffer {
  throw new Error('soon')
}
export function decodePaddingNegotiate(body: Uint8Array): PaddingNegotiate {
  throw new Error('soon')
}
/** Circuit padding (relay messages 41 and 42). */
export interface CircuitPaddingNegotiate {
  readonly command: 'stop' | 'start'
  readonly machine: number
  readonly echo: number
  readonly counter: number
}
export interface CircuitPaddingNegotiated extends CircuitPaddingNegotiate {
  readonly response: 'ok' | 'error'
}
export function encodeCircuitPaddingNegotiate(value: CircuitPaddingNegotiate): Buffer {
  throw new Error('soon')
}
export function decodeCircuitPaddingNegotiate(data: Uint8Array): CircuitPaddingNegotiate {
  throw new Error('soon')
}
export function encodeCircuitPaddingNegotiated(value: CircuitPaddingNegotiated): Buffer {
  throw new Error('soon')
}
export function decodeCircuitPaddingNegotiated(data: Uint8Array): CircuitPaddingNegotiated {
  throw new Error('soon')
}

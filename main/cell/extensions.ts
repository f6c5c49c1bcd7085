/** What the message of an ntor-v3 client asks for. */
export interface CircuitRequest {
  readonly congestionControl: boolean
  readonly subprotocols: readonly { readonly protocol: number; readonly version: number }[]
}
export interface CircuitResponse {
  /** cells a SENDME stands for; undefined: no congestion control */ readonly sendmeIncrement: number | undefined
}
export function encodeCircuitRequest(request: CircuitRequest): Buffer {
  throw new Error('soon')
}
export function decodeCircuitRequest(bytes: Uint8Array): CircuitRequest {
  throw new Error('soon')
}
export function encodeCircuitResponse(response: CircuitResponse): Buffer {
  throw new Error('soon')
}
export function decodeCircuitResponse(bytes: Uint8Array): CircuitResponse {
  throw new Error('soon')
}

import type { LinkTarget } from './link-specifier.ts'
export interface Extend2 {
  readonly target: LinkTarget
  readonly handshakeType: number
  readonly data: Buffer
}
export function encodeExtend2(value: { target: LinkTarget; handshakeType: number; data: Uint8Array }): Buffer {
  throw new Error('soon')
}
export function decodeExtend2(body: Uint8Array): Extend2 {
  throw new Error('soon')
}
export function encodeExtended2(data: Uint8Array): Buffer {
  throw new Error('soon')
}
export function decodeExtended2(body: Uint8Array): Buffer {
  throw new Error('soon')
}

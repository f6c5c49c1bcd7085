import type { IpAddress } from '../lib/ip.ts'
/** ttl in seconds */
export type ResolvedAnswer =
  | { readonly kind: 'address'; readonly address: IpAddress; readonly ttl: number }
  | { readonly kind: 'hostname'; readonly name: string; readonly ttl: number }
  | { readonly kind: 'error'; readonly transient: boolean; readonly ttl: number }
export function encodeResolve(name: string): Buffer {
  throw new Error('soon')
}
export function decodeResolve(data: Uint8Array): string {
  throw new Error('soon')
}
export function encodeResolved(answers: readonly ResolvedAnswer[]): Buffer {
  throw new Error('soon')
}
export function decodeResolved(data: Uint8Array): ResolvedAnswer[] {
  throw new Error('soon')
}

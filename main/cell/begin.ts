import type { IpAddress } from '../lib/ip.ts'
export const BeginFlag = { IPV6_OK: 1, IPV4_NOT_OK: 2, IPV6_PREFERRED: 4 } as const
/** host: a name or an address (IPv6 without brackets) */
export interface Begin {
  readonly host: string
  readonly port: number
  readonly flags: number
}
export function encodeBegin(begin: Begin): Buffer {
  throw new Error('soon')
}
export function decodeBegin(data: Uint8Array): Begin {
  throw new Error('soon')
}
/** address undefined: not told (BEGIN_DIR); ttl in seconds */
export interface Connected {
  readonly address: IpAddress | undefined
  readonly ttl: number
}
export function encodeConnected(connected: Connected): Buffer {
  throw new Error('soon')
}
export function decodeConnected(data: Uint8Array): Connected {
  throw new Error('soon')
}

import type { IpAddress } from '../lib/ip.ts'
/** address and ttl (seconds) only with reason EXITPOLICY */
export interface End {
  readonly reason: number
  readonly address?: IpAddress | undefined
  readonly ttl?: number | undefined
}
export function encodeEnd(end: End): Buffer {
  throw new Error('soon')
}
export function decodeEnd(data: Uint8Array): End {
  throw new Error('soon')
}

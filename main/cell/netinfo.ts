import type { IpAddress } from '../lib/ip.ts'
export interface Netinfo {
  /** ms; 0 when withheld */ readonly time: number
  readonly otherAddress: IpAddress | undefined
  readonly myAddresses: readonly IpAddress[]
}
export function encodeNetinfo(netinfo: Netinfo): Buffer {
  throw new Error('soon')
}
export function decodeNetinfo(body: Uint8Array): Netinfo {
  throw new Error('soon')
}

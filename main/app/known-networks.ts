import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { isTunnel } from '../net/outbound.ts'
import { isVirtualBridge, networkOf } from './metered-network.ts'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** 10/8, 172.16/12 and 192.168/16: what routers at home and at work give out. Public addresses change without anybody moving. */
const PRIVATE = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)/

/**
 * The local networks that this computer is in, such as `192.168.178.0/24`; tunnels and bridges of virtual machines left out. Two homes may use the
 * same addresses, so the same network here proves nothing; but where none is the same, the computer has moved, or its router was set up anew.
 */
export function localNetworks(interfaces: Interfaces = networkInterfaces()): string[] {
  const found = new Set<string>()
  for (const [name, addresses] of Object.entries(interfaces)) {
    if (isTunnel(name) || isVirtualBridge(name)) continue
    for (const { address, family, internal, cidr } of addresses ?? []) {
      if (internal || family !== 'IPv4' || cidr === null || !PRIVATE.test(address)) continue
      const bits = Number(cidr.split('/')[1])
      found.add(`${networkOf(address, bits)}/${bits}`)
    }
  }
  return [...found].sort()
}

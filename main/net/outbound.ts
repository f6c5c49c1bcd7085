import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'

/** The way to the Internet that the system would take now. */
export interface OutboundRoutes {
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** The interface that IPv4 (else IPv6) leaves by. */
  readonly interface?: string
}

/** Addresses for documentation (RFC 5737, RFC 3849): the default route leads to them, and nobody is there. */
const SOMEWHERE = { udp4: '192.0.2.1', udp6: '2001:db8::1' } as const
const DISCARD_PORT = 9

/** Our address on the way there; connecting a datagram socket looks up the route and sends nothing. */
function localAddressTowards(kind: 'udp4' | 'udp6'): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = createSocket(kind)
    const end = (address: string | undefined) => {
      socket.close()
      resolve(address)
    }
    socket.once('error', () => end(undefined))
    socket.connect(DISCARD_PORT, SOMEWHERE[kind], () => end(socket.address().address))
  })
}

/** Which ways to the Internet there are; asks only this machine. Never rejects. */
export async function outboundRoutes(): Promise<OutboundRoutes> {
  const [v4, v6] = await Promise.all([localAddressTowards('udp4'), localAddressTowards('udp6')])
  const address = v4 ?? v6
  const name = Object.entries(networkInterfaces()).find(([, list]) => list?.some(entry => entry.address === address))?.[0]
  return { ipv4: v4 !== undefined, ipv6: v6 !== undefined, ...(name === undefined ? {} : { interface: name }) }
}

/** What virtual private networks call their interfaces: WireGuard, OpenVPN, PPP, and makers' own names. */
const TUNNEL = /^(tun|tap|wg|ppp|ipsec|nordlynx|utun)\d*|vpn|wireguard|mullvad|tailscale|zerotier/i

/** Whether an interface is, by its name, the end of a tunnel. */
export const isTunnel = (name: string): boolean => TUNNEL.test(name)

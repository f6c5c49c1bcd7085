import { networkInterfaces } from 'node:os'
import { type Cidr, cidrContains, type IpAddress, ipToBytes, isIPv4, isSpecialAddress, parseCidr, socketAddress } from '../lib/ip.ts'

/** How long the list of this machine's addresses is believed, in ms. */
const BELIEVED_MS = 10_000
/** A home has at least this much of the IPv6 address space, whatever mask its interfaces show. */
const HOME_BITS6 = 64

/**
 * The public addresses that lead to this machine or into its home: those of its interfaces and those it publishes, and all IPv6 addresses of the networks
 * that its interfaces are in, since at home printers and cameras have public IPv6 addresses, and the router's firewall does not stand between us and them.
 * No stream of others may go there, on whatever port: our listeners, the router's administration page and everything else at home are behind them. Special
 * addresses (127.0.0.1, 192.168.…) are not asked here: they are refused for what they are.
 */
export class OwnAddresses {
  readonly #published: () => readonly (IpAddress | undefined)[]
  readonly #interfaces: () => Iterable<string>
  readonly #now: () => number
  #known: ReadonlySet<IpAddress> = new Set()
  #homes: readonly Cidr[] = []
  #readAt: number | undefined

  constructor(options: {
    published: () => readonly (IpAddress | undefined)[]
    /** Addresses, with or without the length of their network's prefix ("2001:db8::7/64"). */
    interfaces?: () => Iterable<string>
    now?: () => number
  }) {
    this.#published = options.published
    this.#interfaces = options.interfaces ?? interfaceAddresses
    this.#now = options.now ?? Date.now
  }

  has(address: IpAddress): boolean {
    if (isSpecialAddress(address)) return false
    this.#look()
    return this.#published().includes(address) || this.#known.has(address) || this.#isAtHome(address)
  }

  #isAtHome(address: IpAddress): boolean {
    if (isIPv4(address)) return false
    const bytes = ipToBytes(address)!
    return this.#homes.some(home => cidrContains(home, bytes))
  }

  #look(): void {
    const now = this.#now()
    if (this.#readAt !== undefined && Math.abs(now - this.#readAt) < BELIEVED_MS) return
    const found = [...this.#interfaces()]
    this.#known = new Set(found.map(text => socketAddress(text.replace(/\/.*$/, ''))))
    this.#homes = found.flatMap(homeOf)
    this.#readAt = now
  }
}

/** The network of an interface, as far as it is a public IPv6 one. */
function homeOf(text: string): Cidr[] {
  const network = parseCidr(text.replace(/%[^/]*/, ''))
  if (network?.bytes.length !== 16 || isSpecialAddress(socketAddress(text.replace(/\/.*$/, '')))) return []
  return [{ bytes: network.bytes, bits: Math.min(network.bits, HOME_BITS6) }]
}

function* interfaceAddresses(): Generator<string> {
  for (const entries of Object.values(networkInterfaces())) for (const entry of entries ?? []) yield entry.cidr ?? entry.address
}

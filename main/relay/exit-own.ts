import { networkInterfaces } from 'node:os'
import { type IpAddress, isSpecialAddress, socketAddress } from '../lib/ip.ts'

/** How long the list of this machine's addresses is believed, in ms. */
const BELIEVED_MS = 10_000

/**
 * The public addresses that lead to this machine: those of its interfaces and those it publishes. No stream of others may go there, on whatever port: our
 * listeners, the router's administration page and everything else at home are behind them. Special addresses (127.0.0.1, 192.168.…) are not asked here:
 * they are refused for what they are.
 */
export class OwnAddresses {
  readonly #published: () => readonly (IpAddress | undefined)[]
  readonly #interfaces: () => Iterable<IpAddress>
  readonly #now: () => number
  #known: ReadonlySet<IpAddress> = new Set()
  #readAt: number | undefined

  constructor(options: {
    published: () => readonly (IpAddress | undefined)[]
    interfaces?: () => Iterable<IpAddress>
    now?: () => number
  }) {
    this.#published = options.published
    this.#interfaces = options.interfaces ?? interfaceAddresses
    this.#now = options.now ?? Date.now
  }

  has(address: IpAddress): boolean {
    return !isSpecialAddress(address) && (this.#published().includes(address) || this.#ofMachine().has(address))
  }

  #ofMachine(): ReadonlySet<IpAddress> {
    const now = this.#now()
    if (this.#readAt === undefined || Math.abs(now - this.#readAt) >= BELIEVED_MS) {
      this.#known = new Set(this.#interfaces())
      this.#readAt = now
    }
    return this.#known
  }
}

function* interfaceAddresses(): Generator<IpAddress> {
  for (const entries of Object.values(networkInterfaces())) for (const entry of entries ?? []) yield socketAddress(entry.address)
}

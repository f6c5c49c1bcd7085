import type { Channel } from '../channel/channel.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { TokenBucket } from '../lib/token-bucket.ts'
import { addressGroup } from '../net/listener.ts'
import type { ClientCircuitLimits } from './dos-params.ts'

interface Client {
  links: number
  /** From the first circuit that is counted. */
  bucket: TokenBucket | undefined
  shutUntil: number
}

/** Addresses that are shut out are remembered without links; when there are so many in all, those that no longer are get forgotten. */
const MANY_CLIENTS = 20_000

/**
 * Counts the circuits that clients (links that proved no identity) of one address make, where the authorities ask for that (DoSCircuitCreation…). An
 * address is remembered as long as it has links, and while it is shut out.
 */
export class ClientCircuits {
  readonly #limits: () => ClientCircuitLimits | undefined
  readonly #now: () => number
  readonly #clients = new Map<string, Client>()

  constructor(limits: () => ClientCircuitLimits | undefined, now: () => number = steadyNow) {
    this.#limits = limits
    this.#now = now
  }

  opened(channel: Channel): void {
    if (!isClient(channel)) return
    const key = addressGroup(channel.remoteAddress)
    const client = this.#clients.get(key)
    if (client) client.links++
    else {
      if (this.#clients.size >= MANY_CLIENTS) this.#forget()
      this.#clients.set(key, { links: 1, bucket: undefined, shutUntil: 0 })
    }
  }

  closed(channel: Channel): void {
    if (!isClient(channel)) return
    const key = addressGroup(channel.remoteAddress)
    const client = this.#clients.get(key)
    if (client && --client.links <= 0 && this.#now() >= client.shutUntil) this.#clients.delete(key)
  }

  #forget(): void {
    const now = this.#now()
    for (const [key, { links, shutUntil }] of this.#clients) if (links <= 0 && now >= shutUntil) this.#clients.delete(key)
  }

  /** Whether a new circuit on this link may be made; one that may is counted. */
  admits(channel: Channel): boolean {
    const limits = this.#limits()
    if (!limits || !isClient(channel)) return true
    const client = this.#clients.get(addressGroup(channel.remoteAddress))
    if (!client) return true
    const now = this.#now()
    client.bucket ??= new TokenBucket(limits.rate, limits.burst, now)
    client.bucket.reshape(limits.rate, limits.burst, now)
    const left = client.bucket.take(1, now)
    if (now < client.shutUntil) return false
    if (left || client.links < limits.minLinks) return true
    client.shutUntil = now + limits.shutMs * (1 + Math.random() / 2)
    return false
  }
}

function isClient(channel: Channel): boolean {
  return !channel.initiated && !channel.peer
}

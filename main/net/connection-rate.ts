import { type IpAddress, isSpecialAddress } from '../lib/ip.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { TokenBucket } from '../lib/token-bucket.ts'
import { addressGroup } from './listener.ts'

/** How often one IPv4 address or IPv6 /64 may connect. */
export interface ConnectionRateLimits {
  /** Connections a second, and at once. */
  readonly rate: number
  readonly burst: number
  /** Who used that up is not let in for so long (ms), and up to half as long again, so that nobody can count on the moment. */
  readonly shutMs: number
}

interface Caller {
  readonly bucket: TokenBucket
  shutUntil: number
}

/** Callers that are remembered; beyond it the oldest make room. */
const MAX_CALLERS = 20_000

/**
 * Counts the connections of each caller before anything is done for them: a TLS handshake costs us more than it costs whoever asks for it. Special
 * addresses are let in always: behind some routers all the world has the router's, and in test networks one machine stands for the world.
 */
export class ConnectionRate {
  readonly #limits: () => ConnectionRateLimits
  readonly #now: () => number
  readonly #random: () => number
  readonly #callers = new Map<string, Caller>()

  constructor(limits: () => ConnectionRateLimits, options: { now?: () => number; random?: () => number } = {}) {
    this.#limits = limits
    this.#now = options.now ?? steadyNow
    this.#random = options.random ?? Math.random
  }

  /** How many are remembered. */
  get callers(): number {
    return this.#callers.size
  }

  /** Whether a connection from there may come in now; one that may is counted. */
  admits(address: IpAddress): boolean {
    if (isSpecialAddress(address)) return true
    const now = this.#now()
    const { rate, burst, shutMs } = this.#limits()
    const caller = this.#callerOf(addressGroup(address), now)
    if (now < caller.shutUntil) return false
    caller.bucket.reshape(rate, burst, now)
    if (caller.bucket.take(1, now)) return true
    caller.shutUntil = now + shutMs * (1 + this.#random() / 2)
    return false
  }

  #callerOf(group: string, now: number): Caller {
    let caller = this.#callers.get(group)
    if (caller) return caller
    if (this.#callers.size >= MAX_CALLERS) this.#forget(now)
    const { rate, burst } = this.#limits()
    caller = { bucket: new TokenBucket(rate, burst, now), shutUntil: 0 }
    this.#callers.set(group, caller)
    return caller
  }

  /** Those with a full bucket are as good as unknown; if there are none, the oldest tenth goes. */
  #forget(now: number): void {
    for (const [group, { bucket, shutUntil }] of this.#callers) {
      if (now >= shutUntil && bucket.available(now) >= bucket.burst) this.#callers.delete(group)
    }
    if (this.#callers.size < MAX_CALLERS) return
    let left = MAX_CALLERS / 10
    for (const group of this.#callers.keys()) {
      if (left-- <= 0) break
      this.#callers.delete(group)
    }
  }
}

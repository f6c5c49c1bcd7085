import { TokenBucket } from '../lib/token-bucket.ts'
import type { PeerGroup } from './peer-groups.ts'
import type { PeerQuota, PerspectiveLimits } from './perspective-limits.ts'

const DAY_MS = 24 * 3_600_000
const MAX_ACCOUNTS = 20_000

/** What a peer or group holds and has used. A group's is larger; a peer's grows with its usefulness. */
class Account {
  links = 0
  circuits = 0
  streams = 0
  /** Since when the day's bytes are counted, ms. */
  dayStart: number
  dayBytes = 0
  lastUsed: number
  readonly begins: TokenBucket
  readonly lookups: TokenBucket
  readonly bytes: TokenBucket
  quota: PeerQuota

  constructor(quota: PeerQuota, now: number) {
    this.quota = quota
    this.dayStart = this.lastUsed = now
    this.begins = new TokenBucket(quota.streamsPerSecond, quota.streamBurst, now)
    this.lookups = new TokenBucket(quota.resolvesPerSecond, quota.resolveBurst, now)
    this.bytes = new TokenBucket(quota.bytesPerSecond, quota.burstBytes, now)
  }

  reshape(quota: PeerQuota, now: number): void {
    this.quota = quota
    this.begins.reshape(quota.streamsPerSecond, quota.streamBurst, now)
    this.lookups.reshape(quota.resolvesPerSecond, quota.resolveBurst, now)
    this.bytes.reshape(quota.bytesPerSecond, quota.burstBytes, now)
  }

  /** Bytes that the day still has. */
  dayLeft(now: number): number {
    if (now - this.dayStart >= DAY_MS || now < this.dayStart) {
      this.dayStart = now
      this.dayBytes = 0
    }
    return this.quota.bytesPerDay - this.dayBytes
  }

  get idle(): boolean {
    return this.links === 0 && this.circuits === 0 && this.streams === 0
  }
}

/** Rates and bytes are multiplied; links, circuits and bursts are the same for all peers. */
function scaled(quota: PeerQuota, factor: number, all = 1): PeerQuota {
  return {
    links: quota.links * all,
    circuits: quota.circuits * all,
    streams: Math.max(1, Math.round(quota.streams * factor * all)),
    streamsPerSecond: quota.streamsPerSecond * factor * all,
    resolvesPerSecond: quota.resolvesPerSecond * factor * all,
    streamBurst: quota.streamBurst * all,
    resolveBurst: quota.resolveBurst * all,
    bytesPerSecond: quota.bytesPerSecond * factor * all,
    burstBytes: quota.burstBytes * all,
    bytesPerDay: quota.bytesPerDay * factor * all,
  }
}

/** Why something is not given: seconds until asking again makes sense. */
export interface OverQuota {
  readonly what: 'links' | 'streams' | 'stream rate' | 'resolve rate' | 'bytes of the day'
  readonly retryAfter: number
}

/** What one peer may still have, alone and as one of its groups. */
export class PeerAccount {
  readonly #own: Account
  readonly #groups: readonly Account[]
  readonly #freeBytes: () => number
  readonly factor: number

  constructor(own: Account, groups: readonly Account[], factor: number, freeBytes: () => number) {
    this.#own = own
    this.#groups = groups
    this.factor = factor
    this.#freeBytes = freeBytes
  }

  /** The day's bytes; step 5 of admission asks this, and live sessions end by it. */
  overDay(now: number): OverQuota | undefined {
    const free = this.#isFree(now)
    for (const account of free ? [this.#own] : [this.#own, ...this.#groups]) {
      if (account.dayLeft(now) <= 0) {
        return { what: 'bytes of the day', retryAfter: Math.max(1, Math.ceil((account.dayStart + DAY_MS - now) / 1000)) }
      }
    }
    return undefined
  }

  /** Whether today's bytes are still within what every peer has for nothing. */
  #isFree(now: number): boolean {
    this.#own.dayLeft(now)
    return this.#own.dayBytes < this.#freeBytes()
  }

  takeLink(): OverQuota | undefined {
    return this.#take('links', 60)
  }

  giveLink(): void {
    this.#give('links')
  }

  /** Circuits are counted once they are made, which takes a while: a few more than this may come through. */
  get canHaveCircuit(): boolean {
    return [this.#own, ...this.#groups].every(account => account.circuits < account.quota.circuits)
  }

  addCircuit(): void {
    for (const account of [this.#own, ...this.#groups]) account.circuits++
  }

  giveCircuit(): void {
    this.#give('circuits')
  }

  takeStream(now: number): OverQuota | undefined {
    return this.#takeRate('begins', 'stream rate', now) ?? this.#take('streams', 5)
  }

  giveStream(): void {
    this.#give('streams')
  }

  takeLookup(now: number): OverQuota | undefined {
    return this.#takeRate('lookups', 'resolve rate', now)
  }

  #take(what: 'links' | 'streams', retryAfter: number): OverQuota | undefined {
    const all = [this.#own, ...this.#groups]
    if (all.some(account => account[what] >= account.quota[what])) return { what, retryAfter }
    for (const account of all) account[what]++
    return undefined
  }

  #give(what: 'links' | 'circuits' | 'streams'): void {
    for (const account of [this.#own, ...this.#groups]) account[what]--
  }

  #takeRate(bucket: 'begins' | 'lookups', what: OverQuota['what'], now: number): OverQuota | undefined {
    const all = [this.#own, ...this.#groups]
    const wait = Math.max(...all.map(account => account[bucket].waitFor(1, now)))
    if (wait > 0) return { what, retryAfter: Math.ceil(wait / 1000) }
    for (const account of all) account[bucket].take(1, now)
    return undefined
  }

  /** Bytes that may flow now; never negative. */
  bytesLeft(now: number): number {
    let left = this.#own.bytes.available(now)
    if (!this.#isFree(now)) for (const group of this.#groups) left = Math.min(left, group.bytes.available(now))
    return Math.max(0, left)
  }

  /** More has flowed than may: no more is read. */
  inDebt(now: number): boolean {
    if (this.#own.bytes.available(now) < 0) return true
    return !this.#isFree(now) && this.#groups.some(group => group.bytes.available(now) < 0)
  }

  spend(bytes: number, now: number): void {
    const free = this.#isFree(now)
    this.#own.bytes.spend(bytes, now)
    this.#own.dayBytes += bytes
    this.#own.lastUsed = now
    if (free) return
    for (const group of this.#groups) {
      group.dayLeft(now)
      group.bytes.spend(bytes, now)
      group.dayBytes += bytes
      group.lastUsed = now
    }
  }

  /** For views: what it holds and has used today. */
  get holds(): { links: number; circuits: number; streams: number; dayBytes: number; bytesPerDay: number } {
    const { links, circuits, streams, dayBytes, quota } = this.#own
    return { links, circuits, streams, dayBytes, bytesPerDay: quota.bytesPerDay }
  }
}

/** All accounts. They outlive links, so that hanging up does not refill a quota; those not used for a day are forgotten. */
export class PeerAccounts {
  readonly #limits: () => PerspectiveLimits
  readonly #accounts = new Map<string, Account>()

  constructor(limits: () => PerspectiveLimits) {
    this.#limits = limits
  }

  /** The account of a peer as its usefulness and groups are now. */
  of(fingerprint: string, groups: readonly PeerGroup[], factor: number, now: number): PeerAccount {
    const { quota, groups: shares } = this.#limits()
    const own = this.#account(`peer ${fingerprint}`, scaled(quota, factor), now)
    const all = groups.map(({ kind, key }) => this.#account(key, scaled(quota, 1, shares[kind]), now))
    return new PeerAccount(own, all, factor, () => this.#limits().freeBytesPerDay)
  }

  #account(key: string, quota: PeerQuota, now: number): Account {
    let account = this.#accounts.get(key)
    if (!account) {
      if (this.#accounts.size >= MAX_ACCOUNTS) this.#forget(now)
      account = new Account(quota, now)
      this.#accounts.set(key, account)
    } else account.reshape(quota, now)
    account.lastUsed = now
    return account
  }

  #forget(now: number): void {
    for (const [key, account] of this.#accounts) if (account.idle && now - account.lastUsed >= DAY_MS) this.#accounts.delete(key)
    // More peers than there are relays: the oldest that hold nothing make room.
    for (const [key, account] of this.#accounts) {
      if (this.#accounts.size < MAX_ACCOUNTS) break
      if (account.idle) this.#accounts.delete(key)
    }
  }
}

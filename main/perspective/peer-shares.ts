import type { Channel } from '../channel/channel.ts'
import { TokenBucket } from '../lib/token-bucket.ts'
import type { BandwidthLimiter, LeftoverShaper } from '../relay/bandwidth.ts'
import type { PeerAccount } from './peer-accounts.ts'

/** What a peer gets in one turn, and the most that it may have in hand; bytes. */
const QUANTUM_BYTES = 8 * 1024
const CREDIT_MAX_BYTES = 64 * 1024
/** While paused: what a peer gets in one deal, how far apart deals are (ms), and in which one of so many ticks it is read. Enough for answers and ENDs. */
const TRICKLE = { bytes: 2 * 1024, everyMs: 250, oneTickIn: 10 } as const
/** When there is nothing to deal out, it is looked again after so many ms. */
const RETRY_MS = 10

/** A peer with its links, and what it may write now. */
interface Peer {
  readonly account: PeerAccount
  readonly links: Map<Channel, { read: number }>
  /** Bytes granted and not yet written. */
  credit: number
  /** In the ring of those who asked for more. */
  asked: boolean
  /** What it has read stands in debt: its links are not read. */
  held: boolean
}

type Limiter = Pick<BandwidthLimiter<Channel>, 'spare' | 'rate' | 'burst'>

export interface PeerSharesOptions {
  readonly limiter: Limiter
  /** Most of the relay's rate for all peers together, and the part of its bucket that is kept for Tor; both 0–1. */
  readonly shares: () => { readonly share: number; readonly reserve: number }
  readonly now?: () => number
}

/**
 * Shares what Tor leaves among the peers that browse through us (T16, S19). Tor's own cells go first: perspective access gets at most its share of the
 * rate, and nothing once the relay's bucket has fallen to the reserve. What is there is dealt out to the peers that ask, in turns of equal size (deficit
 * round robin by identity, so that more links or circuits bring no more). Peers wait by not being read and not being written to; nothing is dropped.
 */
export class PeerShares implements LeftoverShaper<Channel> {
  readonly #o: PeerSharesOptions
  readonly #peers = new Map<string, Peer>()
  readonly #peerOf = new Map<Channel, Peer>()
  readonly #read: TokenBucket
  readonly #write: TokenBucket
  /** Peers that asked, in the order of their turns. */
  #ring: Peer[] = []
  #immediate: NodeJS.Immediate | undefined
  #retry: NodeJS.Timeout | undefined
  #paused = false
  #ticks = 0

  constructor(options: PeerSharesOptions) {
    this.#o = options
    const now = this.#now()
    const { rate, burst } = options.limiter
    this.#read = new TokenBucket(rate, burst, now)
    this.#write = new TokenBucket(rate, burst, now)
    this.#reshape(now)
  }

  #now(): number {
    return (this.#o.now ?? Date.now)()
  }

  #reshape(now: number): void {
    const { share, reserve } = this.#o.shares()
    const part = Math.max(0.01, Math.min(share, 1 - reserve))
    const { rate, burst } = this.#o.limiter
    for (const bucket of [this.#read, this.#write]) bucket.reshape(rate * part, burst * part, now)
  }

  /** While paused, peers get a trickle: refusals and the ends of streams come through, and little else. */
  set paused(paused: boolean) {
    if (paused === this.#paused) return
    this.#paused = paused
    for (const peer of this.#peers.values()) peer.credit = Math.min(0, peer.credit)
    for (const channel of this.#peerOf.keys()) channel.resumeWriting()
  }

  get paused(): boolean {
    return this.#paused
  }

  #clear(): void {
    if (this.#immediate) clearImmediate(this.#immediate)
    this.#immediate = undefined
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#ring = []
  }

  /** Nobody waits for anything any more. */
  stop(): void {
    this.#clear()
    this.#peers.clear()
    this.#peerOf.clear()
  }

  /** This link is one of that peer's from now on. */
  join(channel: Channel, fingerprint: string, account: PeerAccount): void {
    let peer = this.#peers.get(fingerprint)
    if (!peer) {
      peer = { account, links: new Map(), credit: 0, asked: false, held: false }
      this.#peers.set(fingerprint, peer)
    }
    peer.links.set(channel, { read: channel.bytes.paRead })
    this.#peerOf.set(channel, peer)
  }

  leave(channel: Channel, fingerprint: string): void {
    const peer = this.#peerOf.get(channel)
    if (!peer) return
    this.#peerOf.delete(channel)
    peer.links.delete(channel)
    if (peer.links.size === 0) this.#peers.delete(fingerprint)
    if (!channel.closed) channel.resumeWriting()
  }

  allowance(channel: Channel): number {
    const peer = this.#peerOf.get(channel)
    // Our own browsing through others.
    if (!peer) return Number.POSITIVE_INFINITY
    if (peer.credit < CREDIT_MAX_BYTES) this.#ask(peer)
    return Math.max(0, peer.credit)
  }

  spent(channel: Channel, trafficClass: 'or' | 'pa', bytes: number): void {
    if (trafficClass !== 'pa') return
    const peer = this.#peerOf.get(channel)
    if (!peer) return
    const now = this.#now()
    peer.credit -= bytes
    peer.account.spend(bytes, now)
    this.#write.spend(bytes, now)
  }

  #ask(peer: Peer): void {
    if (peer.asked) return
    peer.asked = true
    this.#ring.push(peer)
    // In a turn of its own, so that Tor's cells which arrive meanwhile go first.
    if (!this.#paused) this.#immediate ??= setImmediate(this.#deal)
    else this.#retry ??= setTimeout(this.#deal, TRICKLE.everyMs)
  }

  readonly #deal = (): void => {
    this.#immediate = undefined
    clearTimeout(this.#retry)
    this.#retry = undefined
    const now = this.#now()
    const { limiter, shares } = this.#o
    const room = Math.min(this.#write.available(now), limiter.spare('write', shares().reserve, now))
    const ring = this.#ring.filter(peer => peer.links.size > 0)
    const most = this.#paused ? TRICKLE.bytes : CREDIT_MAX_BYTES
    const served = deal(ring, room, peer => Math.min(most, peer.account.bytesLeft(now)))
    // Who got nothing keeps its place in front of those who will ask again.
    this.#ring = ring.filter(peer => !served.has(peer))
    if (this.#ring.length > 0) this.#retry = setTimeout(this.#deal, this.#paused ? TRICKLE.everyMs : RETRY_MS)
    for (const peer of served) {
      peer.asked = false
      for (const channel of peer.links.keys()) channel.resumeWriting()
    }
  }

  tick(now: number): void {
    this.#reshape(now)
    const { limiter, shares } = this.#o
    for (const peer of this.#peers.values()) {
      let bytes = 0
      for (const [channel, seen] of peer.links) {
        bytes += channel.bytes.paRead - seen.read
        seen.read = channel.bytes.paRead
      }
      if (bytes > 0) {
        peer.account.spend(bytes, now)
        this.#read.spend(bytes, now)
      }
    }
    this.#ticks++
    const stepsBack = this.#paused && this.#ticks % TRICKLE.oneTickIn !== 0
    const full = stepsBack || this.#read.available(now) <= 0 || limiter.spare('read', shares().reserve, now) <= 0
    for (const peer of this.#peers.values()) peer.held = full || peer.account.inDebt(now)
  }

  /** A link that carries circuits of Tor's besides is read all the same: its peer then waits with what we write to it. */
  holdsReading(channel: Channel): boolean {
    return (this.#peerOf.get(channel)?.held ?? false) && channel.purpose === 'pa'
  }
}

/** What a peer needs to take part in a deal. */
interface Taker {
  credit: number
}

/**
 * Deals `room` bytes out in turns of {@link QUANTUM_BYTES}, to each taker at most up to its `limit`; what takers have in hand is part of the room. Answers
 * with those that got something.
 */
export function deal<T extends Taker>(ring: readonly T[], room: number, limit: (taker: T) => number): Set<T> {
  const limits = new Map(ring.map(taker => [taker, limit(taker)]))
  const served = new Set<T>()
  let left = ring.reduce((sum, taker) => sum - Math.max(0, taker.credit), room)
  let active = ring.filter(taker => taker.credit < limits.get(taker)!)
  while (left > 0 && active.length > 0) {
    for (const taker of active) {
      const grant = Math.min(QUANTUM_BYTES, limits.get(taker)! - taker.credit, left)
      if (grant <= 0) break
      taker.credit += grant
      left -= grant
      served.add(taker)
    }
    active = active.filter(taker => taker.credit < limits.get(taker)!)
  }
  return served
}

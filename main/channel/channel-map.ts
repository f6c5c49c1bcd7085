import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { ConnectError } from '../net/connect-error.ts'
import { connectTls, type TlsLink } from '../net/tls.ts'
import { CellLoop, type WriteShaper } from './cell-loop.ts'
import { type ByteCounters, Channel, type ChannelHandler, type TrafficClass } from './channel.ts'
import { establish, HANDSHAKE_MS, LinkError } from './establish.ts'
import type { HandshakeResult } from './link-handshake.ts'
import type { LinkKeys } from './link-keys.ts'

/** Whom to connect to, and what it must prove. Addresses are tried in this order. */
export interface ChannelTarget {
  /** SHA-1 of the RSA identity key, 20 bytes. */
  readonly rsaIdentity: Buffer
  readonly ed25519Identity?: Buffer
  readonly addresses: readonly { readonly address: IpAddress; readonly port: number }[]
}

export interface ChannelMapOptions {
  /** Present = we authenticate as a relay and accept links. */
  readonly keys?: () => LinkKeys
  readonly log: ScopedLog
  /** Outgoing connections are bound to it when the family fits. */
  readonly localAddress?: IpAddress
  /** Our advertised addresses, told in NETINFO. */
  readonly ownAddresses?: () => readonly IpAddress[]
  readonly handlerFor: (channel: Channel) => ChannelHandler
  readonly limits?: Partial<ChannelLimits>
  readonly shaper?: WriteShaper<Channel>
  readonly now?: () => number
}

export interface ChannelLimits {
  /** ms without circuits after which a channel to a relay, or one from a client, is closed (C tor: consensus parameters nf_conntimeout_*). */
  readonly idleRelayMs: number
  readonly idleClientMs: number
  /** ms in which not one byte of what waits was taken by the peer. */
  readonly stuckMs: number
  /** ms after which a channel is used for no new circuits. */
  readonly oldMs: number
  /** ms for TCP and TLS together, and for the link handshake. */
  readonly connectMs: number
  readonly handshakeMs: number
  /** Links being opened, or accepted and not yet through the handshake. */
  readonly pending: number
  /** How often idle and stuck channels are looked for, ms. */
  readonly reapMs: number
}

const DEFAULT_CHANNEL_LIMITS: ChannelLimits = {
  idleRelayMs: 3_600_000,
  idleClientMs: 1_800_000,
  stuckMs: 300_000,
  oldMs: 7 * 24 * 3_600_000,
  connectMs: 10_000,
  handshakeMs: HANDSHAKE_MS,
  pending: 2000,
  reapMs: 15_000,
}

export interface OpenFreshOptions {
  readonly signal: AbortSignal
  readonly purpose?: TrafficClass
  readonly localAddress?: IpAddress
  /** False: as a client, telling nothing of us. Default: true when there are keys. */
  readonly authenticate?: boolean
  /** Instead of the map's own. */
  readonly handlerFor?: (channel: Channel) => ChannelHandler
}

export interface AcceptOptions {
  /** PAPort: the initiator must prove its identities. */
  readonly requireAuthentication?: boolean
  readonly purpose?: TrafficClass
  readonly handlerFor?: (channel: Channel) => ChannelHandler
}

interface Opening {
  readonly promise: Promise<Channel>
  readonly abort: AbortController
  waiting: number
}

/** All channels of this relay or client, by the identities their peers proved. */
export class ChannelMap {
  /** Of all channels that are or were open. */
  readonly bytes: ByteCounters = { orRead: 0, orWritten: 0, paRead: 0, paWritten: 0 }
  readonly #options: ChannelMapOptions
  readonly #limits: ChannelLimits
  /** For certificates and NETINFO; and for how long links have been what they are. */
  readonly #now: () => number
  readonly #steady: () => number
  readonly #loop = new CellLoop()
  readonly #channels = new Set<Channel>()
  /** By RSA identity, hex. */
  readonly #byIdentity = new Map<string, Set<Channel>>()
  /** Channels that open() may give out: neither perspective access, nor opened for somebody alone. */
  readonly #shared = new WeakSet<Channel>()
  readonly #opening = new Map<string, Opening>()
  readonly #closing = new AbortController()
  readonly #pending = new Set<Promise<unknown>>()
  /** Connections that are open or closing. */
  readonly #links = new Set<TlsLink>()
  #reaper: NodeJS.Timeout | undefined
  /** Links that looked stuck at the last look, with the time since when. */
  readonly #stuck = new WeakMap<Channel, number>()

  constructor(options: ChannelMapOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_CHANNEL_LIMITS, ...options.limits }
    this.#now = options.now ?? Date.now
    this.#steady = options.now ?? steadyNow
  }

  /**
   * An open channel to that identity, or a new one; callers that want the same one at the same time share the attempt. A channel is reused only when its
   * peer has proved the wanted identities and is canonical or has one of the wanted addresses (tor-spec 5.3.1). Rejects with ConnectError or LinkError.
   */
  open(target: ChannelTarget, options: { readonly signal: AbortSignal }): Promise<Channel> {
    const { signal } = options
    if (signal.aborted || this.#closing.signal.aborted) return Promise.reject(new LinkError('aborted', 'aborted'))
    const usable = this.#usable(target)
    if (usable) return Promise.resolve(usable)
    const key = openingKey(target)
    let opening = this.#opening.get(key)
    if (!opening) {
      const abort = new AbortController()
      const promise = this.#connect(target, { signal: abort.signal }, true)
      const done = () => {
        if (this.#opening.get(key)?.promise === promise) this.#opening.delete(key)
      }
      promise.then(done, done)
      abort.signal.addEventListener('abort', done, { once: true })
      opening = { promise, abort, waiting: 0 }
      this.#opening.set(key, opening)
    }
    return join(opening, signal)
  }

  #usable(target: ChannelTarget): Channel | undefined {
    const now = this.#steady()
    return this.byIdentity(target.rsaIdentity, target.ed25519Identity)
      .filter(channel => this.#shared.has(channel) && now - channel.openedAt < this.#limits.oldMs)
      .filter(channel => channel.isCanonical || target.addresses.some(({ address }) => address === channel.remoteAddress))
      .sort((a, b) => Number(b.isCanonical) - Number(a.isCanonical) || b.circuitCount - a.circuitCount)[0]
  }

  /** Always a new channel, which is never given to anybody else. */
  openFresh(target: ChannelTarget, options: OpenFreshOptions): Promise<Channel> {
    return this.#connect(target, options, false)
  }

  #connect(target: ChannelTarget, options: OpenFreshOptions, shared: boolean): Promise<Channel> {
    if (this.#pending.size >= this.#limits.pending) return Promise.reject(new LinkError('aborted', 'too many links are being opened'))
    const signal = AbortSignal.any([options.signal, this.#closing.signal])
    return this.#track(this.#tryAddresses(target, { ...options, signal }, shared))
  }

  async #tryAddresses(target: ChannelTarget, options: OpenFreshOptions, shared: boolean): Promise<Channel> {
    const { keys, localAddress, ownAddresses } = this.#options
    let failure: unknown = new ConnectError('BAD_ADDRESS', 'no address')
    for (const { address, port } of target.addresses.slice(0, 4)) {
      try {
        const link = await connectTls({
          host: address,
          port,
          localAddress: options.localAddress ?? localAddress,
          signal: options.signal,
          timeoutMs: this.#limits.connectMs,
        })
        const asRelay = options.authenticate !== false ? keys?.() : undefined
        return await establish(
          link,
          'initiator',
          {
            keys: asRelay,
            expect: target,
            ownAddresses: ownAddresses?.() ?? [],
            now: this.#now,
            signal: options.signal,
            timeoutMs: this.#limits.handshakeMs,
          },
          result => this.#add(link, true, result, options, shared),
        )
      } catch (error) {
        failure = error
        // Another address of the same relay would prove the same identity: only what has to do with the way there is tried again.
        if (options.signal.aborted || (error instanceof LinkError && error.code === 'identity')) break
      }
    }
    throw failure
  }

  /** Runs the responder's handshake on an accepted link; handlerFor() is called when it has ended well. */
  accept(link: TlsLink, options: AcceptOptions = {}): void {
    const { keys, ownAddresses, log } = this.#options
    if (!keys || this.#closing.signal.aborted || this.#pending.size >= this.#limits.pending) {
      link.destroy()
      return
    }
    const { purpose } = options
    const opened = establish(
      link,
      'responder',
      {
        keys: keys(),
        requireAuthentication: options.requireAuthentication,
        ownAddresses: ownAddresses?.() ?? [],
        now: this.#now,
        signal: this.#closing.signal,
        timeoutMs: this.#limits.handshakeMs,
      },
      result => this.#add(link, false, result, { purpose, handlerFor: options.handlerFor }, purpose !== 'pa'),
    )
    this.#track(opened).catch((error: Error) => log.debug(`an incoming link did not open: ${error.message}`))
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#pending.add(promise)
    const done = () => this.#pending.delete(promise)
    promise.then(done, done)
    return promise
  }

  #add(
    link: TlsLink,
    initiated: boolean,
    handshake: HandshakeResult,
    options: { readonly purpose?: TrafficClass; readonly handlerFor?: (channel: Channel) => ChannelHandler },
    shared: boolean,
  ): Channel {
    this.#links.add(link)
    link.gone.then(() => this.#links.delete(link))
    const channel = new Channel({
      link,
      initiated,
      handshake,
      loop: this.#loop,
      log: this.#options.log,
      purpose: options.purpose ?? 'or',
      totals: this.bytes,
      shaper: this.#options.shaper,
      now: this.#steady,
      handlerFor: options.handlerFor ?? this.#options.handlerFor,
      onClosed: closed => this.#forget(closed),
    })
    if (channel.closed) return channel
    if (shared && channel.peer) this.#shared.add(channel)
    this.#index(channel)
    return channel
  }

  #index(channel: Channel): void {
    this.#channels.add(channel)
    this.#reaper ??= setInterval(() => this.#reap(), this.#limits.reapMs)
    if (!channel.peer) return
    const key = channel.peer.rsaIdentity.toString('hex')
    const known = this.#byIdentity.get(key)
    if (known) known.add(channel)
    else this.#byIdentity.set(key, new Set([channel]))
  }

  #forget(channel: Channel): void {
    this.#channels.delete(channel)
    if (this.#channels.size === 0) {
      clearInterval(this.#reaper)
      this.#reaper = undefined
    }
    const key = channel.peer?.rsaIdentity.toString('hex') ?? ''
    const known = this.#byIdentity.get(key)
    known?.delete(channel)
    if (known?.size === 0) this.#byIdentity.delete(key)
  }

  all(): Channel[] {
    return [...this.#channels]
  }

  /** Open channels whose peers proved this identity (or both), of whatever purpose. */
  byIdentity(rsaIdentity: Buffer, ed25519Identity?: Buffer): Channel[] {
    const found = [...(this.#byIdentity.get(rsaIdentity.toString('hex')) ?? [])]
    return ed25519Identity ? found.filter(channel => channel.peer?.ed25519Identity.equals(ed25519Identity)) : found
  }

  /** Closes channels that nobody has used for long, and those whose peer takes nothing. */
  #reap(): void {
    const now = this.#steady()
    const { idleRelayMs, idleClientMs, stuckMs } = this.#limits
    for (const channel of this.#channels) {
      const idleMs = channel.peer ? idleRelayMs : idleClientMs
      if (channel.idleSince !== undefined && now - channel.idleSince >= idleMs) channel.close('idle')
      else if (channel.stuckSince !== undefined && now - channel.stuckSince >= stuckMs) {
        // A program that was held for long finds every write old, once: only a link that has still moved nothing at the next look is stuck.
        if (this.#stuck.get(channel) === channel.stuckSince) channel.close('the peer takes nothing')
        else this.#stuck.set(channel, channel.stuckSince)
      }
    }
  }

  /** Closes every channel, gives up those being opened, and waits until all their connections are gone; nothing can be opened afterwards. */
  async closeAll(): Promise<void> {
    this.#closing.abort()
    for (const channel of this.#channels) channel.close('shutting down')
    await Promise.allSettled(this.#pending)
    for (const channel of this.#channels) channel.close('shutting down')
    await Promise.all([...this.#links].map(link => link.gone))
  }
}

/** Attempts are shared by those who ask for the same proof at the same places. */
function openingKey(target: ChannelTarget): string {
  const places = target.addresses.map(({ address, port }) => `${address} ${port}`)
  return [target.rsaIdentity.toString('hex'), target.ed25519Identity?.toString('hex') ?? '', ...places].join(',')
}

/** Waits for a shared attempt; the last one to lose interest ends it. */
function join(opening: Opening, signal: AbortSignal): Promise<Channel> {
  opening.waiting++
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      if (--opening.waiting === 0) opening.abort.abort()
      reject(new LinkError('aborted', 'aborted'))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    opening.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

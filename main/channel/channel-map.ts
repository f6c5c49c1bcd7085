import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { TlsLink } from '../net/tls.ts'
import type { ByteCounters, Channel, ChannelHandler, TrafficClass } from './channel.ts'
import type { LinkKeys } from './link-keys.ts'

/** Whom to connect to, and what it must prove. */
export interface ChannelTarget {
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
  /** ms without circuits after which a channel is closed. */
  readonly idleMs?: { readonly relay: number; readonly client: number }
}

export interface OpenFreshOptions {
  readonly signal: AbortSignal
  readonly purpose?: TrafficClass
  readonly localAddress?: IpAddress
  /** Default: true when there are keys. */
  readonly authenticate?: boolean
  readonly handlerFor?: (channel: Channel) => ChannelHandler
}

export interface AcceptOptions {
  /** PAPort: the initiator must prove its identities. */
  readonly requireAuthentication?: boolean
  readonly purpose?: TrafficClass
  readonly handlerFor?: (channel: Channel) => ChannelHandler
}

/** All channels of this relay or client, by the identity their peers proved. */
export class ChannelMap {
  declare readonly bytes: ByteCounters
  constructor(options: ChannelMapOptions) {
    throw new Error(`soon ${options}`)
  }
  /** An open channel to that identity, or a new one; callers that want the same one at the same time share it. */
  open(target: ChannelTarget, options: { signal: AbortSignal }): Promise<Channel> {
    throw new Error(`soon ${target} ${options}`)
  }
  /** Always a new channel; `purpose: 'pa'` ones are never given out by open(). */
  openFresh(target: ChannelTarget, options: OpenFreshOptions): Promise<Channel> {
    throw new Error(`soon ${target} ${options}`)
  }
  /** Runs the responder's handshake on an accepted link; handlerFor() is called when it has opened. */
  accept(link: TlsLink, options?: AcceptOptions): void {
    throw new Error(`soon ${link} ${options}`)
  }
  all(): Channel[] {
    throw new Error('soon')
  }
  byIdentity(rsaIdentity: Buffer, ed25519Identity?: Buffer): Channel[] {
    throw new Error(`soon ${rsaIdentity} ${ed25519Identity}`)
  }
  /** Closes every channel and gives up those being opened. */
  closeAll(): Promise<void> {
    throw new Error('soon')
  }
}

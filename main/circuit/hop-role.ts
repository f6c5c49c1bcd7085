import type { Duplex } from 'node:stream'
import type { LinkTarget } from '../cell/link-specifier.ts'
import type { ResolvedAnswer } from '../cell/resolve.ts'
import type { Channel } from '../channel/channel.ts'
import type { X25519KeyPair } from '../crypto/x25519.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { Listeners } from '../lib/service.ts'
import type { OrCircuit } from './or-circuit.ts'
import type { CircuitStream } from './stream.ts'

export type { ResolvedAnswer } from '../cell/resolve.ts'

/** The keys with which onionskins are answered. `findNtor` knows the current key and, for its days of grace, the one before it. */
export interface OnionKeys {
  readonly rsaIdentity: Buffer
  readonly ed25519Identity: Buffer
  findNtor(onionKey: Buffer): X25519KeyPair | undefined
}

/**
 * Where an EXTEND2 wants to go, after the rules of tor-spec 5.1.2 and 5.3 were checked (extend-rules.ts). Without an Ed25519 identity the client
 * named none: the role may know it from the consensus and must then insist on it.
 */
export type ExtendTarget = LinkTarget

/** A BEGIN: `host` is a name or an address without brackets, lower case; `flags` as in tor-spec 6.2. */
export interface StreamTarget {
  readonly host: string
  readonly port: number
  readonly flags: number
}

/** What an exit connected to. `ttl` in seconds, as it goes into CONNECTED. */
export interface ExitConnection {
  readonly socket: Duplex
  readonly address: IpAddress
  readonly ttl: number
}

/** A circuit that somebody else made and that ends, or passes, at us. */
export interface ServedCircuit {
  /** The channel towards the client. `channel.peer` is undefined when the previous hop proved no identity. */
  readonly channel: Channel
  /** Made with CREATE_FAST: the previous hop is the client itself. */
  readonly createdFast: boolean
  readonly closed: boolean
  readonly onClose: Listeners<[circuit: ServedCircuit, reason: number]>
  /** Streams that are open or being opened, lookups too. */
  readonly streamCount: number
  /** DESTROY in both directions; streams end. */
  close(reason: number): void
}

/** What a node lets a circuit do at its end: the difference between an ORPort and a PAPort. */
export interface HopRole {
  readonly trafficClass: 'or' | 'pa'
  /** The open channel to the next hop; rejects with CircuitRefused. */
  extend(target: ExtendTarget, circuit: ServedCircuit, signal: AbortSignal): Promise<Channel>
  /** Rejects with StreamRefused. */
  connect(target: StreamTarget, circuit: ServedCircuit, signal: AbortSignal): Promise<ExitConnection>
  /** Rejects with StreamRefused, or answers with one 'error'. `name` may be an in-addr.arpa or ip6.arpa name. */
  resolve(name: string, circuit: ServedCircuit, signal: AbortSignal): Promise<ResolvedAnswer[]>
  /** Serves a BEGIN_DIR stream. Undefined: END NOTDIRECTORY. */
  directory?(duplex: Duplex, circuit: ServedCircuit): void
  /** Circuit-level messages (stream id 0) that this layer does not know: onion services, padding. False: unknown, ignored. `data` is the callee's. */
  message?(command: number, data: Buffer, circuit: OrCircuit): boolean
  /** A stream was connected (for accounts and logs); `stream.onClose` tells its end, with its byte counts. */
  connected?(stream: CircuitStream, target: StreamTarget, address: IpAddress, circuit: ServedCircuit): void
}

import type { Duplex } from 'node:stream'
import { DestroyReason, EndReason } from '../cell/command.ts'
import type { Channel } from '../channel/channel.ts'
import type { ChannelMap } from '../channel/channel-map.ts'
import { CircuitRefused, StreamRefused } from '../circuit/errors.ts'
import type { ExitConnection, ExtendTarget, HopRole, ResolvedAnswer, ServedCircuit, StreamTarget } from '../circuit/hop-role.ts'
import type { IpAddress } from '../lib/ip.ts'
import { isIPv4, isSpecialAddress } from '../lib/ip.ts'
import type { ExitConnector } from './exit.ts'

export interface OrRoleOptions {
  readonly channels: ChannelMap
  readonly exit: ExitConnector
  readonly serveDirectory: (duplex: Duplex, remoteAddress: IpAddress | undefined) => void
  readonly ed25519Of: (rsaIdentity: Buffer) => Buffer | undefined
  /** True when a relay with this RSA identity is in our consensus. */
  readonly isListed: (rsaIdentity: Buffer) => boolean
  /** Consensus parameter refuseunknownexits (default 1). */
  readonly refuseUnknownExits: () => boolean
  /** Test networks: private addresses that may be extended to. */
  readonly allowPrivate: (address: IpAddress, port: number) => boolean
}

/** What our relay does at the end of a circuit that came to the ORPort: extends it, exits from it, answers directory requests. */
export class OrRole implements HopRole {
  readonly trafficClass = 'or' as const
  readonly #options: OrRoleOptions

  constructor(options: OrRoleOptions) {
    this.#options = options
  }

  /** tor-spec 5.3, 5.6; refuses to go back (also by an Ed25519 identity that only the consensus names) and addresses that no public relay can have. To ourselves is refused before (extend-rules.ts). */
  async extend(target: ExtendTarget, circuit: ServedCircuit, signal: AbortSignal): Promise<Channel> {
    const { channels, ed25519Of, allowPrivate } = this.#options
    const { rsaIdentity } = target
    const previous = circuit.channel.peer
    const ed25519Identity = target.ed25519Identity ?? ed25519Of(rsaIdentity)
    if (previous && (previous.rsaIdentity.equals(rsaIdentity) || (ed25519Identity && previous.ed25519Identity.equals(ed25519Identity)))) {
      throw new CircuitRefused(DestroyReason.PROTOCOL, 'asked to extend back to the previous hop')
    }
    const addresses = target.addresses.filter(
      ({ address, port }) => port > 0 && isIPv4(address) && (!isSpecialAddress(address) || allowPrivate(address, port)),
    )
    if (addresses.length === 0) throw new CircuitRefused(DestroyReason.CONNECTFAILED, 'no address that may be dialled')
    try {
      return await channels.open({ rsaIdentity, ed25519Identity, addresses }, { signal })
    } catch {
      throw new CircuitRefused(DestroyReason.CONNECTFAILED, 'the next relay was not reached')
    }
  }

  /**
   * The rule of C tor's exits: no exit for a client that comes in one hop, nor for an authenticated peer that nobody listed, so that an
   * exit is never mistaken for an open proxy. One hop is what the PAPort is for.
   */
  #checkPeer(circuit: ServedCircuit): void {
    const peer = circuit.channel.peer
    if (!peer) throw new StreamRefused(EndReason.TORPROTOCOL, 'a client may not exit in one hop')
    if (this.#options.refuseUnknownExits() && !this.#options.isListed(peer.rsaIdentity))
      throw new StreamRefused(EndReason.MISC, 'the previous hop is no listed relay')
  }

  async connect(target: StreamTarget, circuit: ServedCircuit, signal: AbortSignal): Promise<ExitConnection> {
    this.#checkPeer(circuit)
    return this.#options.exit.connect(target, signal)
  }

  async resolve(name: string, circuit: ServedCircuit, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    this.#checkPeer(circuit)
    return this.#options.exit.resolve(name, signal)
  }

  directory(duplex: Duplex, circuit: ServedCircuit): void {
    // Only a client learns its address this way; a relay at the other end would learn that of the hop before it.
    this.#options.serveDirectory(duplex, circuit.channel.peer ? undefined : circuit.channel.remoteAddress)
  }
}

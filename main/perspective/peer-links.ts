import { DestroyReason } from '../cell/command.ts'
import type { PaStatusCode } from '../cell/pa.ts'
import type { Channel } from '../channel/channel.ts'
import type { CircuitServer } from '../circuit/circuit-server.ts'
import { isIPv4 } from '../lib/ip.ts'
import type { ListedPeer } from './admission.ts'
import { sendStatus } from './pa-status.ts'
import type { PeerAccount } from './peer-accounts.ts'
import type { PeerShares } from './peer-shares.ts'
import type { ServedStreams } from './served-streams.ts'

/** How a link stands with us. */
export type LinkState =
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'testing'; readonly peer: ListedPeer; readonly account: PeerAccount }
  | { readonly kind: 'admitted'; readonly peer: ListedPeer; readonly account: PeerAccount; readonly circuits: CircuitServer }
  | { readonly kind: 'probing'; readonly peer: ListedPeer; readonly circuits: CircuitServer; readonly timer: NodeJS.Timeout }

/** A peer that is admitted now, with what it holds and has used today. */
export type PeerSession = { fingerprint: string; nickname: string; factor: number } & PeerAccount['holds']

interface PeerLinksOptions {
  readonly shares: PeerShares
  readonly streams: ServedStreams
  /** A peer was told "no", before or after it was admitted. */
  onRefused(fingerprint: string | undefined, status: PaStatusCode): void
}

/** The links over which peers ask for perspective access or have it: what each holds, and how it is told "no" and gives that back. */
export class PeerLinks implements Iterable<[Channel, LinkState]> {
  readonly #o: PeerLinksOptions
  readonly #links = new Map<Channel, LinkState>()
  /** Links that came to the PAPort, not the ORPort. */
  readonly #atPaPort = new WeakSet<Channel>()

  constructor(options: PeerLinksOptions) {
    this.#o = options
  }

  [Symbol.iterator](): Iterator<[Channel, LinkState]> {
    return this.#links[Symbol.iterator]()
  }

  get(channel: Channel): LinkState | undefined {
    return this.#links.get(channel)
  }

  set(channel: Channel, link: LinkState): void {
    this.#links.set(channel, link)
  }

  /** A link has come to the PAPort; it must negotiate within so many ms. */
  arrived(channel: Channel, negotiateMs: number): void {
    const timer = setTimeout(() => channel.close('no negotiation'), negotiateMs)
    this.#atPaPort.add(channel)
    this.#links.set(channel, { kind: 'waiting', timer })
  }

  isAtPaPort(channel: Channel): boolean {
    return this.#atPaPort.has(channel)
  }

  circuitsFor(channel: Channel): CircuitServer | undefined {
    const link = this.#links.get(channel)
    return link && 'circuits' in link ? link.circuits : undefined
  }

  get sessions(): PeerSession[] {
    const found = new Map<string, PeerSession>()
    for (const link of this.#links.values()) {
      if (link.kind !== 'admitted') continue
      const { fingerprint, status } = link.peer
      found.set(fingerprint, { fingerprint, nickname: status.nickname, factor: link.account.factor, ...link.account.holds })
    }
    return [...found.values()]
  }

  /** This identity browses, or is being tested for it, from another address of the same family. */
  isElsewhere(fingerprint: string, channel: Channel): boolean {
    const { remoteAddress } = channel
    return [...this.#links].some(
      ([other, link]) =>
        other !== channel &&
        (link.kind === 'admitted' || link.kind === 'testing') &&
        link.peer.fingerprint === fingerprint &&
        other.remoteAddress !== remoteAddress &&
        isIPv4(other.remoteAddress) === isIPv4(remoteAddress),
    )
  }

  /** Gives back what the link had; the channel itself is left as it is. */
  end(channel: Channel): void {
    const link = this.#links.get(channel)
    if (!link) return
    this.#links.delete(channel)
    if ('timer' in link) clearTimeout(link.timer)
    if ('account' in link) link.account.giveLink()
    if (link.kind === 'admitted') this.#o.shares.leave(channel, link.peer.fingerprint)
    if ('circuits' in link) {
      link.circuits.closeAll(DestroyReason.FINISHED)
      link.circuits.handleChannelClosed(channel)
    }
  }

  /** Says why, then closes the link; one to the ORPort stays an ordinary one. Nothing was resolved or dialled for it. */
  refuse(channel: Channel, status: PaStatusCode, fingerprint: string | undefined, retryAfter: number): void {
    this.#o.streams.refused++
    sendStatus(channel, status, retryAfter)
    this.end(channel)
    this.#o.onRefused(fingerprint, status)
    if (this.#atPaPort.has(channel)) channel.close(`perspective refused: ${status}`)
  }

  /** Takes an admission back: the status, the end of its circuits, and of a link to the PAPort. */
  lose(channel: Channel, link: LinkState, status: PaStatusCode, retryAfter: number): void {
    if (link.kind !== 'waiting') sendStatus(channel, status, retryAfter)
    this.end(channel)
    if (link.kind !== 'waiting') this.#o.onRefused(link.peer.fingerprint, status)
    if (this.#atPaPort.has(channel)) channel.close(`admission lost: ${status}`)
  }

  /** Takes every admission of one peer back. */
  loseAll(fingerprint: string, status: PaStatusCode, retryAfter: number): void {
    for (const [channel, link] of this.#links) {
      if (link.kind !== 'waiting' && link.peer.fingerprint === fingerprint) this.lose(channel, link, status, retryAfter)
    }
  }
}

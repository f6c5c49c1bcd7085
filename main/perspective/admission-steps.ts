import { Command } from '../cell/command.ts'
import type { Cell } from '../cell/frame.ts'
import { decodePaNegotiate, PaCapability, PaPurpose, PaStatusCode } from '../cell/pa.ts'
import type { Channel } from '../channel/channel.ts'
import type { CircuitServer } from '../circuit/circuit-server.ts'
import type { HopRole } from '../circuit/hop-role.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import type { ScopedLog } from '../lib/log.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { Relay } from '../relay/relay.ts'
import { type AdmissionDirectory, checkListing, type ListedPeer, unusableStatus } from './admission.ts'
import { BrowseRole, ProbeRole, probeTarget } from './pa-role.ts'
import { RETRY_SECONDS, secondsUntil, sendStatus } from './pa-status.ts'
import type { PeerAccount } from './peer-accounts.ts'
import { peerCircuits } from './peer-circuits.ts'
import type { PeerLinks } from './peer-links.ts'
import type { PeerRegistry } from './peer-registry.ts'
import type { PeerShares } from './peer-shares.ts'
import type { PerspectiveLimits } from './perspective-limits.ts'
import type { ProbeBook, ProbeResult } from './probe-book.ts'
import { ProbeClass } from './probe-class.ts'
import type { ServedStreams } from './served-streams.ts'

/** What admission is decided by. */
export interface AdmissionRules {
  readonly relay: Relay
  readonly directory: AdmissionDirectory
  admits(): 'running' | 'stable'
  policy(): ExitPolicy
  limits(): PerspectiveLimits
  readonly probes: ProbeBook
  readonly log: ScopedLog
}

interface AdmissionStepsOptions extends AdmissionRules {
  readonly links: PeerLinks
  readonly peers: PeerRegistry
  readonly shares: PeerShares
  readonly streams: ServedStreams
  /** Perspective access is offered. */
  isOffered(): boolean
  onAdmitted(fingerprint: string): void
}

/** What we agree to when a peer asks for it. */
const CAPABILITIES = PaCapability.CLEAR
/** How long a probe's link may last. */
const PROBE_LINK_MS = 20_000
const ANY = ExitPolicy.parse('accept *:*')

/**
 * Takes peers through the steps of admission in their order (perspective-access.md 4), and takes the steps again for those that are in. Nothing is
 * resolved or dialled for a peer before the last step, and then only at its own signed addresses.
 */
export class AdmissionSteps {
  readonly #o: AdmissionStepsOptions
  readonly #links: PeerLinks
  readonly #peers: PeerRegistry
  readonly #shares: PeerShares
  readonly #probeClass: ProbeClass
  readonly #negotiations = new WeakMap<Channel, number>()

  constructor(options: AdmissionStepsOptions) {
    this.#o = options
    this.#links = options.links
    this.#peers = options.peers
    this.#shares = options.shares
    this.#probeClass = new ProbeClass(() => options.limits())
  }

  /** PA_NEGOTIATE; every other control cell is ignored, as on any link. */
  take(channel: Channel, cell: Cell): void {
    if (cell.command !== Command.PA_NEGOTIATE || channel.initiated) return
    const link = this.#links.get(channel)
    if (link && link.kind !== 'waiting') return channel.close('negotiated twice')
    if (link) clearTimeout(link.timer)
    let purpose: number
    let agreed: number
    try {
      const negotiate = decodePaNegotiate(cell.body)
      purpose = negotiate.purpose
      agreed = negotiate.capabilities & CAPABILITIES
      if (negotiate.version !== 1 || (purpose !== PaPurpose.BROWSE && purpose !== PaPurpose.PROBE))
        return channel.close('unknown negotiation')
    } catch {
      return channel.close('malformed negotiation')
    }
    const count = (this.#negotiations.get(channel) ?? 0) + 1
    this.#negotiations.set(channel, count)
    if (count > this.#o.limits().negotiations) return this.#links.refuse(channel, PaStatusCode.BUSY, undefined, RETRY_SECONDS.listing)
    this.#negotiate(channel, purpose === PaPurpose.PROBE ? 'probe' : 'browse', agreed).catch(error => {
      this.#o.log.error(`negotiation: ${error instanceof Error ? error.message : error}`)
      channel.close('internal error')
    })
  }

  async #negotiate(channel: Channel, purpose: 'browse' | 'probe', agreed: number): Promise<void> {
    const { directory, admits, probes, log } = this.#o
    if (!this.#o.isOffered()) return this.#links.refuse(channel, PaStatusCode.OFF, undefined, RETRY_SECONDS.long)
    // Steps 1 to 3.
    const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose }, directory, admits())
    const { fingerprint } = verdict.kind === 'listed' ? verdict.peer : verdict
    if (fingerprint && this.#isInTwoPlaces(fingerprint, channel))
      return this.#links.refuse(channel, PaStatusCode.ADDRESS_DIFFERS, fingerprint, this.#o.limits().doubtMs / 1000)
    if (verdict.kind === 'refused') return this.#links.refuse(channel, verdict.status, fingerprint, this.#retryOf(verdict.status))
    const { peer } = verdict
    // Step 4.
    const block = this.#peers.blockOf(channel, peer)
    if (block) return this.#links.refuse(channel, PaStatusCode.BLOCKED, peer.fingerprint, secondsUntil(block.expires) ?? RETRY_SECONDS.long)
    if (purpose === 'probe') return this.#admitProbe(channel, peer)
    // Step 5.
    if (this.#shares.paused) return this.#links.refuse(channel, PaStatusCode.BUSY, peer.fingerprint, RETRY_SECONDS.short)
    const account = this.#peers.accountOf(peer)
    const over = account.overDay(Date.now()) ?? account.takeLink()
    if (over) {
      log.debug(`a peer is over its quota: ${over.what}`)
      return this.#links.refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint, over.retryAfter)
    }
    // Step 6. From here on the link counts, and gives that back when it goes.
    this.#links.set(channel, { kind: 'testing', peer, account })
    let result = probes.known(peer.fingerprint)
    if (!result) {
      sendStatus(channel, PaStatusCode.BEING_TESTED, 2)
      result = await probes.test(peer.fingerprint).catch(() => undefined)
    }
    const link = this.#links.get(channel)
    if (channel.closed || link?.kind !== 'testing') return
    if (!result) return this.#links.refuse(channel, PaStatusCode.BUSY, peer.fingerprint, RETRY_SECONDS.short)
    if (!result.usable) return this.#refuseUnusable(channel, peer.fingerprint, result)
    const circuits = this.#circuits(this.#browseRole(peer.fingerprint, account), account, (agreed & PaCapability.CLEAR) !== 0)
    this.#links.set(channel, { kind: 'admitted', peer, account, circuits })
    this.#shares.join(channel, peer.fingerprint, account)
    sendStatus(channel, PaStatusCode.ADMITTED, 0, agreed)
    this.#o.onAdmitted(peer.fingerprint)
    // What changed while the peer was tested.
    this.recheck(channel)
  }

  #refuseUnusable(channel: Channel, fingerprint: string, result: Extract<ProbeResult, { usable: false }>): void {
    this.#o.log.debug(`a peer's ${result.door} port is not usable: ${result.reason}`)
    this.#links.refuse(channel, unusableStatus(result.door), fingerprint, this.#o.probes.retryAfter(fingerprint))
  }

  #retryOf(status: PaStatusCode): number {
    if (status === PaStatusCode.BUSY) return RETRY_SECONDS.short
    return secondsUntil(this.#o.directory.nextAt) ?? RETRY_SECONDS.listing
  }

  /**
   * True when this identity calls from one place while it browses from another, or did a while ago: then somebody else has its keys, and nobody can tell
   * who is who. A relay with one address of each family is still one place. All its links end.
   */
  #isInTwoPlaces(fingerprint: string, channel: Channel): boolean {
    if (this.#peers.isDoubted(fingerprint)) return true
    if (!this.#links.isElsewhere(fingerprint, channel)) return false
    this.#links.loseAll(fingerprint, PaStatusCode.ADDRESS_DIFFERS, this.#o.limits().doubtMs / 1000)
    this.#peers.doubt(fingerprint)
    return true
  }

  #browseRole(fingerprint: string, account: PeerAccount): BrowseRole {
    const guard = this.#peers.guardOf(fingerprint)
    const exit = this.#o.relay.exitConnector(this.#o.policy, { watch: guard })
    return new BrowseRole({
      peer: { fingerprint, account, guard, exit },
      isPaused: () => this.#shares.paused,
      connected: (stream, address, port) => this.#o.streams.opened(fingerprint, stream, address, port),
    })
  }

  /** Probes never cause probes: no door is tested here. */
  #admitProbe(channel: Channel, peer: ListedPeer): void {
    const wait = this.#probeClass.take(peer.fingerprint, steadyNow())
    if (wait > 0) return this.#links.refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint, wait)
    const role = new ProbeRole(probeTarget(peer.descriptor), (address, port, signal) =>
      // Any policy, but never an address that streams may not reach, and never a name.
      this.#o.relay.exitConnector(() => ANY, { isRelayAddress: false }).connect({ host: address, port, flags: 0 }, signal),
    )
    const timer = setTimeout(() => channel.close('probe over'), PROBE_LINK_MS)
    this.#links.set(channel, { kind: 'probing', peer, circuits: this.#circuits(role, undefined, false), timer })
    sendStatus(channel, PaStatusCode.ADMITTED)
  }

  #circuits(role: HopRole, account: PeerAccount | undefined, clear: boolean): CircuitServer {
    return peerCircuits({ relay: this.#o.relay, role, account, clear, quota: this.#o.limits().quota, log: this.#o.log })
  }

  /** Steps 2 to 5 once more. */
  recheck(channel: Channel): void {
    const { directory, admits } = this.#o
    const link = this.#links.get(channel)
    if (!link || link.kind === 'waiting') return
    const purpose = link.kind === 'probing' ? 'probe' : 'browse'
    const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose }, directory, admits())
    // A listed peer whose newest descriptor is still to come keeps what it has.
    if (verdict.kind === 'refused' && verdict.status === PaStatusCode.BUSY) return
    if (verdict.kind === 'refused') return this.#links.lose(channel, link, verdict.status, this.#retryOf(verdict.status))
    const block = this.#peers.blockOf(channel, verdict.peer)
    if (block) return this.#links.lose(channel, link, PaStatusCode.BLOCKED, secondsUntil(block.expires) ?? RETRY_SECONDS.long)
    // Its quota as its usefulness and the owner's settings are now.
    if (link.kind === 'admitted') this.#peers.accountOf(verdict.peer)
  }

  /** Peers whose last test no longer counts are tested again; whose day is used up must go. */
  testAgain(): void {
    const { probes } = this.#o
    const due = new Set<string>()
    for (const [channel, link] of this.#links) {
      if (link.kind !== 'admitted') continue
      const over = link.account.overDay(Date.now())
      if (over) this.#links.lose(channel, link, PaStatusCode.OVER_QUOTA, over.retryAfter)
      else if (!probes.known(link.peer.fingerprint)) due.add(link.peer.fingerprint)
    }
    for (const fingerprint of due) {
      probes.test(fingerprint).then(
        result => {
          if (result && !result.usable) this.#links.loseAll(fingerprint, unusableStatus(result.door), probes.retryAfter(fingerprint))
        },
        () => {},
      )
    }
  }
}

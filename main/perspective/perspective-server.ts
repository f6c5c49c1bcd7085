import { Command, DestroyReason } from '../cell/command.ts'
import type { Cell } from '../cell/frame.ts'
import { decodePaNegotiate, PaCapability, PaPurpose, PaStatusCode } from '../cell/pa.ts'
import type { Channel } from '../channel/channel.ts'
import type { CircuitServer } from '../circuit/circuit-server.ts'
import type { HopRole } from '../circuit/hop-role.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import { isIPv4 } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import type { Listener } from '../net/listener.ts'
import type { ListenPoint, Relay, SecondDoor } from '../relay/relay.ts'
import type { AccessLog } from './access-log.ts'
import { type AdmissionDirectory, checkListing, type ListedPeer, unusableStatus } from './admission.ts'
import type { BlockBook } from './block-book.ts'
import { type OverloadCause, OverloadWatch } from './overload.ts'
import { listenPaPort } from './pa-port.ts'
import { BrowseRole, ProbeRole, probeTarget } from './pa-role.ts'
import { RETRY_SECONDS, secondsUntil, sendStatus } from './pa-status.ts'
import type { PeerAccount } from './peer-accounts.ts'
import { peerCircuits } from './peer-circuits.ts'
import type { GroupSources } from './peer-groups.ts'
import { type PeerAlarm, PeerRegistry } from './peer-registry.ts'
import { PeerShares } from './peer-shares.ts'
import type { PerspectiveLimits } from './perspective-limits.ts'
import type { ProbeBook, ProbeResult } from './probe-book.ts'
import { ProbeClass } from './probe-class.ts'
import { ServedStreams, type ServedTotals } from './served-streams.ts'
import type { UsefulnessBook } from './usefulness.ts'

/** Where perspective access is offered: a listener of its own, only on links to the ORPort, or nowhere. */
export type PaDoor = ListenPoint | 'virtual' | 'off'

export interface PerspectiveServerOptions {
  readonly relay: Relay
  readonly door: PaDoor
  readonly directory: AdmissionDirectory
  admits(): 'running' | 'stable'
  policy(): ExitPolicy
  limits(): PerspectiveLimits
  readonly probes: ProbeBook
  readonly blocks: BlockBook
  readonly usefulness: UsefulnessBook
  readonly groups: Pick<GroupSources, 'countryOf' | 'systemOf'>
  readonly accessLog?: AccessLog
  /** How often it is looked whether an admitted peer is due for a new test, ms. */
  readonly retestMs: number
  readonly log: ScopedLog
}

/** How a link stands with us. */
type LinkState =
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'testing'; readonly peer: ListedPeer; readonly account: PeerAccount }
  | { readonly kind: 'admitted'; readonly peer: ListedPeer; readonly account: PeerAccount; readonly circuits: CircuitServer }
  | { readonly kind: 'probing'; readonly peer: ListedPeer; readonly circuits: CircuitServer; readonly timer: NodeJS.Timeout }

/** What we agree to when a peer asks for it. */
const CAPABILITIES = PaCapability.CLEAR

/** How long a probe's link may last. */
const PROBE_LINK_MS = 20_000

/**
 * The server's side of perspective access: the PAPort and its virtual twin, who comes in, and what they may do (perspective-access.md 2–6). A peer passes
 * the steps of admission in their order; nothing is resolved or dialled for it before the last one, and then only at its own signed addresses.
 */
export class PerspectiveServer implements Service, SecondDoor {
  readonly onAdmitted = new Listeners<[fingerprint: string]>()
  readonly onRefused = new Listeners<[fingerprint: string | undefined, status: PaStatusCode]>()
  readonly onAlarm = new Listeners<[alarm: PeerAlarm]>()
  readonly onPause = new Listeners<[cause: OverloadCause | undefined]>()
  readonly streams: ServedStreams
  readonly shares: PeerShares
  readonly #o: PerspectiveServerOptions
  readonly #peers: PeerRegistry
  readonly #probeClass: ProbeClass
  readonly #overload: OverloadWatch
  readonly #links = new Map<Channel, LinkState>()
  /** Links that came to the PAPort, not the ORPort. */
  readonly #atPaPort = new WeakSet<Channel>()
  readonly #negotiations = new WeakMap<Channel, number>()
  readonly #forget: (() => void)[] = []
  #door: PaDoor
  #listener: Listener | undefined
  #retest: NodeJS.Timeout | undefined
  #change: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: PerspectiveServerOptions) {
    this.#o = options
    this.#door = options.door
    this.#peers = new PeerRegistry({ ...options, limits: () => options.limits(), onAlarm: alarm => this.onAlarm.emit(alarm) })
    this.#probeClass = new ProbeClass(() => options.limits())
    this.streams = new ServedStreams(options.accessLog)
    this.shares = new PeerShares({ limiter: options.relay.limiter, shares: () => options.limits() })
    this.#overload = new OverloadWatch({
      most: () => options.limits().overload,
      orQueueBytes: () => this.#orQueueBytes(),
      onChange: cause => this.#pause(cause),
    })
  }

  get door(): PaDoor {
    return this.#door
  }

  get listener(): Listener | undefined {
    return this.#listener
  }

  get served(): ServedTotals {
    return this.streams.totals
  }

  /** Why perspective access has stepped back, `undefined` when it has not. */
  get pausedFor(): OverloadCause | undefined {
    return this.#overload.overload.cause
  }

  /** Fingerprints of the peers that are admitted now. */
  get peers(): string[] {
    return this.sessions.map(session => session.fingerprint)
  }

  /** The peers that are admitted now, with what they hold and have used today. */
  get sessions(): ({ fingerprint: string; nickname: string; factor: number } & PeerAccount['holds'])[] {
    const found = new Map<string, { fingerprint: string; nickname: string; factor: number } & PeerAccount['holds']>()
    for (const link of this.#links.values()) {
      if (link.kind !== 'admitted') continue
      const { fingerprint, status } = link.peer
      found.set(fingerprint, { fingerprint, nickname: status.nickname, factor: link.account.factor, ...link.account.holds })
    }
    return [...found.values()]
  }

  async start(): Promise<void> {
    const { relay, blocks, probes, usefulness, retestMs } = this.#o
    relay.secondDoor = this
    relay.limiter.leftover = this.shares
    this.#forget.push(
      blocks.onChange.add(() => this.recheck()),
      probes.onResult.add((fingerprint, result) => usefulness.note(fingerprint, result.usable)),
    )
    this.#overload.start()
    this.#retest = setInterval(() => this.#testAgain(), retestMs)
    if (typeof this.#door === 'object') this.#listener = await this.#listen(this.#door)
  }

  /** Opens another door, or none, while the relay runs. Peers that came through the old one lose their admission with status 12. */
  setDoor(door: PaDoor): Promise<void> {
    const change = this.#change.then(async () => {
      const listener = typeof door === 'object' ? await this.#listen(door) : undefined
      const old = this.#listener
      this.#listener = listener
      this.#door = door
      for (const [channel, link] of this.#links) {
        if (door === 'off' || this.#atPaPort.has(channel)) this.#lose(channel, link, PaStatusCode.OFF, RETRY_SECONDS.long)
      }
      await old?.close()
    })
    this.#change = change.catch(() => {})
    return change
  }

  #listen(at: ListenPoint): Promise<Listener> {
    return listenPaPort({
      at,
      relay: this.#o.relay,
      door: this,
      onLink: channel => {
        const timer = setTimeout(() => channel.close('no negotiation'), this.#o.limits().negotiateMs)
        this.#atPaPort.add(channel)
        this.#links.set(channel, { kind: 'waiting', timer })
      },
    })
  }

  circuitsFor(channel: Channel): CircuitServer | undefined {
    const link = this.#links.get(channel)
    return link && 'circuits' in link ? link.circuits : undefined
  }

  onClose(channel: Channel): void {
    const link = this.#links.get(channel)
    if (link) this.#end(channel, link)
  }

  /** Gives back what the link had; the channel itself is left as it is. */
  #end(channel: Channel, link: LinkState): void {
    this.#links.delete(channel)
    if ('timer' in link) clearTimeout(link.timer)
    if ('account' in link) link.account.giveLink()
    if (link.kind === 'admitted') this.shares.leave(channel, link.peer.fingerprint)
    if ('circuits' in link) {
      link.circuits.closeAll(DestroyReason.FINISHED)
      link.circuits.handleChannelClosed(channel)
    }
  }

  /** PA_NEGOTIATE; every other control cell is ignored, as on any link. */
  onControl(channel: Channel, cell: Cell): void {
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
    if (count > this.#o.limits().negotiations) return this.#refuse(channel, PaStatusCode.BUSY, undefined, RETRY_SECONDS.listing)
    this.#negotiate(channel, purpose === PaPurpose.PROBE ? 'probe' : 'browse', agreed).catch(error => {
      this.#o.log.error(`negotiation: ${error instanceof Error ? error.message : error}`)
      channel.close('internal error')
    })
  }

  async #negotiate(channel: Channel, purpose: 'browse' | 'probe', agreed: number): Promise<void> {
    const { directory, admits, probes, log } = this.#o
    if (this.#door === 'off' || this.#stopped) return this.#refuse(channel, PaStatusCode.OFF, undefined, RETRY_SECONDS.long)
    // Steps 1 to 3.
    const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose }, directory, admits())
    const { fingerprint } = verdict.kind === 'listed' ? verdict.peer : verdict
    if (fingerprint && this.#isInTwoPlaces(fingerprint, channel))
      return this.#refuse(channel, PaStatusCode.ADDRESS_DIFFERS, fingerprint, this.#o.limits().doubtMs / 1000)
    if (verdict.kind === 'refused') return this.#refuse(channel, verdict.status, fingerprint, this.#retryOf(verdict.status))
    const { peer } = verdict
    // Step 4.
    const block = this.#peers.blockOf(channel, peer)
    if (block) return this.#refuse(channel, PaStatusCode.BLOCKED, peer.fingerprint, secondsUntil(block.expires) ?? RETRY_SECONDS.long)
    if (purpose === 'probe') return this.#admitProbe(channel, peer)
    // Step 5.
    if (this.shares.paused) return this.#refuse(channel, PaStatusCode.BUSY, peer.fingerprint, RETRY_SECONDS.short)
    const account = this.#peers.accountOf(peer)
    const over = account.overDay(Date.now()) ?? account.takeLink()
    if (over) {
      log.debug(`a peer is over its quota: ${over.what}`)
      return this.#refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint, over.retryAfter)
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
    if (!result) return this.#refuse(channel, PaStatusCode.BUSY, peer.fingerprint, RETRY_SECONDS.short)
    if (!result.usable) return this.#refuseUnusable(channel, peer.fingerprint, result)
    const circuits = this.#circuits(this.#browseRole(peer.fingerprint, account), account, (agreed & PaCapability.CLEAR) !== 0)
    this.#links.set(channel, { kind: 'admitted', peer, account, circuits })
    this.shares.join(channel, peer.fingerprint, account)
    sendStatus(channel, PaStatusCode.ADMITTED, 0, agreed)
    this.onAdmitted.emit(peer.fingerprint)
    // What changed while the peer was tested.
    this.#recheckLink(channel)
  }

  #refuseUnusable(channel: Channel, fingerprint: string, result: Extract<ProbeResult, { usable: false }>): void {
    this.#o.log.debug(`a peer's ${result.door} port is not usable: ${result.reason}`)
    this.#refuse(channel, unusableStatus(result.door), fingerprint, this.#o.probes.retryAfter(fingerprint))
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
    const { remoteAddress } = channel
    const elsewhere = [...this.#links].some(
      ([other, link]) =>
        other !== channel &&
        (link.kind === 'admitted' || link.kind === 'testing') &&
        link.peer.fingerprint === fingerprint &&
        other.remoteAddress !== remoteAddress &&
        isIPv4(other.remoteAddress) === isIPv4(remoteAddress),
    )
    if (!elsewhere) return false
    this.#loseAll(fingerprint, PaStatusCode.ADDRESS_DIFFERS, this.#o.limits().doubtMs / 1000)
    this.#peers.doubt(fingerprint)
    return true
  }

  #browseRole(fingerprint: string, account: PeerAccount): BrowseRole {
    const guard = this.#peers.guardOf(fingerprint)
    const exit = this.#o.relay.exitConnector(this.#o.policy, { watch: guard })
    return new BrowseRole({
      peer: { fingerprint, account, guard, exit },
      isPaused: () => this.shares.paused,
      connected: (stream, address, port) => this.streams.opened(fingerprint, stream, address, port),
    })
  }

  /** Probes never cause probes: no door is tested here. */
  #admitProbe(channel: Channel, peer: ListedPeer): void {
    const wait = this.#probeClass.take(peer.fingerprint, Date.now())
    if (wait > 0) return this.#refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint, wait)
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

  /** Says why, then closes the link; one to the ORPort stays an ordinary one. Nothing was resolved or dialled for it. */
  #refuse(channel: Channel, status: PaStatusCode, fingerprint: string | undefined, retryAfter: number): void {
    this.streams.refused++
    const link = this.#links.get(channel)
    sendStatus(channel, status, retryAfter)
    if (link) this.#end(channel, link)
    this.onRefused.emit(fingerprint, status)
    if (this.#atPaPort.has(channel)) channel.close(`perspective refused: ${status}`)
  }

  /** Takes an admission back: the status, the end of its circuits, and of a link to the PAPort. */
  #lose(channel: Channel, link: LinkState, status: PaStatusCode, retryAfter: number): void {
    if (link.kind !== 'waiting') sendStatus(channel, status, retryAfter)
    this.#end(channel, link)
    if (link.kind !== 'waiting') this.onRefused.emit(link.peer.fingerprint, status)
    if (this.#atPaPort.has(channel)) channel.close(`admission lost: ${status}`)
  }

  #loseAll(fingerprint: string, status: PaStatusCode, retryAfter: number): void {
    for (const [channel, link] of this.#links) {
      if (link.kind !== 'waiting' && link.peer.fingerprint === fingerprint) this.#lose(channel, link, status, retryAfter)
    }
  }

  /** At a new consensus and at every change of the block list: steps 2 to 5 are taken again for all links. */
  recheck(): void {
    for (const channel of [...this.#links.keys()]) this.#recheckLink(channel)
  }

  #recheckLink(channel: Channel): void {
    const { directory, admits } = this.#o
    const link = this.#links.get(channel)
    if (!link || link.kind === 'waiting') return
    const purpose = link.kind === 'probing' ? 'probe' : 'browse'
    const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose }, directory, admits())
    // A listed peer whose newest descriptor is still to come keeps what it has.
    if (verdict.kind === 'refused' && verdict.status === PaStatusCode.BUSY) return
    if (verdict.kind === 'refused') return this.#lose(channel, link, verdict.status, this.#retryOf(verdict.status))
    const block = this.#peers.blockOf(channel, verdict.peer)
    if (block) return this.#lose(channel, link, PaStatusCode.BLOCKED, secondsUntil(block.expires) ?? RETRY_SECONDS.long)
    // Its quota as its usefulness and the owner's settings are now.
    if (link.kind === 'admitted') this.#peers.accountOf(verdict.peer)
  }

  /** Peers whose last test no longer counts are tested again; whose day is used up must go. */
  #testAgain(): void {
    const { probes } = this.#o
    const due = new Set<string>()
    for (const [channel, link] of this.#links) {
      if (link.kind !== 'admitted') continue
      const over = link.account.overDay(Date.now())
      if (over) this.#lose(channel, link, PaStatusCode.OVER_QUOTA, over.retryAfter)
      else if (!probes.known(link.peer.fingerprint)) due.add(link.peer.fingerprint)
    }
    for (const fingerprint of due) {
      probes.test(fingerprint).then(
        result => {
          if (result && !result.usable) this.#loseAll(fingerprint, unusableStatus(result.door), probes.retryAfter(fingerprint))
        },
        () => {},
      )
    }
  }

  #orQueueBytes(): number {
    const now = Date.now()
    let bytes = 0
    for (const channel of this.#o.relay.channels.all()) {
      // A peer that takes nothing is slow itself; that says nothing of us.
      if (channel.stuckSince === undefined || now - channel.stuckSince < 1000) bytes += channel.queuedBytes('or')
    }
    return bytes
  }

  #pause(cause: OverloadCause | undefined): void {
    this.#o.log.info(cause ? `perspective access steps back: ${cause}` : 'perspective access goes on')
    this.shares.paused = cause !== undefined
    this.onPause.emit(cause)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const { relay } = this.#o
    if (relay.secondDoor === this) relay.secondDoor = undefined
    if (relay.limiter.leftover === this.shares) relay.limiter.leftover = undefined
    clearInterval(this.#retest)
    for (const forget of this.#forget) forget()
    this.#overload.stop()
    await this.#change
    for (const [channel, link] of this.#links) {
      this.#lose(channel, link, PaStatusCode.OFF, RETRY_SECONDS.long)
      channel.close('perspective access is off')
    }
    this.shares.stop()
    await this.#listener?.close()
    this.#listener = undefined
  }
}

const ANY = ExitPolicy.parse('accept *:*')

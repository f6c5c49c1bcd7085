import { Command, DestroyReason } from '../cell/command.ts'
import { type Cell, encodeVariableCell } from '../cell/frame.ts'
import { decodePaNegotiate, encodePaStatus, PaPurpose, PaStatusCode } from '../cell/pa.ts'
import type { Channel, ChannelHandler } from '../channel/channel.ts'
import { CircuitServer } from '../circuit/circuit-server.ts'
import { congestionParams } from '../circuit/params.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import type { Listener } from '../net/listener.ts'
import { listenTls } from '../net/tls.ts'
import type { ListenPoint, Relay, SecondDoor } from '../relay/relay.ts'
import { type AdmissionDirectory, checkListing, type ListedPeer, unusableStatus } from './admission.ts'
import { BrowseRole, ProbeRole } from './pa-role.ts'
import type { ProbeBook } from './probe-book.ts'

/** Bounds on what one peer and all peers together may hold; perspective-access.md 6. */
export interface PerspectiveLimits {
  readonly linksPerPeer: number
  readonly circuitsPerPeer: number
  readonly streamsPerCircuit: number
  readonly streamRate: number
  readonly streamBurst: number
  /** One probe of us a peer in so many ms, and so many a minute from all. */
  readonly probeEveryMs: number
  readonly probesPerMinute: number
  /** A link that has not negotiated after so many ms is closed. */
  readonly negotiateMs: number
}

export const DEFAULT_PERSPECTIVE_LIMITS: PerspectiveLimits = {
  linksPerPeer: 2,
  circuitsPerPeer: 8,
  streamsPerCircuit: 256,
  streamRate: 20,
  streamBurst: 100,
  probeEveryMs: 600_000,
  probesPerMinute: 60,
  negotiateMs: 15_000,
}

export interface PerspectiveServerOptions {
  readonly relay: Relay
  /** A listener of its own, or only links that come to the ORPort. */
  readonly listen: ListenPoint | 'virtual'
  readonly directory: AdmissionDirectory
  admits(): 'running' | 'stable'
  policy(): ExitPolicy
  readonly probes: ProbeBook
  readonly limits?: Partial<PerspectiveLimits>
  readonly log: ScopedLog
}

/** How a link stands with us. */
type LinkState =
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'testing'; readonly peer: ListedPeer }
  | { readonly kind: 'admitted'; readonly peer: ListedPeer; readonly circuits: CircuitServer }
  | { readonly kind: 'probing'; readonly peer: ListedPeer; readonly circuits: CircuitServer }

export interface ServedTotals {
  read: number
  written: number
  streams: number
  refused: number
}

/** The server's side of perspective access: the PAPort and its virtual twin, who comes in, and what they may do (perspective-access.md 2–6). */
export class PerspectiveServer implements Service, SecondDoor {
  readonly onAdmitted = new Listeners<[fingerprint: string]>()
  readonly onRefused = new Listeners<[fingerprint: string | undefined, status: PaStatusCode]>()
  readonly served: ServedTotals = { read: 0, written: 0, streams: 0, refused: 0 }
  readonly #options: PerspectiveServerOptions
  readonly #limits: PerspectiveLimits
  readonly #links = new Map<Channel, LinkState>()
  /** Links that came to the PAPort, not the ORPort. */
  readonly #atPaPort = new WeakSet<Channel>()
  readonly #lastProbe = new Map<string, number>()
  #probeTimes: number[] = []
  #listener: Listener | undefined

  constructor(options: PerspectiveServerOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_PERSPECTIVE_LIMITS, ...options.limits }
  }

  get listener(): Listener | undefined {
    return this.#listener
  }

  /** Fingerprints of the peers that are admitted now. */
  get peers(): string[] {
    const names = [...this.#links.values()].flatMap(link => (link.kind === 'admitted' ? [link.peer.fingerprint] : []))
    return [...new Set(names)]
  }

  async start(): Promise<void> {
    const { relay, listen } = this.#options
    relay.secondDoor = this
    if (listen === 'virtual') return
    const handler: ChannelHandler = {
      onCreate: (channel, circId, command, body) => {
        const circuits = this.circuitsFor(channel)
        if (circuits) circuits.handleCreate(channel, circId, command, body)
        else channel.close('a circuit before admission')
      },
      onControl: (channel, cell) => this.onControl(channel, cell),
      onClose: channel => this.onClose(channel),
    }
    this.#listener = await listenTls({
      ...listen,
      certificate: () => relay.linkCertificates.current(Date.now()),
      onConnection: link =>
        relay.channels.accept(link, {
          // A link that proves no identity is answered PA_STATUS 1 instead of being cut in the handshake, so that its owner learns why.
          purpose: 'pa',
          handlerFor: channel => {
            const timer = setTimeout(() => channel.close('no negotiation'), this.#limits.negotiateMs)
            this.#atPaPort.add(channel)
            this.#links.set(channel, { kind: 'waiting', timer })
            return handler
          },
        }),
    })
  }

  circuitsFor(channel: Channel): CircuitServer | undefined {
    const link = this.#links.get(channel)
    return link && 'circuits' in link ? link.circuits : undefined
  }

  onClose(channel: Channel): void {
    const link = this.#links.get(channel)
    if (!link) return
    this.#links.delete(channel)
    if (link.kind === 'waiting') clearTimeout(link.timer)
    if ('circuits' in link) link.circuits.handleChannelClosed(channel)
  }

  /** PA_NEGOTIATE; every other control cell is ignored, as on any link. */
  onControl(channel: Channel, cell: Cell): void {
    if (cell.command !== Command.PA_NEGOTIATE || channel.initiated) return
    const link = this.#links.get(channel)
    if (link && link.kind !== 'waiting') return channel.close('negotiated twice')
    if (link) clearTimeout(link.timer)
    let purpose: number
    try {
      const negotiate = decodePaNegotiate(cell.body)
      purpose = negotiate.purpose
      if (negotiate.version !== 1 || (purpose !== PaPurpose.BROWSE && purpose !== PaPurpose.PROBE))
        return channel.close('unknown negotiation')
    } catch {
      return channel.close('malformed negotiation')
    }
    void this.#negotiate(channel, purpose === PaPurpose.PROBE ? 'probe' : 'browse')
  }

  async #negotiate(channel: Channel, purpose: 'browse' | 'probe'): Promise<void> {
    const { directory, admits, probes } = this.#options
    const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose }, directory, admits())
    if (verdict.kind === 'refused') return this.#refuse(channel, verdict.status, verdict.fingerprint)
    const { peer } = verdict
    if (purpose === 'probe') return this.#admitProbe(channel, peer)
    if (this.#linksOf(peer.fingerprint, channel) >= this.#limits.linksPerPeer)
      return this.#refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint)
    let result = probes.known(peer.fingerprint)
    if (!result) {
      this.#links.set(channel, { kind: 'testing', peer })
      this.#status(channel, PaStatusCode.BEING_TESTED, 2)
      result = await probes.test(peer.fingerprint)
      if (channel.closed) return
    }
    if (!result) return this.#refuse(channel, PaStatusCode.BUSY, peer.fingerprint)
    if (!result.usable) {
      this.#options.log.debug(`a peer's ${result.door} port is not usable: ${result.reason}`)
      return this.#refuse(channel, unusableStatus(result.door), peer.fingerprint)
    }
    this.#links.set(channel, { kind: 'admitted', peer, circuits: this.#circuitServer(this.#browseRole()) })
    this.#status(channel, PaStatusCode.ADMITTED)
    this.onAdmitted.emit(peer.fingerprint)
  }

  #linksOf(fingerprint: string, besides: Channel): number {
    let count = 0
    for (const [channel, link] of this.#links) {
      if (channel !== besides && (link.kind === 'admitted' || link.kind === 'testing') && link.peer.fingerprint === fingerprint) count++
    }
    return count
  }

  #browseRole(): BrowseRole {
    return new BrowseRole(this.#options.relay.exitConnector(this.#options.policy), stream => {
      this.served.streams++
      stream.onClose.add(closed => {
        this.served.read += closed.bytesIn
        this.served.written += closed.bytesOut
      })
    })
  }

  /** Probes never cause probes: no door is tested here. */
  #admitProbe(channel: Channel, peer: ListedPeer): void {
    const now = Date.now()
    this.#probeTimes = this.#probeTimes.filter(at => at > now - 60_000)
    const last = this.#lastProbe.get(peer.fingerprint)
    if ((last !== undefined && now - last < this.#limits.probeEveryMs) || this.#probeTimes.length >= this.#limits.probesPerMinute) {
      return this.#refuse(channel, PaStatusCode.OVER_QUOTA, peer.fingerprint)
    }
    this.#probeTimes.push(now)
    if (this.#lastProbe.size > 10_000) this.#lastProbe.clear()
    this.#lastProbe.set(peer.fingerprint, now)
    const role = new ProbeRole(probeTarget(peer.descriptor), (address, port, signal) => this.#dialProbe(address, port, signal))
    this.#links.set(channel, { kind: 'probing', peer, circuits: this.#circuitServer(role, 1) })
    this.#status(channel, PaStatusCode.ADMITTED)
    const timer = setTimeout(() => channel.close('probe over'), 20_000)
    timer.unref()
  }

  /** The exit of a probe: any policy, but never an address that streams may not reach, and never a name. */
  #dialProbe(address: IpAddress, port: number, signal: AbortSignal) {
    return this.#options.relay.exitConnector(() => ANY, { isRelayAddress: false }).connect({ host: address, port, flags: 0 }, signal)
  }

  #circuitServer(role: BrowseRole | ProbeRole, circuits = this.#limits.circuitsPerPeer): CircuitServer {
    const { relay, log } = this.#options
    return new CircuitServer({
      keys: () => relay.options.keys.onionKeys(),
      role,
      params: () => congestionParams(relay.options.directory.consensus?.params ?? new Map()),
      limits: {
        circuits,
        circuitsPerChannel: circuits,
        streamsPerCircuit: this.#limits.streamsPerCircuit,
        streamRate: this.#limits.streamRate,
        streamBurst: this.#limits.streamBurst,
      },
      log,
    })
  }

  #status(channel: Channel, status: PaStatusCode, retryAfter = 0): void {
    channel.send(
      undefined,
      encodeVariableCell(0, Command.PA_STATUS, encodePaStatus({ version: 1, status, capabilities: 0, retryAfter, detail: '' })),
    )
  }

  /** Says why, then closes the link. Nothing was resolved or dialled for it. */
  #refuse(channel: Channel, status: PaStatusCode, fingerprint: string | undefined): void {
    this.served.refused++
    this.#status(channel, status, status === PaStatusCode.BEING_TESTED ? 2 : 60)
    this.onRefused.emit(fingerprint, status)
    // A link to the ORPort stays an OR link; one to the PAPort has no other use.
    if (this.#atPaPort.has(channel)) channel.close(`perspective refused: ${status}`)
    else this.#links.delete(channel)
  }

  /** At a new consensus: peers that are no longer listed as we ask for lose their links. */
  recheck(): void {
    const { directory, admits } = this.#options
    for (const [channel, link] of this.#links) {
      if (link.kind !== 'admitted') continue
      const verdict = checkListing({ identity: channel.peer, remoteAddress: channel.remoteAddress, purpose: 'browse' }, directory, admits())
      if (verdict.kind === 'listed') continue
      this.#status(channel, verdict.status, 60)
      link.circuits.closeAll(DestroyReason.FINISHED)
      this.onRefused.emit(verdict.fingerprint, verdict.status)
      if (this.#atPaPort.has(channel)) channel.close('admission lost')
      else this.#links.delete(channel)
    }
  }

  async stop(): Promise<void> {
    if (this.#options.relay.secondDoor === this) this.#options.relay.secondDoor = undefined
    for (const [channel, link] of this.#links) {
      if ('circuits' in link) link.circuits.closeAll(DestroyReason.FINISHED)
      if (link.kind === 'waiting') clearTimeout(link.timer)
      channel.close('perspective access is off')
    }
    this.#links.clear()
    await this.#listener?.close()
    this.#listener = undefined
  }
}

const ANY = ExitPolicy.parse('accept *:*')

/** Where a probe by this relay may go: its own listed DirPort, else its ORPort. */
export function probeTarget(descriptor: ServerDescriptor): { address: IpAddress; port: number } {
  return { address: descriptor.address, port: descriptor.dirPort || descriptor.orPort }
}

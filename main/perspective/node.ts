import type { DirAuthority } from '../directory/authorities.ts'
import { DirectoryClient } from '../directory/client.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { Publisher } from '../directory/publisher.ts'
import type { DirectoryServerOptions, DirectoryView } from '../directory/server.ts'
import type { ExitPolicy } from '../document/exit-policy.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { Resolver } from '../net/resolver.ts'
import type { RelayKeys } from '../relay/keys.ts'
import { OwnCircuits } from '../relay/own-circuits.ts'
import { OwnDescriptor, type RelayFacts } from '../relay/own-descriptor.ts'
import { PublicationLoop } from '../relay/publication-loop.ts'
import { type ListenPoint, Relay } from '../relay/relay.ts'
import { type OwnPort, SelfTest } from '../relay/self-test.ts'
import type { AdmissionDirectory } from './admission.ts'
import type { NodeTiming } from './node-timing.ts'
import { NonceBook } from './nonce-book.ts'
import { OwnAddress } from './own-address.ts'
import type { PerspectiveLimits } from './perspective-limits.ts'
import { type PaDoor, PerspectiveServer } from './perspective-server.ts'
import { ProbeBook } from './probe-book.ts'
import { Prober } from './prober.ts'
import { ProofKeeper } from './proof-keeper.ts'
import { ServerRecords } from './server-records.ts'

const KEY_CHECK_MS = 3_600_000

/** What the owner decides about perspective access; may change while the node runs. */
export interface PerspectiveSettings {
  readonly policy: ExitPolicy
  readonly admits: 'running' | 'stable'
  /** Instead of those that come with the timing. */
  readonly limits?: Partial<Pick<PerspectiveLimits, 'share' | 'reserve'>> & { readonly quota?: Partial<PerspectiveLimits['quota']> }
}

export interface NodeOptions {
  readonly keys: RelayKeys
  readonly authorities: readonly DirAuthority[]
  /** Started and stopped by its owner. */
  readonly directory: NetworkDirectory
  /** What our DirPort serves, when it is not `directory`. */
  readonly view?: DirectoryView
  readonly listen: { readonly or: ListenPoint; readonly dir?: ListenPoint; readonly pa: PaDoor }
  /** Published IPv4 address; `undefined`: learned from other relays. */
  readonly address?: IpAddress
  readonly outboundAddress?: IpAddress
  /** Ports that the world should use, when a router maps them to others; a missing one is the listener's. */
  advertised?(): { or?: number; dir?: number; pa?: number }
  readonly nickname: string
  readonly contact: string
  readonly version: string
  readonly system: string
  readonly bandwidth: { readonly rate: number; readonly burst: number }
  readonly exitPolicy: ExitPolicy
  readonly perspective: PerspectiveSettings
  /** Block list, access log and what we know of peers; started and stopped by their owner. Left out: some in memory. */
  readonly records?: ServerRecords
  countryOf?(address: IpAddress): string | undefined
  /** A name of the autonomous system that announces an address, where it is known. */
  systemOf?(address: IpAddress): string | undefined
  allowPrivate(address: IpAddress, port: number): boolean
  readonly resolver: Resolver
  /** Test networks: publish without having proved the ports first. */
  readonly assumeReachable?: boolean
  /** `false`: nothing is published for now. Left out: always. */
  mayPublish?(): boolean
  readonly testing: boolean
  readonly timing: NodeTiming
  readonly extraAnswers?: DirectoryServerOptions['extra']
  readonly maxPostBytes?: number
  frontPage?(): string | undefined
  readonly log: ScopedLog
}

/** A relay with perspective access: ports, self-test, publication, and the PA server, put together. */
export class PerspectiveNode implements Service {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  readonly own: OwnDescriptor
  readonly selfTest: SelfTest
  readonly publication: PublicationLoop
  readonly server: PerspectiveServer
  readonly records: ServerRecords
  readonly client: DirectoryClient
  readonly startedAt = Date.now()
  readonly options: NodeOptions
  readonly #probes: ProbeBook
  #perspective: PerspectiveSettings
  #limits: PerspectiveLimits
  readonly #address: OwnAddress
  readonly #proofs: ProofKeeper
  #keyTimer: NodeJS.Timeout | undefined
  readonly #forget: (() => void)[] = []
  #running = false

  constructor(options: NodeOptions) {
    this.options = options
    const { keys, directory, log, timing, listen } = options
    this.#perspective = options.perspective
    this.#limits = this.#limitsOf(options.perspective)
    this.client = new DirectoryClient({ localAddress: options.outboundAddress })
    this.own = new OwnDescriptor({ keys, testing: options.testing })
    this.#address = new OwnAddress({
      set: options.address,
      isListed: fingerprint => directory.consensus?.byFingerprint.has(fingerprint) ?? false,
      allowSpecial: options.testing,
    })
    const nonces = new NonceBook()
    this.relay = new Relay({
      keys,
      directory,
      view: options.view,
      listen: { or: listen.or, dir: listen.dir },
      outboundAddress: options.outboundAddress,
      address: () => this.address,
      ownDescriptor: () => this.own.current,
      bandwidth: options.bandwidth,
      exitPolicy: options.exitPolicy,
      resolver: options.resolver,
      allowPrivate: options.allowPrivate,
      extraAnswers: (path, request, context) => {
        const nonce = context.remoteAddress && request.method === 'GET' ? nonces.answer(path, context.remoteAddress) : undefined
        if (nonce !== undefined) return { status: 200, reason: 'OK', body: nonce, lifetimeSeconds: 0, compressible: false }
        return options.extraAnswers?.(path, request, context)
      },
      maxPostBytes: options.maxPostBytes,
      frontPage: options.frontPage,
      log,
    })
    this.circuits = new OwnCircuits({ channels: this.relay.channels, directory })
    const admission: AdmissionDirectory = {
      isLive: () => directory.liveness() === 'live',
      status: fingerprint => directory.consensus?.byFingerprint.get(fingerprint),
      descriptor: fingerprint => directory.descriptor(fingerprint),
      get nextAt() {
        return directory.consensus?.freshUntil
      },
    }
    const prober = new Prober({
      relay: this.relay,
      circuits: this.circuits,
      client: this.client,
      directory: admission,
      nonces,
      ownCanaryTarget: () => {
        const at = this.advertised
        return at && { address: at.address, port: at.dirPort || at.orPort }
      },
      timeoutMs: timing.probeTimeout,
    })
    this.#probes = new ProbeBook({
      probe: (fingerprint, signal) => prober.probe(fingerprint, signal),
      now: steadyNow,
      passMs: timing.probePass,
      failMs: timing.probeFail,
      concurrent: 20,
    })
    // Canaries that could not come back to the old address say nothing of the peers.
    this.#address.onLearned.add(() => this.#probes.clear())
    this.records = options.records ?? new ServerRecords({ log })
    const { blocks, usefulness, accessLog } = this.records
    this.server = new PerspectiveServer({
      relay: this.relay,
      door: listen.pa,
      directory: admission,
      admits: () => this.#perspective.admits,
      policy: () => this.#perspective.policy,
      limits: () => this.#limits,
      probes: this.#probes,
      blocks,
      usefulness,
      groups: { countryOf: address => options.countryOf?.(address), systemOf: address => options.systemOf?.(address) },
      accessLog,
      retestMs: timing.probeCheck,
      log,
    })
    this.selfTest = new SelfTest({
      relay: this.relay,
      circuits: this.circuits,
      advertised: () => this.advertised,
      witnesses: 2,
      attempts: 3,
      timeoutMs: timing.selfTestTimeout,
      log,
    })
    this.#proofs = new ProofKeeper({
      relay: this.relay,
      circuits: this.circuits,
      directory,
      selfTest: this.selfTest,
      timing,
      address: () => this.address,
    })
    this.publication = new PublicationLoop({
      own: this.own,
      publisher: new Publisher({ authorities: options.authorities, client: this.client, log }),
      directory,
      facts: () => this.#facts(),
      checkMs: timing.publishCheck,
      log,
    })
  }

  #limitsOf({ limits }: PerspectiveSettings): PerspectiveLimits {
    const base = this.options.timing.limits
    return { ...base, ...limits, quota: { ...base.quota, ...limits?.quota } }
  }

  /** Takes over what the owner decided, while links and circuits go on: policy, whom to admit, shares and quotas. */
  configurePerspective(settings: PerspectiveSettings): void {
    this.#perspective = settings
    this.#limits = this.#limitsOf(settings)
    this.server.recheck()
    this.publication.check()
  }

  /** Another limit from now on; links and circuits go on, and the network is told. */
  setBandwidth(rate: number, burst: number): void {
    const { limiter } = this.relay
    if (limiter.rate === rate && limiter.burst === burst) return
    limiter.reshape(rate, burst)
    this.publication.check()
  }

  /** Opens another PA door, or none, proves it and publishes; Tor's own ports and links are not touched. Rejects when it cannot be opened. */
  async setPaDoor(door: PaDoor): Promise<void> {
    await this.server.setDoor(door)
    this.selfTest.forget('pa')
    this.publication.check()
    void this.#proofs.settle()
  }

  /** Tests every port now; for the button. */
  retestAll(): Promise<void> {
    return this.#proofs.testAll()
  }

  /** Our published address: set, or as other relays see us. */
  get address(): IpAddress | undefined {
    return this.#address.current
  }

  /** Where the world should find us; ports we do not have are 0 (a virtual PA door has none of its own). */
  get advertised(): { address: IpAddress; orPort: number; dirPort: number; paPort: number } | undefined {
    const { address } = this
    if (!address || !this.#running) return undefined
    const mapped = this.options.advertised?.() ?? {}
    return {
      address,
      orPort: mapped.or ?? this.relay.orPort.port,
      dirPort: this.relay.dirPort ? (mapped.dir ?? this.relay.dirPort.port) : 0,
      paPort: this.server.listener ? (mapped.pa ?? this.server.listener.port) : 0,
    }
  }

  /** A port counts as usable when it was proved, or where tests say so. */
  #isOpen(port: OwnPort): boolean {
    return this.options.assumeReachable === true || this.selfTest.proofs[port].state === 'proved'
  }

  #isDecided(port: OwnPort, number: number): boolean {
    const { state } = this.selfTest.proofs[port]
    return number === 0 || this.options.assumeReachable === true || state === 'proved' || state === 'failed'
  }

  /** What to publish now; nothing before the ORPort is proved and the fate of the other ports is known. */
  #facts(): RelayFacts | undefined {
    const at = this.advertised
    if (this.options.mayPublish?.() === false) return undefined
    if (!at || !this.#isOpen('or') || !this.#isDecided('dir', at.dirPort) || !this.#isDecided('pa', at.paPort)) return undefined
    const { nickname, contact, version, system, exitPolicy } = this.options
    const { rate, burst } = this.relay.limiter
    const { policy, admits } = this.#perspective
    const dirPort = this.#isOpen('dir') ? at.dirPort : 0
    const paPort = this.server.door === 'virtual' ? 'virtual' : this.#isOpen('pa') ? at.paPort : 0
    return {
      nickname,
      contact: contact === '' ? undefined : contact,
      address: at.address,
      orPort: at.orPort,
      dirPort,
      version,
      system,
      startedAt: this.startedAt,
      bandwidth: { rate, burst, observed: this.relay.meter.observed },
      exitPolicy,
      perspective: paPort === 0 ? undefined : { port: paPort, admits, policy: policy.summary() },
    }
  }

  async start(): Promise<void> {
    const { directory, assumeReachable } = this.options
    await this.relay.start()
    try {
      await this.server.start()
    } catch (error) {
      await this.server.stop()
      await this.relay.stop()
      throw error
    }
    this.#running = true
    this.#forget.push(
      this.relay.onAddressHint.add((address, channel) =>
        this.#address.hear(address, channel.peer?.rsaIdentity.toString('hex').toUpperCase()),
      ),
      directory.onConsensus.add(() => this.server.recheck()),
      this.selfTest.onProof.add(() => this.publication.check()),
    )
    this.#keyTimer = setInterval(() => void this.#rotateKeys(), KEY_CHECK_MS)
    this.publication.start()
    if (!assumeReachable) this.#proofs.start()
  }

  /** Keys and certificates are renewed long before they expire; a new onion key is published at once. */
  async #rotateKeys(): Promise<void> {
    const { keys, log } = this.options
    try {
      if (await keys.rotate()) this.publication.check()
    } catch (error) {
      log.error(`keys were not renewed: ${error instanceof Error ? error.message : error}`)
    }
  }

  async stop(): Promise<void> {
    this.#running = false
    clearInterval(this.#keyTimer)
    this.#proofs.stop()
    for (const forget of this.#forget) forget()
    await this.publication.stop()
    await this.selfTest.stop()
    await this.#probes.stop()
    await this.server.stop()
    await this.relay.stop()
  }
}

import { Command } from '../../main/cell/command.ts'
import { encodeVariableCell } from '../../main/cell/frame.ts'
import { decodePaStatus, encodePaNegotiate, type PaStatus } from '../../main/cell/pa.ts'
import type { Channel, PeerIdentity } from '../../main/channel/channel.ts'
import { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import type { RouterStatus } from '../../main/document/consensus.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { silentLog } from '../../main/lib/log.ts'
import type { Resolver } from '../../main/net/resolver.ts'
import type { AccessLog } from '../../main/perspective/access-log.ts'
import { BlockBook } from '../../main/perspective/block-book.ts'
import { DEFAULT_PERSPECTIVE_LIMITS, type PerspectiveLimits } from '../../main/perspective/perspective-limits.ts'
import { type PaDoor, PerspectiveServer } from '../../main/perspective/perspective-server.ts'
import { ProbeBook, type ProbeResult } from '../../main/perspective/probe-book.ts'
import { UsefulnessBook } from '../../main/perspective/usefulness.ts'
import { BandwidthLimiter } from '../../main/relay/bandwidth.ts'
import { ExitConnector, type ExitConnectorOptions } from '../../main/relay/exit.ts'
import type { Relay } from '../../main/relay/relay.ts'
import { type ChannelPair, channelPair } from '../channel/pair.ts'
import { until } from '../circuit/chain.ts'
import { RawEnd } from '../circuit/raw.ts'

export { until } from '../circuit/chain.ts'

/** A relay of the test's own consensus. */
export interface TestPeer {
  readonly identity: PeerIdentity
  readonly fingerprint: string
  address: string
  flags: Set<string>
  family: string[]
}

/** What one link to the server saw. */
export interface PeerLink {
  readonly channel: Channel
  readonly statuses: PaStatus[]
  negotiate(purpose?: number): void
  /** The next status number that comes, or one that has come and was not asked for yet. */
  status(): Promise<number>
  build(): Promise<OriginCircuit>
  /** A circuit on which the test says whatever it wants. */
  buildRaw(): Promise<RawEnd>
}

/**
 * A PerspectiveServer around a relay without sockets: peers come over links in memory, as to an ORPort (virtual perspective access), with whatever
 * identity and address a test gives them. Doors are tested by `probe`; streams really leave, to loopback.
 */
export class ServerFixture {
  readonly server: PerspectiveServer
  readonly blocks = new BlockBook({ log: silentLog })
  readonly probes: ProbeBook
  readonly probed: string[] = []
  readonly resolved: string[] = []
  readonly peers = new Map<string, TestPeer>()
  readonly usefulness = new UsefulnessBook()
  /** CREATE cells that went to the relay's own circuits. */
  orCreates = 0
  live = true
  admits: 'running' | 'stable' = 'stable'
  probe: (fingerprint: string) => Promise<ProbeResult> = async () => ({ usable: true })
  limits: PerspectiveLimits
  policy = ExitPolicy.parse('accept *:*')
  countryOf: (address: string) => string | undefined = () => undefined
  readonly #relay: Relay
  readonly #pairs: ChannelPair[] = []
  readonly #own = { rsaIdentity: randomBytes(20), ed25519Identity: randomBytes(32) }
  readonly #ntor = generateX25519()

  constructor(
    options: { door?: PaDoor; limits?: Partial<PerspectiveLimits>; accessLog?: AccessLog; passMs?: number; retestMs?: number } = {},
  ) {
    this.limits = { ...DEFAULT_PERSPECTIVE_LIMITS, ...options.limits }
    const resolver: Resolver = {
      resolve: async name => {
        this.resolved.push(name)
        return [{ address: '127.0.0.1', ttl: 300 }]
      },
      reverse: async () => [],
    }
    const limiter = new BandwidthLimiter<Channel>({ rate: 1e9, burst: 1e9, total: () => 0, channels: () => this.#channels() })
    const { rsaIdentity, ed25519Identity } = this.#own
    this.#relay = {
      secondDoor: undefined,
      limiter,
      channels: { all: () => this.#channels() },
      options: {
        keys: {
          onionKeys: () => ({
            rsaIdentity,
            ed25519Identity,
            findNtor: (key: Buffer) => (key.equals(this.#ntor.public) ? this.#ntor : undefined),
          }),
        },
        directory: { consensus: undefined },
      },
      exitConnector: (policy: () => ExitPolicy, more: Partial<ExitConnectorOptions> = {}) =>
        new ExitConnector({
          policy,
          resolver,
          isOwnAddress: () => false,
          allowPrivate: () => true,
          watch: more.watch,
          connectTimeoutMs: 2000,
        }),
    } as unknown as Relay
    this.probes = new ProbeBook({
      probe: fingerprint => {
        this.probed.push(fingerprint)
        return this.probe(fingerprint)
      },
      now: Date.now,
      passMs: options.passMs ?? 60_000,
      failMs: 60_000,
      concurrent: 2,
    })
    this.server = new PerspectiveServer({
      relay: this.#relay,
      door: options.door ?? 'virtual',
      directory: {
        isLive: () => this.live,
        status: fingerprint => this.#status(fingerprint),
        descriptor: fingerprint => this.#descriptor(fingerprint),
      },
      admits: () => this.admits,
      policy: () => this.policy,
      limits: () => this.limits,
      probes: this.probes,
      blocks: this.blocks,
      usefulness: this.usefulness,
      groups: { countryOf: address => this.countryOf(address) },
      accessLog: options.accessLog,
      retestMs: options.retestMs ?? 1e6,
      log: silentLog,
    })
  }

  #channels(): Channel[] {
    return this.#pairs.map(pair => pair.responder).filter(channel => !channel.closed)
  }

  #status(fingerprint: string): RouterStatus | undefined {
    const peer = this.peers.get(fingerprint)
    return (
      peer && ({ fingerprint, nickname: 'peer', address: peer.address, orAddresses6: [], flags: peer.flags } as unknown as RouterStatus)
    )
  }

  #descriptor(fingerprint: string): ServerDescriptor | undefined {
    const peer = this.peers.get(fingerprint)
    if (!peer) return undefined
    const { identity, address, family } = peer
    const rest = { orPort: 9001, dirPort: 9030, familyIds: [] }
    return { fingerprint, address, family, ed25519Identity: identity.ed25519Identity, ...rest } as unknown as ServerDescriptor
  }

  /** Adds a relay to the consensus. */
  peer(address = '127.0.0.1', flags = ['Valid', 'Running', 'Stable']): TestPeer {
    const identity = { rsaIdentity: randomBytes(20), ed25519Identity: randomBytes(32) }
    const fingerprint = identity.rsaIdentity.toString('hex').toUpperCase()
    const peer: TestPeer = { identity, fingerprint, address, flags: new Set(flags), family: [] }
    this.peers.set(fingerprint, peer)
    return peer
  }

  /** A link from a peer, or (undefined) from somebody who proves nothing. */
  link(peer: TestPeer | undefined, address = peer?.address ?? '127.0.0.1'): PeerLink {
    const pair = channelPair({
      initiatorIdentity: peer?.identity,
      responderIdentity: this.#own,
      initiatorAddress: address,
      responderShaper: this.#relay.limiter,
    })
    this.#pairs.push(pair)
    pair.responder.handler = {
      onCreate: (channel, circId, command, body) => {
        const circuits = this.#relay.secondDoor?.circuitsFor(channel)
        if (circuits) circuits.handleCreate(channel, circId, command, body)
        else this.orCreates++
      },
      onControl: (channel, cell) => this.#relay.secondDoor?.onControl(channel, cell),
      onClose: channel => this.#relay.secondDoor?.onClose(channel),
    }
    const statuses: PaStatus[] = []
    let read = 0
    pair.initiator.handler = {
      onCreate: () => {},
      onControl: (_channel, cell) => statuses.push(decodePaStatus(cell.body)),
      onClose: () => {},
    }
    const channel = pair.initiator
    const hop = { ...this.#own, ntorKey: this.#ntor.public, addresses: [], ntorV3: true, congestionControl: true }
    return {
      channel,
      statuses,
      negotiate: (purpose = 0) =>
        channel.send(undefined, encodeVariableCell(0, Command.PA_NEGOTIATE, encodePaNegotiate({ version: 1, capabilities: 0, purpose }))),
      async status() {
        await until(() => statuses.length > read, 'a PA_STATUS')
        return statuses[read++]!.status
      },
      buildRaw: () => RawEnd.client(channel, [{ ...hop, ntorV3: false, congestionControl: false }]),
      build: () =>
        OriginCircuit.build({
          channel,
          hops: [hop],
          signal: AbortSignal.timeout(5000),
          params: congestionParams(new Map()),
          trafficClass: 'pa',
        }),
    }
  }

  /** A link of a peer that has been admitted. */
  async admitted(peer: TestPeer): Promise<PeerLink> {
    const link = this.link(peer)
    link.negotiate()
    for (;;) {
      const status = await link.status()
      if (status === 0) return link
      if (status !== 14) throw new Error(`refused with ${status}`)
    }
  }

  /** The status that a link is refused or admitted with in the end. */
  async verdict(link: PeerLink, purpose = 0): Promise<number> {
    link.negotiate(purpose)
    for (;;) {
      const status = await link.status()
      if (status !== 14) return status
    }
  }

  async close(): Promise<void> {
    await this.probes.stop()
    await this.server.stop()
    this.#relay.limiter.stop()
    for (const pair of this.#pairs) await pair.close()
  }
}

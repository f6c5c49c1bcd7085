import { platform } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import type { Settings } from '../../shared/settings.ts'
import type { PortState } from '../../shared/state.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import { canonicalIp, isSpecialAddress } from '../lib/ip.ts'
import type { Log } from '../lib/log.ts'
import { type MappingState, PortMapper } from '../net/port-map/port-mapper.ts'
import { type NodeOptions, PerspectiveNode, type PerspectiveSettings } from '../perspective/node.ts'
import { type ClientFacts, startPeerSide } from '../perspective/peer-side.ts'
import type { PerspectiveClient } from '../perspective/perspective-client.ts'
import type { PaDoor } from '../perspective/perspective-server.ts'
import type { ServerRecords } from '../perspective/server-records.ts'
import { UsageBook } from '../perspective/usage-book.ts'
import { KeyFileError, RelayKeys } from '../relay/keys.ts'
import type { AppOptions, ListenOption } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import type { ContributionCounters } from './contribution-book.ts'
import { frontPage } from './front-page.ts'
import type { JoinedNetwork } from './joined-network.ts'
import { checkPolicy } from './policy-check.ts'
import { takerOf } from './port-taker.ts'
import { RelayRows } from './relay-rows.ts'
import { RouterNames } from './router-name.ts'
import { VotePoller } from './vote-poller.ts'

const SYSTEMS: Record<string, string> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
export const PORT_NAMES = ['or', 'dir', 'pa'] as const
export type PortName = (typeof PORT_NAMES)[number]

/** What shapes the perspective side of a run; the part that may change while it runs. */
interface PerspectiveContext {
  readonly options: AppOptions
  readonly settings: Settings
  readonly network: JoinedNetwork
  /** The owner agreed to share perspectives. */
  readonly perspective: boolean
}

interface RelayRunContext extends PerspectiveContext {
  readonly directory: NetworkDirectory
  readonly records: ServerRecords
  readonly log: Log
  readonly client: ClientFacts
  /** Our clock is good enough to sign by. */
  mayPublish(): boolean
}

/** Our relay from its start to its stop: node, router mappings, votes. */
export class RelayRun {
  readonly node: PerspectiveNode
  readonly mapper: PortMapper | undefined
  readonly votes: VotePoller
  readonly client: PerspectiveClient
  /** Who offers perspective access, as the UI shows it. */
  readonly rows: RelayRows
  readonly routerNames = new RouterNames()
  readonly #peer: ReturnType<typeof startPeerSide>
  readonly #countryOf: (address: string, port: number) => string | undefined
  /** What others had through our PAPort, by peer. */
  readonly #served = new UsageBook()
  /** What the program had spent before. */
  readonly #cpu = process.cpuUsage()
  readonly #wanted: Record<PortName, PortState['wanted']>
  /** As it was asked for: with port 0 where any free one will do. */
  #door: PaDoor
  readonly #practice: JoinedNetwork['practice']

  private constructor(
    node: PerspectiveNode,
    peer: ReturnType<typeof startPeerSide>,
    mapper: PortMapper | undefined,
    votes: VotePoller,
    wanted: Record<PortName, PortState['wanted']>,
    network: JoinedNetwork,
  ) {
    this.node = node
    this.client = peer.client
    this.#peer = peer
    this.mapper = mapper
    this.votes = votes
    this.#wanted = wanted
    this.#countryOf = network.countryOf
    this.rows = new RelayRows(peer.client, network.systemOf)
    this.#practice = network.practice
    this.#door = node.server.door
    mapper?.onChange.add((_, { state }) => {
      if (state === 'failed') this.routerNames.wanted(mapper.gateway)
    })
    node.server.streams.onOpened.add((fingerprint, stream) => this.#served.add(stream, fingerprint, 'served'))
  }

  /**
   * Opens the ports and begins the way to being listed. Rejects with {@link AppStartError}: a port in use or not permitted, an address that is
   * not this machine's, damaged key files, a policy that cannot be read.
   */
  static async start(context: RelayRunContext): Promise<RelayRun> {
    const { options, settings, network, directory, log } = context
    const { overrides } = options
    const keys = await loadKeys(join(options.dataFolder, 'keys'), log)
    const address = publishedAddress(overrides.address ?? (settings.address || network.practice?.homeAddress))
    const local = address && isSpecialAddress(address) ? address : undefined
    const point = (option: ListenOption | undefined, port: number) => listenPoint(option, port, network, local)
    const listenPa = paDoor(context, local)
    const listen: NodeOptions['listen'] = {
      or: point(overrides.orPort, settings.orPort),
      dir: point(overrides.dirPort, settings.dirPort),
      pa: listenPa,
    }
    const mapper = settings.mapPorts && !local ? new PortMapper({ log: log.scoped('port-map') }) : undefined
    const mapped = (name: PortName) => {
      const state = mapper?.state(name)
      return state?.state === 'mapped' ? state.externalPort : undefined
    }
    const node = new PerspectiveNode({
      keys,
      authorities: network.authorities,
      directory,
      listen,
      address,
      outboundAddress: overrides.outboundAddress ?? local,
      advertised: () => ({ or: mapped('or'), dir: mapped('dir'), pa: mapped('pa') }),
      nickname: overrides.nickname ?? settings.nickname,
      contact: overrides.contact ?? settings.contact,
      version: options.version,
      system: SYSTEMS[platform()] ?? platform(),
      bandwidth: { rate: settings.bandwidthRate, burst: settings.bandwidthBurst },
      exitPolicy: readPolicy(overrides.exitPolicy ?? settings.exitPolicy, 'exitPolicy', network.testing && overrides.allowPrivate === true),
      perspective: perspectiveSettings(context),
      records: context.records,
      countryOf: address => network.countryOf(address, 0),
      systemOf: address => {
        const system = network.systemOf(address)
        return system && `AS${system.number}`
      },
      allowPrivate: network.allowPrivate,
      resolver: network.resolver,
      testing: network.testing,
      timing: network.timing,
      mayPublish: () => context.mayPublish(),
      frontPage: () => frontPage({ nickname: overrides.nickname ?? settings.nickname, perspective: node.server.door !== 'off' }),
      log: log.scoped('relay'),
    })
    const votes = new VotePoller({
      directory,
      authorities: network.authorities,
      fingerprint: keys.fingerprint,
      testing: network.testing,
      log: log.scoped('votes'),
    })
    try {
      await node.start()
    } catch (error) {
      throw await portProblem(error, listen)
    }
    const peer = startPeerSide({
      relay: node.relay,
      circuits: node.circuits,
      directory,
      countryOf: network.countryOf,
      facts: context.client,
    })
    const wanted: Record<PortName, PortState['wanted']> = {
      or: listen.or.port,
      dir: listen.dir?.port ?? 'off',
      pa: listen.pa === 'virtual' || listen.pa === 'off' ? listen.pa : listen.pa.port,
    }
    const run = new RelayRun(node, peer, mapper, votes, wanted, network)
    await mapper?.start()
    run.#tellPorts()
    return run
  }

  /** Ports that opened are told to whoever must know them: the router, and a practice world in which all relays share one address. */
  #tellPorts(): void {
    const listening = PORT_NAMES.flatMap(name => this.#listening(name) ?? [])
    if (this.#practice?.singleAddress) for (const { address, port } of listening) this.#practice.registerRelay(address, [port])
    this.mapper?.setPorts(
      PORT_NAMES.flatMap(name => {
        const at = this.#listening(name)
        return at ? [{ name, address: at.address, port: at.port }] : []
      }),
    )
  }

  /** Takes over what the owner changed about perspective access, while Tor's links and circuits go on. Rejects with {@link AppStartError}. */
  async applyPerspective(context: PerspectiveContext): Promise<void> {
    const { node } = this
    node.configurePerspective(perspectiveSettings(context))
    const { address } = node.options
    const door = paDoor(context, address && isSpecialAddress(address) ? address : undefined)
    if (sameDoor(door, this.#door)) return
    try {
      await node.setPaDoor(door)
    } catch (error) {
      throw await portProblem(error, { ...node.options.listen, pa: door })
    }
    this.#door = door
    this.#wanted.pa = typeof door === 'object' ? door.port : door
    this.#tellPorts()
  }

  /** Rejects settings that the schema cannot judge: policies and the address. Throws {@link AppStartError}. */
  static checkSettings(settings: Settings): void {
    publishedAddress(settings.address)
    readPolicy(settings.exitPolicy, 'exitPolicy', false)
    readPolicy(settings.perspectivePolicy, 'perspectivePolicy', false)
  }

  #listening(name: PortName): { address: string; port: number } | undefined {
    const { relay, server } = this.node
    const listener = name === 'or' ? relay.orPort : name === 'dir' ? relay.dirPort : server?.listener
    return listener && { address: listener.address, port: listener.port }
  }

  portState(name: PortName): PortState {
    const wanted = this.#wanted[name]
    const mapping: MappingState = this.mapper ? this.mapper.state(name) : { state: 'not-needed' }
    return { wanted, listening: this.#listening(name), mapping, proof: this.node.selfTest.proofs[name] }
  }

  /** The country of an address in the network's world; the port tells relays of one address apart. */
  countryOf(address: string, port: number): string | undefined {
    return this.#countryOf(address, port)
  }

  /** Some relay that offers perspective access admits peers that are Running but not yet Stable. */
  get someoneAdmitsRunning(): boolean {
    return this.#peer.list.admitRunning
  }

  /** Countries where ordinary Tor circuits can end. */
  exitCountries(excluded: readonly string[]) {
    return this.#peer.list.exits(excluded)
  }

  /** Running totals for the contribution book. */
  get counters(): ContributionCounters {
    const { relay, server } = this.node
    const { orRead, orWritten } = relay.channels.bytes
    const usage = this.client.usage.totals()
    const tor = { read: 0, written: 0, streams: 0 }
    for (const { mode, read, written, streams } of usage) {
      if (mode !== 'tor') continue
      tor.read += read
      tor.written += written
      tor.streams += streams
    }
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      or: { read: orRead, written: orWritten },
      dir: { read: relay.dirPort?.bytes.read ?? 0, written: relay.dirPort?.bytes.written ?? 0 },
      served: this.#served.totals(),
      used: usage.filter(({ mode }) => mode === 'one-hop'),
      tor,
      refused: server?.served.refused ?? 0,
      circuits: relay.circuits.served,
      cpuSeconds: (user + system) / 1e6,
    }
  }

  /** Bytes on all wires since the start, both directions: links, directory answers, and what members let out at our address. */
  get carried(): number {
    const { relay, server } = this.node
    const { read, written } = relay.carried
    const dir = relay.dirPort?.bytes
    return read + written + (dir ? dir.read + dir.written : 0) + (server ? server.served.read + server.served.written : 0)
  }

  /** Ends one-hop browsing first, then the relay. */
  async stop(): Promise<void> {
    this.routerNames.stop()
    await this.#peer.stop()
    await this.votes.stop()
    await Promise.all([this.mapper?.stop(), this.node.stop()])
  }
}

function listenPoint(option: ListenOption | undefined, port: number, network: JoinedNetwork, local: string | undefined) {
  // In the practice world nobody outside needs to know the number, and several practice networks may run on one machine.
  return { host: option?.address ?? local ?? '0.0.0.0', port: option?.port ?? (network.practice ? 0 : port) }
}

function paDoor({ options, settings, network, perspective }: PerspectiveContext, local: string | undefined): PaDoor {
  const pa = options.overrides.paPort ?? settings.paPort
  if (!perspective || pa === 'off') return 'off'
  if (pa === 'virtual') return 'virtual'
  return typeof pa === 'number' ? listenPoint(undefined, pa, network, local) : listenPoint(pa, 0, network, local)
}

const sameDoor = (a: PaDoor, b: PaDoor) =>
  typeof a === 'object' && typeof b === 'object' ? a.host === b.host && a.port === b.port : a === b

function perspectiveSettings({ options: { overrides }, settings, network }: PerspectiveContext): PerspectiveSettings {
  // Test networks have limits of their own, unless somebody has set others.
  const { perspectivePeerRate: bytesPerSecond, perspectivePeerDay: bytesPerDay } = settings
  return {
    policy: perspectivePolicy(overrides.perspectivePolicy ?? settings.perspectivePolicy, network, overrides.allowPrivate === true),
    admits: overrides.perspectiveAdmits ?? settings.perspectiveAdmits,
    limits: {
      share: settings.perspectiveShare,
      reserve: settings.perspectiveReserve,
      ...(network.testing ? {} : { quota: { bytesPerSecond, bytesPerDay } }),
    },
  }
}

async function loadKeys(folder: string, log: Log): Promise<RelayKeys> {
  try {
    return await RelayKeys.load(folder, { log: log.scoped('keys') })
  } catch (error) {
    if (error instanceof KeyFileError) throw new AppStartError('key-file-damaged', { file: error.file }, { cause: error })
    throw error
  }
}

function publishedAddress(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const address = canonicalIp(text)
  if (!address || address.includes(':')) throw new AppStartError('bad-request', { option: 'address', value: text.slice(0, 100) })
  return address
}

function readPolicy(text: string, option: string, allowPrivate: boolean): ExitPolicy {
  try {
    return ExitPolicy.parse(text, { rejectPrivate: !allowPrivate })
  } catch (error) {
    const checked = checkPolicy(text)
    const where: Problem['detail'] = checked.ok ? {} : { line: checked.line, text: checked.item }
    throw new AppStartError('bad-request', { option, ...where, reason: (error as Error).message.slice(0, 200) }, { cause: error })
  }
}

/** In the practice world the practice site is what there is to see, so its ports are let out too. */
function perspectivePolicy(text: string, network: JoinedNetwork, allowPrivate: boolean): ExitPolicy {
  if (!network.practice) return readPolicy(text, 'perspectivePolicy', allowPrivate)
  const site = network.practice.sitePorts.map(port => `accept *:${port}, `).join('')
  return readPolicy(`${site}${text}`, 'perspectivePolicy', true)
}

async function portProblem(error: unknown, listen: NodeOptions['listen']): Promise<unknown> {
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  const detail = { port: port ?? listen.or.port, address: address ?? listen.or.host }
  if (code === 'EADDRINUSE') return new AppStartError('port-in-use', { ...detail, ...(await takerOf(detail.port)) }, { cause: error })
  if (code === 'EACCES' || code === 'EPERM') return new AppStartError('port-not-permitted', detail, { cause: error })
  if (code === 'EADDRNOTAVAIL') return new AppStartError('address-not-here', detail, { cause: error })
  return error
}

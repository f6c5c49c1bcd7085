import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectSocks } from './socks.ts'
import { FreePorts, type NodeHost, StockNode, until } from './stock-node.ts'

export { ControlClient, ControlError } from './control-client.ts'
export { FreePorts, StockNode, until } from './stock-node.ts'

const GENCERT = '/usr/bin/tor-gencert'

export interface StockNetworkOptions {
  /** Default 3. They are exits too. */
  readonly authorities?: number
  /** Relays besides, exits all of them. Default 1. */
  readonly relays?: number
  /** Default true. */
  readonly client?: boolean
  /** Loopback address of each node by its name (auth0 …, relay0 …); default 127.0.0.1. */
  readonly addresses?: Readonly<Record<string, string>>
  /** Network namespaces of nodes by name, instead of an address; they get the ports {@link HOST_PORTS}, which are free there. */
  readonly hosts?: Readonly<Record<string, NodeHost>>
  /** More torrc lines, for the nodes of a kind. A line for a key that is there already is added, not put in its place, unless tor itself has the last one win. */
  readonly torrc?: {
    readonly all?: readonly string[]
    readonly authorities?: readonly string[]
    readonly relays?: readonly string[]
    readonly client?: readonly string[]
  }
  /** Seconds between two consensuses; default 10. */
  readonly votingInterval?: number
  /** Seconds of uptime after which a relay is Stable; default 30. */
  readonly stableUptime?: number
}

/** Ports of nodes that have a host of their own. */
export const HOST_PORTS = { or: 9001, dir: 9030, socks: 9050 } as const

export interface AddNodeOptions {
  readonly name: string
  readonly address?: string
  readonly torrc?: readonly string[]
  /** Relays: false = no exit. Default true. */
  readonly exit?: boolean
}

/**
 * A private Tor network of stock tor on loopback, in a temporary folder, on free ports.
 *
 *     const network = await StockNetwork.start({ authorities: 3, relays: 2 })
 *     try {
 *       await network.ready()
 *       …network.dirAuthorityLines, network.relays[0].fingerprint, await network.consensus(), network.client.control.getInfo(…)
 *     } finally {
 *       await network.stop()
 *     }
 *
 * It takes 8 to 30 seconds from the start until it is ready.
 */
export class StockNetwork {
  readonly folder: string
  readonly authorities: StockNode[] = []
  readonly relays: StockNode[] = []
  readonly clients: StockNode[] = []
  /** torrc lines "DirAuthority …", one for each authority. */
  readonly dirAuthorityLines: string[] = []
  readonly #options: StockNetworkOptions

  private constructor(folder: string, options: StockNetworkOptions) {
    this.folder = folder
    this.#options = options
  }

  /** Starts all processes; the network is of use only after ready(). */
  static async start(options: StockNetworkOptions = {}): Promise<StockNetwork> {
    const network = new StockNetwork(await mkdtemp(join(tmpdir(), 'stock-tor-')), options)
    try {
      await network.#start()
      return network
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  async #start(): Promise<void> {
    const { authorities = 3, relays = 1, client = true, addresses = {}, torrc = {} } = this.#options
    await writeFile(join(this.folder, 'resolv.conf'), 'nameserver 127.0.0.1\n')
    const ports = new FreePorts()
    const node = (name: string, kind: 'relay' | 'client') => this.#node(name, addresses[name] ?? '127.0.0.1', kind, ports)
    for (let i = 0; i < authorities; i++) this.authorities.push(await node(`auth${i}`, 'relay'))
    for (let i = 0; i < relays; i++) this.relays.push(await node(`relay${i}`, 'relay'))
    if (client) this.clients.push(await node('client', 'client'))
    const lines = await Promise.all(this.authorities.map(authority => this.#makeAuthority(authority)))
    this.dirAuthorityLines.push(...lines)
    await ports.release()
    await Promise.all([
      ...this.authorities.map(authority =>
        authority.start([...this.#relayLines(authority, true), ...this.#authorityLines(), ...(torrc.authorities ?? [])]),
      ),
      ...this.relays.map(relay => relay.start([...this.#relayLines(relay, true), ...(torrc.relays ?? [])])),
      ...this.clients.map(one => one.start([...this.#clientLines(one), ...(torrc.client ?? [])])),
    ])
  }

  async #node(name: string, address: string, kind: 'relay' | 'client', ports: FreePorts): Promise<StockNode> {
    const folder = join(this.folder, name)
    const host = this.#options.hosts?.[name]
    if (host) {
      const ports =
        kind === 'relay'
          ? { orPort: HOST_PORTS.or, dirPort: HOST_PORTS.dir, socksPort: 0 }
          : { orPort: 0, dirPort: 0, socksPort: HOST_PORTS.socks }
      return new StockNode({ name, folder, address: host.address, ...ports, controlPort: 0, host })
    }
    return new StockNode({
      name,
      folder,
      address,
      orPort: kind === 'relay' ? await ports.take(address) : 0,
      dirPort: kind === 'relay' ? await ports.take(address) : 0,
      socksPort: kind === 'client' ? await ports.take('127.0.0.1') : 0,
      controlPort: await ports.take('127.0.0.1'),
    })
  }

  /** Makes an authority's keys; its DirAuthority line. */
  async #makeAuthority(node: StockNode): Promise<string> {
    const keys = join(node.folder, 'keys')
    await mkdir(keys, { recursive: true, mode: 0o700 })
    const certificate = join(keys, 'authority_certificate')
    const files = ['-i', join(keys, 'authority_identity_key'), '-s', join(keys, 'authority_signing_key'), '-c', certificate]
    await new Promise<void>((resolve, reject) => {
      const where = `${node.address}:${node.dirPort}`
      const child = execFile(GENCERT, ['--create-identity-key', '-m', '12', '-a', where, '--passphrase-fd', '0', ...files], error =>
        error ? reject(error) : resolve(),
      )
      child.stdin!.end('\n')
    })
    await node.makeKeys()
    const v3ident = /^fingerprint (\S+)/m.exec(await readFile(certificate, 'latin1'))![1]
    return `DirAuthority ${node.name} orport=${node.orPort} no-v2 v3ident=${v3ident} ${node.address}:${node.dirPort} ${node.fingerprint}`
  }

  #commonLines(): string[] {
    return [
      'TestingTorNetwork 1',
      'ProtocolWarnings 1',
      'SafeLogging 0',
      'ShutdownWaitLength 0',
      'GeoIPFile /dev/null',
      'GeoIPv6File /dev/null',
      'PathsNeededToBuildCircuits 0.25',
      'TestingMinExitFlagThreshold 0',
      'V3AuthNIntervalsValid 3',
      ...this.dirAuthorityLines,
      ...(this.#options.torrc?.all ?? []),
    ]
  }

  #relayLines(node: StockNode, exit: boolean): string[] {
    const exitLines = ['ExitRelay 1', 'ExitPolicyRejectPrivate 0', 'ExitPolicy accept 127.0.0.0/8:*', 'ExitPolicy accept *:*', 'IPv6Exit 0']
    return [
      ...this.#commonLines(),
      `Nickname ${node.name}`,
      `Address ${node.address}`,
      `OutboundBindAddress ${node.address}`,
      `ORPort ${node.address}:${node.orPort}`,
      `DirPort ${node.address}:${node.dirPort}`,
      'SocksPort 0',
      'AssumeReachable 1',
      'ContactInfo lab@localhost',
      ...(exit ? exitLines : ['ExitRelay 0']),
      'ServerDNSDetectHijacking 0',
      'ServerDNSTestAddresses',
      `ServerDNSResolvConfFile ${join(this.folder, 'resolv.conf')}`,
    ]
  }

  #authorityLines(): string[] {
    const { votingInterval = 10, stableUptime = 30 } = this.#options
    return [
      'AuthoritativeDirectory 1',
      'V3AuthoritativeDirectory 1',
      `V3AuthVotingInterval ${votingInterval}`,
      'V3AuthVoteDelay 2',
      'V3AuthDistDelay 2',
      'TestingV3AuthInitialVotingInterval 5',
      'TestingV3AuthInitialVoteDelay 2',
      'TestingV3AuthInitialDistDelay 2',
      'TestingDirAuthVoteGuard *',
      'TestingDirAuthVoteExit *',
      'TestingDirAuthVoteHSDir *',
      'MinUptimeHidServDirectoryV2 0',
      'TestingMinFastFlagThreshold 0',
      'TestingAuthDirTimeToLearnReachability 0',
      'AuthDirMaxServersPerAddr 0',
      'DirAllowPrivateAddresses 1',
      `AuthDirVoteStableGuaranteeMinUptime ${stableUptime} seconds`,
    ]
  }

  #clientLines(node: StockNode): string[] {
    return [
      ...this.#commonLines(),
      `SocksPort 127.0.0.1:${node.socksPort}`,
      'ClientRejectInternalAddresses 0',
      'ClientDNSRejectInternalAddresses 0',
    ]
  }

  get client(): StockNode {
    const [client] = this.clients
    if (!client) throw new Error('this network has no client')
    return client
  }

  /** Authorities and relays. */
  get routers(): StockNode[] {
    return [...this.authorities, ...this.relays]
  }

  /** Waits until a consensus lists all running relays as Running and all clients can build circuits. */
  async ready(ms = 90_000): Promise<void> {
    const deadline = Date.now() + ms
    const left = () => Math.max(1, deadline - Date.now())
    await this.consensusWhere(
      text => this.routers.every(router => !router.running || flagsOf(text, router.fingerprint)?.includes('Running')),
      left(),
    )
    await Promise.all(this.clients.filter(client => client.running).map(client => client.bootstrapped(left())))
  }

  /** Starts one more stock relay; it is listed after one or two consensuses (see listed()). */
  async addRelay(options: AddNodeOptions): Promise<StockNode> {
    const ports = new FreePorts()
    const node = await this.#node(options.name, options.address ?? '127.0.0.1', 'relay', ports)
    await ports.release()
    this.relays.push(node)
    await node.start([...this.#relayLines(node, options.exit ?? true), ...(options.torrc ?? [])])
    return node
  }

  /** Starts one more client; of use after `await node.bootstrapped(…)`. */
  async addClient(options: Omit<AddNodeOptions, 'exit' | 'address'>): Promise<StockNode> {
    const ports = new FreePorts()
    const node = await this.#node(options.name, '127.0.0.1', 'client', ports)
    await ports.release()
    this.clients.push(node)
    await node.start([...this.#clientLines(node), ...(options.torrc ?? [])])
    return node
  }

  /** The newest consensus of an authority. */
  consensus(flavor: 'ns' | 'microdesc' = 'ns', from = this.authorities[0]!): Promise<string> {
    return from.fetchText(`/tor/status-vote/current/consensus${flavor === 'ns' ? '' : `-${flavor}`}`)
  }

  /** Waits for a consensus with some property. */
  consensusWhere(property: (consensus: string) => boolean | undefined, ms: number, flavor: 'ns' | 'microdesc' = 'ns'): Promise<string> {
    const check = async () => {
      const text = await this.consensus(flavor)
      return property(text) ? text : undefined
    }
    return until('a consensus as wanted', check, ms, 250)
  }

  /** Waits until the consensus lists this relay with all these flags. */
  listed(fingerprint: string, flags: readonly string[] = ['Running'], ms = 60_000): Promise<string> {
    return this.consensusWhere(text => {
      const has = flagsOf(text, fingerprint)
      return has !== undefined && flags.every(flag => has.includes(flag))
    }, ms)
  }

  /** The vote an authority cast for the current consensus. */
  vote(authority = this.authorities[0]!): Promise<string> {
    return authority.fetchText('/tor/status-vote/current/authority')
  }

  keyCertificates(from = this.authorities[0]!): Promise<string> {
    return from.fetchText('/tor/keys/all')
  }

  /** The server descriptor an authority has of a relay. */
  descriptor(fingerprint: string, from = this.authorities[0]!): Promise<string> {
    return from.fetchText(`/tor/server/fp/${fingerprint}`)
  }

  /** A TCP connection through a circuit of the client along this path (fingerprints of at least two relays). */
  async openStream(path: readonly string[], host: string, port: number, client = this.client): Promise<Socket> {
    const circuit = await client.control.buildCircuit(path.map(fingerprint => `$${fingerprint}`))
    return client.control.attachNextStream(circuit, () => connectSocks(client.socksPort, host, port))
  }

  /** Ends every process and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all([...this.clients, ...this.routers].map(node => node.stop()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** The flags of a relay in a consensus, undefined when it is not there. Fingerprint as 40 hex digits. */
export function flagsOf(consensus: string, fingerprint: string): string[] | undefined {
  const identity = Buffer.from(fingerprint, 'hex').toString('base64').replace(/=+$/, '')
  const lines = consensus.split('\n')
  const at = lines.findIndex(line => line.startsWith('r ') && line.split(' ')[2] === identity)
  if (at < 0) return undefined
  const flags = lines.slice(at + 1).find(line => line.startsWith('s ') || line === 's')
  return flags?.split(' ').slice(1)
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StockNetwork } from '../interop/stock-network.ts'
import type { NodeHost } from '../interop/stock-node.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import type { Capture } from './capture.ts'
import type { Host, Remote } from './host.ts'
import { IsolatedWorld } from './hosts.ts'

/** Addresses that lie in the countries they do on the public Internet; here nothing leads there. Every host has a /16 of its own. */
export const ADDRESS = {
  auth0: '128.31.0.1',
  auth1: '129.132.0.1',
  auth2: '130.89.0.1',
  relay0: '147.83.0.1',
  relay1: '131.114.0.1',
  /** Sweden: PAPort, admits Stable relays. */
  server: '193.10.7.1',
  /** Germany: virtual, admits Running relays. */
  virtual: '141.20.7.1',
  /** France: somebody who browses. */
  browser: '193.48.7.1',
  /** Peers that share a host. */
  good: '133.11.0.1',
  late: '129.240.0.1',
  closedOr: '130.225.0.1',
  closedDir: '128.232.0.1',
  closedPa: '152.66.0.1',
  /** Its PAPort is open and lets nothing out. */
  rider: '147.32.7.1',
  /** Perspective access is off. */
  plain: '137.226.7.1',
  web: '158.39.0.1',
  dns: '195.220.0.1',
  thief: '18.1.0.1',
  /** Relays of one /24, which is that of `good`. */
  near1: '133.11.0.2',
  near2: '133.11.0.3',
  near3: '133.11.0.4',
  /** The Netherlands: a server with a slow line and few links to give. */
  small: '192.87.7.1',
} as const

/** Addresses of the web's host at which nothing is. */
export const EMPTY = '158.39.2.0/24'
/** Its line, bytes a second each way; and what it gives: links of one peer, peers' quotas of one /24. */
export const SMALL = { rate: 1e6, caps: { links: 1, network: 3 } } as const

/** What a home and a hosting network have inside, and no stream may reach. */
export const INSIDE = ['10.0.0.1', '192.168.1.1', '172.16.0.1', '169.254.169.254', '100.64.0.1', 'fd00::1'] as const
const INSIDE_NETWORKS = ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12', '169.254.0.0/16', '100.64.0.0/10']

const PEERS = ['good', 'late', 'closedOr', 'closedDir', 'closedPa', 'rider', 'plain', 'near1', 'near2', 'near3'] as const
export type PeerName = (typeof PEERS)[number]
/** Addresses of the peers that share a host. */
export const HERE = PEERS.map(name => ADDRESS[name])
export const PORT = { or: 9001, dir: 9030, pa: 9040, socks: 9150, http: 8118, ui: 8100, trap: 22 } as const
/** Seconds of uptime after which authorities call a relay Stable. */
export const STABLE = 20

type FarEnds = Remote<typeof import('./far-ends.ts')>
type Peers = Remote<typeof import('./peers.ts')>
type Thief = Remote<typeof import('./thief.ts')>
type Browse = Remote<typeof import('./browse.ts')>
type Owner = Remote<typeof import('./owner.ts')>

const module = (name: string) => new URL(name, import.meta.url)

/** Stock tor, three Vantage apps, a crowd of Vantage nodes, a web, a DNS, a thief and a home network, each in a network namespace. */
export interface Lab {
  readonly world: IsolatedWorld
  readonly network: StockNetwork
  readonly server: VantageProcess
  readonly virtual: VantageProcess
  readonly browser: VantageProcess
  readonly web: FarEnds
  readonly dns: FarEnds
  readonly inside: FarEnds
  readonly peers: Peers
  readonly thief: Thief
  /** Programs on the computer of the one who browses. */
  readonly atHome: Browse
  /** The window of the server, as its owner uses it. */
  readonly owner: Owner
  /** On the server's host, from before its start. */
  readonly capture: Capture
  /** The small server: in a process of its own on a host of its own. */
  readonly small: StartedPeer & { readonly host: Host }
  readonly folder: string
  /** When all relays but the late one were listed. */
  readonly listedAt: number
  readonly crowd: ReadonlyMap<PeerName, StartedPeer>
  startPeer(name: PeerName): Promise<StartedPeer>
  stop(): Promise<void>
}

type StartedPeer = Awaited<ReturnType<Peers['startPeer']>>

/** Starts everything and waits until all relays but `late`, which is not started, are listed. It takes about 25 s. */
export async function startLab(): Promise<Lab> {
  const networks = new Set(Object.values(ADDRESS).map(address => `${address.split('.').slice(0, 2).join('.')}.0.0/16`))
  const world = await IsolatedWorld.make([...networks])
  const folder = await mkdtemp(join(tmpdir(), 'vantage-lab-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true }), () => world.stop()]
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const lab = await build(world, folder, undo)
    return { ...lab, stop }
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }
}

async function build(world: IsolatedWorld, folder: string, undo: (() => Promise<unknown>)[]): Promise<Omit<Lab, 'stop'>> {
  const nameservers = [ADDRESS.dns]
  const plain = (name: keyof typeof ADDRESS) => world.host(name, { addresses: [ADDRESS[name]], nameservers })
  const dnsHost = await plain('dns')
  const webHost = await world.host('web', { addresses: [ADDRESS.web], whole: [EMPTY], nameservers })
  const thiefHost = await plain('thief')
  const browserHost = await plain('browser')
  const virtualHost = await plain('virtual')
  const serverHost = await world.host('server', { addresses: [ADDRESS.server, 'fd00::2'], networks: INSIDE_NETWORKS, nameservers })
  const insideHost = await world.host('inside', { addresses: INSIDE, networks: INSIDE_NETWORKS })
  const smallHost = await plain('small')
  const crowd = await world.host('crowd', { addresses: PEERS.map(name => ADDRESS[name]), nameservers })
  const dns = dnsHost.use<typeof import('./far-ends.ts')>(module('./far-ends.ts'))
  const hosts: Record<string, NodeHost> = {}
  for (const name of ['auth0', 'auth1', 'auth2', 'relay0', 'relay1'] as const) {
    const { spawnPrefix, address } = await plain(name)
    hosts[name] = { address, spawnPrefix, fetch: async request => copied(await dns.fetchHere(request)) }
  }
  const capture = await serverHost.capture()
  const web = webHost.use<typeof import('./far-ends.ts')>(module('./far-ends.ts'))
  const inside = insideHost.use<typeof import('./far-ends.ts')>(module('./far-ends.ts'))
  await dns.startDns(ADDRESS.dns)
  await web.startWeb(ADDRESS.web, 80)
  await web.startFountain(ADDRESS.web, 443)
  await inside.startTraps(INSIDE, [80, 443, PORT.trap])

  const network = await StockNetwork.start({ authorities: 3, relays: 2, client: false, hosts, stableUptime: STABLE })
  undo.push(() => network.stop())
  const lines = ['TestingTorNetwork 1', ...network.dirAuthorityLines]
  const file = join(folder, 'authorities')
  await writeFile(file, `${lines.join('\n')}\n`)
  const app = async (host: Host, ...options: string[]) => {
    const numbers = ['--or-port', `${PORT.or}`, '--dir-port', `${PORT.dir}`, '--socks-port', `${PORT.socks}`]
    const local = ['--http-port', `${PORT.http}`, '--ui-port', `${PORT.ui}`]
    const common = ['--network', file, '--address', host.address, ...numbers, ...local, '--accept-consent', 'relay,perspective']
    // One of them keeps an access log.
    const settings = { mapPorts: false, accessLogHours: host.name === 'virtual' ? 1 : 0 }
    const one = await VantageProcess.start([...common, ...options], undefined, { spawnPrefix: host.spawnPrefix, settings })
    undo.push(() => one.stop())
    return one
  }
  const pa = ['--pa-port', `${PORT.pa}`]
  const [server, virtual, browser] = await Promise.all([
    app(serverHost, '--nickname', 'Server', ...pa),
    app(virtualHost, '--nickname', 'Virtual', '--pa-port', 'virtual', '--pa-admit', 'running'),
    app(browserHost, '--nickname', 'Browser', ...pa),
  ])
  const peers = crowd.use<typeof import('./peers.ts')>(module('./peers.ts'))
  undo.push(() => peers.stopPeers())
  const started = new Map<PeerName, StartedPeer>()
  const startPeer = async (name: PeerName) => {
    const perspectivePolicy = name === 'rider' ? 'reject *:*' : undefined
    const options = { name, address: ADDRESS[name], authorities: network.dirAuthorityLines, perspectivePolicy, door: name !== 'plain' }
    const peer = await peers.startPeer(options)
    started.set(name, peer)
    return peer
  }
  const alone = smallHost.use<typeof import('./peers.ts')>(module('./peers.ts'))
  undo.push(() => alone.stopPeers())
  const authorities = network.dirAuthorityLines
  const [small] = await Promise.all([
    alone.startPeer({ name: 'small', address: ADDRESS.small, authorities, ...SMALL }),
    ...PEERS.filter(name => name !== 'late').map(startPeer),
  ])
  await Promise.all([server, virtual, browser].map(one => one.event('listed')))
  return {
    world,
    network,
    server,
    virtual,
    browser,
    web,
    dns,
    inside,
    peers,
    thief: thiefHost.use<typeof import('./thief.ts')>(module('./thief.ts')),
    atHome: browserHost.use<typeof import('./browse.ts')>(module('./browse.ts')),
    owner: serverHost.use<typeof import('./owner.ts')>(module('./owner.ts')),
    capture,
    small: { ...small, host: smallHost },
    folder,
    listedAt: Date.now(),
    crowd: started,
    startPeer,
  }
}

/** Buffers come out of another process as plain arrays of bytes. */
function copied({ status, body }: { status: number; body: Uint8Array }): { status: number; body: Buffer } {
  return { status, body: Buffer.from(body) }
}

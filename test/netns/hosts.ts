import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isIPv4 } from '../../main/lib/ip.ts'
import { Host } from './host.ts'

const run = promisify(execFile)
/** Namespaces are called vtg<process id>-<name>: leftovers of a run that was killed can be told from those of one that goes on. */
const PREFIX = 'vtg'
const NAME = new RegExp(`^${PREFIX}(\\d+)-`)
/** `ip netns exec` puts what is in /etc/netns/<namespace> over the files of the same name in /etc. */
const ETC = '/etc/netns'

export interface HostOptions {
  /** IPv4 or IPv6, the main IPv4 one first. */
  readonly addresses: readonly string[]
  /** More networks that are right on its wire, as "10.0.0.0/8"; those of the world always are. */
  readonly networks?: readonly string[]
  /** Networks that it has whole: it answers for each of their addresses. */
  readonly whole?: readonly string[]
  /** Its DNS servers. */
  readonly nameservers?: readonly string[]
}

/**
 * Hosts as network namespaces on one bridge, which has a namespace of its own. No cable leads to the namespace of this machine and no host has a default
 * route, so whatever addresses they use stay among them. Needs root, iproute2 and tcpdump; {@link whyNot} says what is missing.
 */
export class IsolatedWorld {
  readonly hosts: Host[] = []
  readonly #networks: readonly string[]
  readonly #bridge = `${PREFIX}${process.pid}-bridge`

  private constructor(networks: readonly string[]) {
    this.#networks = networks
  }

  /** Why there can be no such world here; `undefined`: there can. */
  static async whyNot(): Promise<string | undefined> {
    if (process.platform !== 'linux') return 'network namespaces are of Linux'
    if (process.getuid?.() !== 0) return 'only root may make network namespaces'
    for (const program of ['ip', 'tcpdump', 'bash', 'tor']) {
      const found = await run('sh', ['-c', `command -v ${program}`]).catch(() => undefined)
      if (!found) return `${program} is not installed`
    }
    const probe = `${PREFIX}${process.pid}-probe`
    try {
      await run('ip', ['netns', 'add', probe])
      await run('ip', ['netns', 'exec', probe, 'true'])
      return undefined
    } catch {
      return 'this machine lets nobody make network namespaces'
    } finally {
      await run('ip', ['netns', 'del', probe]).catch(() => {})
    }
  }

  /** `networks`: "193.10.0.0/16" …, right on the wire of every host. */
  static async make(networks: readonly string[]): Promise<IsolatedWorld> {
    await removeLeftovers()
    const world = new IsolatedWorld(networks)
    await run('ip', ['netns', 'add', world.#bridge])
    await inside(world.#bridge, ['link set lo up', 'link add br0 type bridge', 'link set br0 up'])
    return world
  }

  async host(name: string, { addresses, networks = [], whole = [], nameservers = [] }: HostOptions): Promise<Host> {
    const namespace = `${PREFIX}${process.pid}-${name}`
    const host = new Host(name, namespace, addresses)
    await run('ip', ['netns', 'add', namespace])
    this.hosts.push(host)
    // Names of interfaces have 15 characters at most.
    const port = `p${this.hosts.length}`
    await inside(namespace, [
      'link set lo up',
      // Created with its other end right on the bridge's side: no end of it is ever in this machine's own namespace.
      `link add eth0 type veth peer name ${port} netns ${this.#bridge}`,
      ...addresses.map(address => (isIPv4(address) ? `addr add ${address}/32 dev eth0` : `addr add ${address}/64 dev eth0 nodad`)),
      'link set eth0 up',
      ...whole.map(network => `route add local ${network} dev lo`),
    ])
    await inside(this.#bridge, [`link set ${port} master br0`, `link set ${port} up`])
    await inside(
      namespace,
      [...this.#networks, ...networks].map(network => `route add ${network} dev eth0`),
    )
    const etc = `${ETC}/${namespace}`
    await mkdir(etc, { recursive: true })
    await writeFile(`${etc}/resolv.conf`, nameservers.map(address => `nameserver ${address}\n`).join(''))
    await writeFile(`${etc}/hosts`, '127.0.0.1 localhost\n')
    return host
  }

  /** Ends what the hosts ran and takes everything away. */
  async stop(): Promise<void> {
    await Promise.all(this.hosts.map(host => host.stop()))
    for (const { namespace } of this.hosts) await remove(namespace)
    await remove(this.#bridge)
  }
}

/** Runs lines of `ip` in a namespace, in one go. */
async function inside(namespace: string, lines: readonly string[]): Promise<void> {
  const child = run('ip', ['-n', namespace, '-batch', '-'])
  child.child.stdin!.end(lines.map(line => `${line}\n`).join(''))
  await child
}

/** A namespace goes with the last process in it, so those that were left there are ended. */
async function remove(namespace: string): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'pids', namespace]).catch(() => ({ stdout: '' }))
  for (const pid of stdout.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  await run('ip', ['netns', 'del', namespace]).catch(() => {})
  await rm(`${ETC}/${namespace}`, { recursive: true, force: true })
}

/** Takes away what a killed run left: namespaces whose maker is no more. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list'])
  const names = new Set(stdout.split('\n').map(line => line.split(' ')[0]!))
  for (const name of await readdir(ETC).catch(() => [])) names.add(name)
  for (const name of names) {
    const pid = Number(NAME.exec(name)?.[1])
    if (pid && pid !== process.pid && !isAlive(pid)) await remove(name)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

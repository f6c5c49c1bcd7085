import type { Problem } from '../../shared/problem.ts'
import type { AppState, PortState } from '../../shared/state.ts'
import type { DirectoryProblem, Shortage } from '../directory/network-directory.ts'
import { allowCommand, type HostFirewall } from '../net/host-firewall.ts'
import type { OutboundRoutes } from '../net/outbound.ts'
import type { PortName } from './relay-run.ts'

/** What can be known without asking anybody of why things do not go as they should. */
export interface ConditionFacts {
  /** The relay runs. */
  readonly running: boolean
  readonly directory: { readonly live: boolean; readonly problem: DirectoryProblem | undefined }
  /** How far the others' clocks are ahead of ours, seconds, when enough of them say so. */
  readonly skewSeconds: number | undefined
  /** Absent where it does not matter: a network inside this machine or a laboratory. */
  readonly routes: (OutboundRoutes & { readonly tunnel: boolean }) | undefined
  /** Bytes left on the disk of the data folder. */
  readonly diskFree: number | undefined
  /** Bytes of memory that programs may still take. */
  readonly memoryFree: number | undefined
  /** A firewall of this computer that is switched on; asked only while a port is closed. */
  readonly firewall: HostFirewall | undefined
  readonly address: string | undefined
  /** Relays say so; it was not set by the owner. */
  readonly addressLearned: boolean
  readonly ports: Readonly<Record<PortName, PortState>>
  /** Other relays in the list at our address, and how many the authorities list of one address. */
  readonly neighbours: { readonly relays: number; readonly limit: number }
  readonly publications: AppState['relay']['publications']
}

/** From here on authorities and peers begin to mind, seconds. */
const SKEW_SECONDS = 60
/** From here on nothing is published: what is signed by such a clock is of no use to anybody, seconds. */
const FAR_OFF_SECONDS = 30 * 60
/** Directory documents and descriptors need some tens of megabytes. */
const LOW_DISK = 200e6
/** Below this the system soon takes memory from whoever has it. */
const LOW_MEMORY = 150e6

/** Every cause that stands now (features.md 4.4), the gravest first. Pure. */
export function conditions(facts: ConditionFacts): Problem[] {
  const found: Problem[] = []
  const add = (code: Problem['code'], detail: Problem['detail'] = {}) => found.push({ code, detail })
  const { routes, directory, diskFree } = facts
  const offline = routes !== undefined && !routes.ipv4 && !routes.ipv6
  if (offline) add('offline')
  else if (routes && !routes.ipv4) add('ipv6-only', { interface: routes.interface ?? '' })
  const skew = clockSkew(facts)
  if (skew !== undefined) add(isFarOff(skew) ? 'clock-far-off' : 'clock-skewed', { skewSeconds: skew })
  if (!offline && directory.problem) addDirectory(directory.problem, directory.live, add)
  if (routes?.tunnel) add('vpn-active', { interface: routes.interface ?? '' })
  const short = shortageOf(facts)
  if (short.disk) add('disk-low', { free: Math.floor(diskFree! / 1e6) * 1e6 })
  if (short.memory) add('memory-low', { free: Math.floor(facts.memoryFree! / 1e6) * 1e6 })
  if (!facts.running) return found
  addPorts(facts, add)
  const { relays, limit } = facts.neighbours
  if (facts.address !== undefined && relays >= limit) add('address-crowded', { address: facts.address, relays, limit })
  const refused = facts.publications.filter(({ answer }) => answer === 'rejected')
  if (refused.length > 0 && refused.length * 2 >= facts.publications.length)
    add('descriptor-rejected', { authority: refused[0]!.authority, text: refused[0]!.text })
  return found
}

/** What this computer is short of: then directory documents are kept and served less, so that Tor's traffic goes on. */
export function shortageOf({ diskFree, memoryFree }: Pick<ConditionFacts, 'diskFree' | 'memoryFree'>): Shortage {
  const isBelow = (value: number | undefined, limit: number) => value !== undefined && value < limit
  return { disk: isBelow(diskFree, LOW_DISK), memory: isBelow(memoryFree, LOW_MEMORY) }
}

const isFarOff = (skew: number) => Math.abs(skew) > FAR_OFF_SECONDS

/** Whether the clock is good enough to sign and publish by, as far as anybody has said. */
export function mayPublishBy(facts: Pick<ConditionFacts, 'skewSeconds' | 'directory'>): boolean {
  const skew = clockSkew(facts)
  return skew === undefined || !isFarOff(skew)
}

function clockSkew({ skewSeconds, directory: { problem } }: Pick<ConditionFacts, 'skewSeconds' | 'directory'>): number | undefined {
  if (skewSeconds !== undefined) return Math.abs(skewSeconds) >= SKEW_SECONDS ? Math.round(skewSeconds) : undefined
  return problem?.code === 'clock' ? Math.round(problem.skewMs / 1000) : undefined
}

/** A problem with fetching matters only once what we have is too old. */
function addDirectory(problem: DirectoryProblem, live: boolean, add: (code: Problem['code'], detail?: Problem['detail']) => void): void {
  if (live) return
  switch (problem.code) {
    case 'unreachable':
    case 'no-consensus':
      return add('no-directory', { reason: problem.detail.slice(0, 200) })
    case 'unverified':
    case 'rolled-back':
      return add('directory-unverified', { reason: problem.detail.slice(0, 200) })
    case 'clock':
      return
    default:
      return problem satisfies never
  }
}

/** One named cause for doors that stay closed; the screen of the ports tells of each door besides. */
function addPorts(
  { ports, firewall, address, addressLearned, routes }: ConditionFacts,
  add: (code: Problem['code'], detail?: Problem['detail']) => void,
): void {
  const all = Object.values(ports).filter(port => typeof port.wanted === 'number')
  const closed = all.filter(port => port.proof.state === 'failed')
  if (closed.length === 0) return
  const shared = closed.find(({ mapping }) => mapping.state === 'failed' && mapping.reason === 'address-shared')
  const twice = closed.find(({ mapping }) => mapping.state === 'failed' && mapping.reason === 'double-nat')
  const routersAddress = (port: PortState): Problem['detail'] =>
    port.mapping.state === 'failed' && port.mapping.externalAddress !== undefined ? { address: port.mapping.externalAddress } : {}
  if (shared) return add('provider-shares-address', routersAddress(shared))
  if (twice) return add('double-nat', routersAddress(twice))
  const portsOf = (list: readonly PortState[]) => list.map(port => port.listening?.port ?? Number(port.wanted)).join(', ')
  const open = all.filter(port => port.proof.state === 'proved' && samePath(port, closed[0]!))
  if (open.length > 0 && closed.every(port => isDropped(port) && samePath(port, closed[0]!)))
    return add('port-blocked', { closed: portsOf(closed), open: portsOf(open) })
  // A tunnel of ours would explain it, too.
  const seen = addressLearned && !routes?.tunnel ? address : undefined
  const beyond = closed.find(({ mapping }) => mapping.state === 'mapped' && mapping.externalAddress && mapping.externalAddress !== seen)
  if (open.length === 0 && seen !== undefined && beyond?.mapping.state === 'mapped' && isDropped(beyond))
    return add('provider-shares-address', { address: beyond.mapping.externalAddress!, seen })
  // Whatever else drops it, a firewall here would have to be opened as well.
  const here = closed.filter(port => isDropped(port) && port.mapping.state !== 'failed' && port.mapping.state !== 'asking')
  const numbers = here.flatMap(port => port.listening?.port ?? [])
  if (firewall && numbers.length > 0) return add('firewall-on', { firewall, port: portsOf(here), command: allowCommand(firewall, numbers) })
  const lied = closed.filter(port => port.mapping.state === 'mapped' && isDropped(port))
  if (lied.length > 0) {
    const { mapping } = lied[0]!
    return add('router-disagrees', { port: portsOf(lied), method: mapping.state === 'mapped' ? mapping.method : '' })
  }
}

/** Nothing came back: what silently drops connections is a filter, and a program that refuses them is none. */
const isDropped = ({ proof }: PortState) => proof.state === 'failed' && proof.reason === 'timeout'
/** The router treats both the same, so a difference lies beyond it. */
const samePath = (a: PortState, b: PortState) => a.mapping.state === b.mapping.state && a.mapping.state !== 'failed'

/** The causes that only the owner can remove: they get the whole screen while they keep the relay from being reached or published. */
const NEEDS_OWNER: ReadonlySet<Problem['code']> = new Set(['clock-far-off', 'provider-shares-address', 'ipv6-only'])

/** What of this keeps the relay from its next step, when it does; not what a router's word, which may be old, is compared with. */
export const hindranceOf = (standing: readonly Problem[]): Problem | undefined =>
  standing.find(({ code, detail }) => NEEDS_OWNER.has(code) && detail['seen'] === undefined)

import type { CircuitHop } from '../circuit/circuit-hop.ts'
import type { RouterStatus } from '../document/consensus.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import { type IpAddress, ipToBytes } from '../lib/ip.ts'

/**
 * A relay of the consensus and its verified descriptor. Reading the descriptor costs a millisecond the first time, so that of thousands of
 * relays only the few that were picked by their status are looked at.
 */
export interface PathRelay {
  readonly status: RouterStatus
  readonly descriptor: ServerDescriptor | undefined
}

/** One whose descriptor we have. */
export interface KnownRelay extends PathRelay {
  readonly descriptor: ServerDescriptor
}

/** What a circuit of ours is for (path-spec 2.2). */
export interface PathRequest {
  /** Number of hops, 1–3. */
  readonly length: 1 | 2 | 3
  /** The fixed last hop, e.g. ourselves in a self-test. */
  readonly last?: CircuitHop
  /** The last hop must let this port out. */
  readonly exitPort?: number
  /** … and to this address, where it is known. */
  readonly exitAddress?: IpAddress
  /** The last hop must satisfy this too (a country, a fingerprint). */
  readonly exitWhere?: (relay: PathRelay) => boolean
  /** Fingerprints that must not be used, such as our own. */
  readonly exclude: ReadonlySet<string>
}

/** Thrown when the known relays cannot make the path asked for. */
export class NoPathError extends Error {
  override name = 'NoPathError'
}

type Position = 'guard' | 'middle' | 'exit'
const WEIGHT_KEYS: Record<Position, Record<'G' | 'M' | 'E' | 'D', string>> = {
  guard: { G: 'Wgg', M: 'Wgm', E: 'Wme', D: 'Wgd' },
  middle: { G: 'Wmg', M: 'Wmm', E: 'Wme', D: 'Wmd' },
  exit: { G: 'Weg', M: 'Wem', E: 'Wee', D: 'Wed' },
}

/**
 * Chance of a relay in a position: its consensus bandwidth times the consensus weight of its class (dir-spec 3.8.3). Every relay keeps a
 * little weight, so that a network where nothing was measured yet still yields paths.
 */
function weightOf(relay: PathRelay, position: Position, weights: ReadonlyMap<string, number>): number {
  const { flags, bandwidth } = relay.status
  const isExit = flags.has('Exit') && !flags.has('BadExit')
  const kind = flags.has('Guard') ? (isExit ? 'D' : 'G') : isExit ? 'E' : 'M'
  return Math.max(1, bandwidth) * Math.max(0.01, (weights.get(WEIGHT_KEYS[position][kind]) ?? 10_000) / 10_000)
}

function pick(
  candidates: readonly PathRelay[],
  position: Position,
  options: PathOptions,
  accept: (relay: KnownRelay) => boolean,
): KnownRelay {
  const left = candidates.map(relay => ({ relay, weight: weightOf(relay, position, options.weights) }))
  while (left.length > 0) {
    let at = options.random() * left.reduce((sum, { weight }) => sum + weight, 0)
    const index = Math.max(
      0,
      left.findIndex(({ weight }) => (at -= weight) < 0),
    )
    const [{ relay }] = left.splice(index, 1) as [(typeof left)[0]]
    const { status, descriptor } = relay
    const known = descriptor && { status, descriptor }
    if (known && accept(known)) return known
  }
  throw new NoPathError(`no relay fits as ${position}`)
}

function names(relay: KnownRelay, other: PathRelay): boolean {
  return relay.descriptor.family.some(member => member.replace(/^\$/, '').slice(0, 40).toUpperCase() === other.status.fingerprint)
}

/** Two relays that one operator or one network may run must not share a path: same family (both say so) or same IPv4 /16. */
function related(a: KnownRelay, b: KnownRelay, distinctSubnets: boolean): boolean {
  if (a.status.fingerprint === b.status.fingerprint) return true
  if (names(a, b) && names(b, a)) return true
  if (!distinctSubnets) return false
  const [left, right] = [ipToBytes(a.status.address), ipToBytes(b.status.address)]
  return left?.length === 4 && right?.length === 4 && left.readUInt16BE(0) === right.readUInt16BE(0)
}

/** What building a circuit through a relay needs: by its place in the consensus, or by what it says itself where it has none. */
export function circuitHop({ descriptor, status = descriptor }: HopFacts): CircuitHop {
  const ntorV3 = status.protocols.supports('Relay', 4)
  return {
    rsaIdentity: Buffer.from(status.fingerprint, 'hex'),
    ed25519Identity: descriptor.ed25519Identity,
    ntorKey: descriptor.ntorKey,
    addresses: [{ address: status.address, port: status.orPort }],
    ntorV3,
    congestionControl: ntorV3 && status.protocols.supports('FlowCtrl', 2),
  }
}

interface HopFacts {
  readonly descriptor: ServerDescriptor
  readonly status?: Pick<RouterStatus, 'fingerprint' | 'address' | 'orPort' | 'protocols'>
}

export interface PathOptions {
  /** Bandwidth weights of the consensus (dir-spec 3.8.3). */
  readonly weights: ReadonlyMap<string, number>
  readonly distinctSubnets: boolean
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/**
 * Chooses a path (path-spec 2.2): the last hop first, then the first, then the middle; weighted by bandwidth, no relay, family or /16 twice.
 * Where all relays share one /16 (test networks) that last rule is dropped. Throws {@link NoPathError}.
 */
export function choosePath(relays: readonly PathRelay[], request: PathRequest, options: PathOptions): CircuitHop[] {
  const usable = relays.filter(
    ({ status }) => status.flags.has('Running') && status.flags.has('Valid') && !request.exclude.has(status.fingerprint),
  )
  const chosen: KnownRelay[] = []
  const isFree = (relay: KnownRelay) => !chosen.some(other => related(relay, other, options.distinctSubnets))
  const take = (candidates: readonly PathRelay[], position: Position, accept: (relay: KnownRelay) => boolean = () => true): KnownRelay => {
    const relay = pick(candidates, position, options, known => isFree(known) && accept(known))
    chosen.push(relay)
    return relay
  }
  const hops: CircuitHop[] = []
  if (request.last) hops.push(request.last)
  else {
    const { exitPort: port, exitAddress: address, exitWhere } = request
    // The summary in the consensus knows nothing of single addresses; for one of those the descriptor's whole policy is asked.
    const fits = ({ status }: PathRelay) =>
      port === undefined || (!status.flags.has('BadExit') && (address !== undefined || (status.portSummary?.allows(port) ?? true)))
    const letsOut = ({ exitPolicy }: ServerDescriptor) =>
      port === undefined || (address === undefined ? exitPolicy.mayAccept(port) : exitPolicy.decide(address, port))
    const exits = usable.filter(relay => fits(relay) && (exitWhere?.(relay) ?? true))
    hops.push(circuitHop(take(exits, 'exit', ({ descriptor }) => letsOut(descriptor))))
  }
  if (request.length >= 2) {
    const guards = usable.filter(({ status }) => status.flags.has('Guard'))
    hops.unshift(
      circuitHop(
        takeOr(
          () => take(guards, 'guard'),
          () => take(usable, 'guard'),
        ),
      ),
    )
  }
  if (request.length === 3) hops.splice(1, 0, circuitHop(take(usable, 'middle')))
  return hops
}

function takeOr<T>(first: () => T, second: () => T): T {
  try {
    return first()
  } catch (error) {
    if (error instanceof NoPathError) return second()
    throw error
  }
}

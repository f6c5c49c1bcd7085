import type { CircuitHop } from '../circuit/origin-circuit.ts'
import type { RouterStatus } from '../document/consensus.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import { ipToBytes } from '../lib/ip.ts'

/** A relay of the consensus together with its newest verified descriptor. */
export interface PathRelay {
  readonly status: RouterStatus
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

function pick(candidates: readonly PathRelay[], position: Position, weights: ReadonlyMap<string, number>, random: () => number): PathRelay {
  const list = candidates.map(relay => weightOf(relay, position, weights))
  let at = random() * list.reduce((sum, w) => sum + w, 0)
  for (const [i, weight] of list.entries()) if ((at -= weight) < 0) return candidates[i]!
  const last = candidates.at(-1)
  if (!last) throw new NoPathError(`no relay fits as ${position}`)
  return last
}

/** Two relays that one operator or one network may run must not share a path: same family (both say so) or same IPv4 /16. */
function related(a: PathRelay, b: PathRelay, distinctSubnets: boolean): boolean {
  if (a.status.fingerprint === b.status.fingerprint) return true
  const names = (relay: PathRelay, other: PathRelay) =>
    relay.descriptor.family.some(member => member.replace(/^\$/, '').slice(0, 40).toUpperCase() === other.status.fingerprint)
  if (names(a, b) && names(b, a)) return true
  if (!distinctSubnets) return false
  const [left, right] = [ipToBytes(a.status.address), ipToBytes(b.status.address)]
  return left?.length === 4 && right?.length === 4 && left.readUInt16BE(0) === right.readUInt16BE(0)
}

/** What building a circuit through a relay needs. */
export function circuitHop(relay: PathRelay): CircuitHop {
  const { status, descriptor } = relay
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

/**
 * Chooses a path (path-spec 2.2): the last hop first, then the first, then the middle; weighted by bandwidth, no relay, family or /16 twice.
 * Where all relays share one /16 (test networks) that last rule is dropped. Throws {@link NoPathError}.
 */
export function choosePath(
  relays: readonly PathRelay[],
  request: PathRequest,
  options: { weights: ReadonlyMap<string, number>; distinctSubnets: boolean; random: () => number },
): CircuitHop[] {
  const usable = relays.filter(
    ({ status }) => status.flags.has('Running') && status.flags.has('Valid') && !request.exclude.has(status.fingerprint),
  )
  const chosen: PathRelay[] = []
  const free = (candidates: readonly PathRelay[]) =>
    candidates.filter(relay => !chosen.some(other => related(relay, other, options.distinctSubnets)))
  const take = (candidates: readonly PathRelay[], position: Position): PathRelay => {
    const relay = pick(free(candidates), position, options.weights, options.random)
    chosen.push(relay)
    return relay
  }
  const hops: CircuitHop[] = []
  if (request.last) hops.push(request.last)
  else {
    const { exitPort, exitWhere } = request
    const exits = usable.filter(
      relay =>
        (exitPort === undefined || (!relay.status.flags.has('BadExit') && relay.descriptor.exitPolicy.mayAccept(exitPort))) &&
        (exitWhere?.(relay) ?? true),
    )
    hops.push(circuitHop(take(exits, 'exit')))
  }
  if (request.length >= 2) {
    const guards = free(usable.filter(({ status }) => status.flags.has('Guard')))
    hops.unshift(circuitHop(take(guards.length > 0 ? guards : usable, 'guard')))
  }
  if (request.length === 3) hops.splice(1, 0, circuitHop(take(usable, 'middle')))
  return hops
}

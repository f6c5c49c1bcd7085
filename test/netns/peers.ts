// Vantage nodes in a process of their own inside a host, each with its own address, and what they may try at the doors of others.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from '../../main/cell/command.ts'
import { encodeFixedCell, encodeVariableCell } from '../../main/cell/frame.ts'
import { ChannelMap } from '../../main/channel/channel-map.ts'
import { CircuitRefused, StreamRefused } from '../../main/circuit/errors.ts'
import type { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { parseServerDescriptor, type ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { silentLog } from '../../main/lib/log.ts'
import { COMPRESSED_TIMING } from '../../main/perspective/node-timing.ts'
import { openPerspectiveLink, type PerspectiveLink, PerspectiveRefused } from '../../main/perspective/perspective-link.ts'
import { RelayKeys } from '../../main/relay/keys.ts'
import { circuitHop } from '../../main/relay/path.ts'
import { JoinedNode } from '../interop/joined-node.ts'
import { until } from '../interop/stock-node.ts'

const nodes = new Map<string, JoinedNode>()
const links = new Map<number, { node: JoinedNode | undefined; link: PerspectiveLink; server: string; lost: (number | undefined)[] }>()
const circuits = new Map<number, OriginCircuit>()
let counter = 0

export interface PeerOptions {
  readonly name: string
  readonly address: string
  /** torrc lines. */
  readonly authorities: readonly string[]
  readonly perspectivePolicy?: string
  /** False: perspective access is off. Default true. */
  readonly door?: boolean
  /** Its line: bytes a second, each way. Default: no limit worth the name. */
  readonly rate?: number
  /** As a server: links of one peer, and the peers' quotas that one /24 has together. Default: as the app has them. */
  readonly caps?: { readonly links: number; readonly network: number }
}

/** A node with all three ports, listed as soon as authorities have found it reachable. */
export async function startPeer(options: PeerOptions): Promise<{ fingerprint: string; or: number; dir: number; pa: number }> {
  const { name, address, authorities, perspectivePolicy = 'accept *:*', door = true, rate = 1e9, caps } = options
  const { limits } = COMPRESSED_TIMING
  const free = { host: address, port: 0 }
  const node = await JoinedNode.start(authorities, name, {
    address,
    listen: { or: free, dir: free, pa: door ? free : 'off' },
    perspective: { policy: ExitPolicy.parse(perspectivePolicy), admits: 'running' },
    bandwidth: { rate, burst: rate },
    timing: {
      ...COMPRESSED_TIMING,
      limits: caps
        ? { ...limits, quota: { ...limits.quota, links: caps.links }, groups: { ...limits.groups, network: caps.network } }
        : limits,
    },
  })
  nodes.set(name, node)
  const { relay, server } = node.node
  return { fingerprint: node.fingerprint, or: relay.orPort!.port, dir: relay.dirPort!.port, pa: server.listener?.port ?? 0 }
}

function nodeOf(name: string): JoinedNode {
  const node = nodes.get(name)
  if (!node) throw new Error(`no peer ${name}`)
  return node
}

/** The Ed25519 identity of a node, base64 without '='. */
export function identityOf(name: string): { ed25519: string } {
  return { ed25519: nodeOf(name).node.options.keys.linkKeys().ed25519Identity.toString('base64').replace(/=+$/, '') }
}

/** Copies the keys of a node, as a thief would. */
export async function copyKeys(name: string, to: string): Promise<void> {
  await cp(join(nodeOf(name).folder, 'keys'), to, { recursive: true })
}

/** Closes a port that the descriptor goes on to list. */
export async function closeDoor(name: string, door: 'or' | 'dir' | 'pa'): Promise<void> {
  const { relay, server } = nodeOf(name).node
  await (door === 'or' ? relay.orPort : door === 'dir' ? relay.dirPort : server.listener)!.close()
}

/** Waits until all nodes of this process have a live consensus with these relays in it, and their descriptors. */
export async function knowing(fingerprints: readonly string[], ms: number): Promise<void> {
  const knows = ({ directory }: JoinedNode) =>
    directory.liveness() === 'live' &&
    fingerprints.every(one => directory.consensus!.byFingerprint.get(one)?.flags.has('Running') && directory.descriptor(one))
  await until('the peers know everybody', () => [...nodes.values()].every(knows), ms)
}

export type LinkAnswer =
  | { readonly kind: 'admitted'; readonly link: number; readonly ms: number }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfter: number; readonly ms: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly ms: number }

/** Opens a link to the perspective door of a server and asks to be admitted. `server`: its fingerprint. */
export function openLink(peer: string, server: string, purpose: 'browse' | 'probe' = 'browse'): Promise<LinkAnswer> {
  const node = nodeOf(peer)
  const descriptor = node.directory.descriptor(server)
  if (!descriptor) throw new Error('the descriptor of the server is not known')
  return ask(node.node.relay.channels, descriptor, purpose, node)
}

/** The same without a relay: with relay keys from a folder (made when it has none), or as a client that proves nothing. */
export async function openLinkAs(keys: string | undefined, address: string, descriptor: string): Promise<LinkAnswer> {
  const own = keys === undefined ? undefined : await RelayKeys.load(keys)
  const handler = { onCreate: () => {}, onControl: () => {}, onClose: () => {} }
  const channels = new ChannelMap({
    keys: own && (() => own.linkKeys()),
    log: silentLog,
    handlerFor: () => handler,
    localAddress: address,
  })
  const answer = await ask(channels, parseServerDescriptor(descriptor), 'browse', undefined)
  if (answer.kind !== 'admitted') await channels.closeAll()
  return answer
}

async function ask(
  channels: ChannelMap,
  descriptor: ServerDescriptor,
  purpose: 'browse' | 'probe',
  node: JoinedNode | undefined,
): Promise<LinkAnswer> {
  const started = performance.now()
  const ms = () => performance.now() - started
  try {
    const link = await openPerspectiveLink({ channels, descriptor, purpose, signal: AbortSignal.timeout(30_000) })
    const id = ++counter
    const lost: (number | undefined)[] = []
    link.onLost.add(status => lost.push(status))
    links.set(id, { node, link, server: descriptor.fingerprint, lost })
    return { kind: 'admitted', link: id, ms: ms() }
  } catch (error) {
    if (error instanceof PerspectiveRefused) return { kind: 'refused', status: error.status, retryAfter: error.retryAfter, ms: ms() }
    return { kind: 'failed', reason: String(error), ms: ms() }
  }
}

function linkOf(id: number) {
  const link = links.get(id)
  if (!link) throw new Error(`no link ${id}`)
  return link
}

/** The statuses with which admission was lost, `undefined` where the link just closed. */
export function lost(id: number): (number | undefined)[] {
  return linkOf(id).lost
}

export function closeLink(id: number): void {
  linkOf(id).link.channel.close('test over')
  links.delete(id)
}

/** A circuit of one hop, or of more when `onward` names further relays: its number, or the DESTROY reason. */
export async function openCircuit(id: number, onward: readonly string[] = []): Promise<{ circuit: number } | { destroyed: number }> {
  const { node, link, server } = linkOf(id)
  const { directory, node: perspective } = node!
  const hops = [server, ...onward].map(fingerprint =>
    circuitHop({ status: directory.consensus!.byFingerprint.get(fingerprint)!, descriptor: directory.descriptor(fingerprint)! }),
  )
  try {
    const circuit = await perspective.circuits.buildOver(link.channel, hops, AbortSignal.timeout(15_000), 'pa')
    const number = ++counter
    circuits.set(number, circuit)
    return { circuit: number }
  } catch (error) {
    if (error instanceof CircuitRefused) return { destroyed: error.reason }
    throw error
  }
}

export type StreamAnswer = { readonly address: string | undefined; readonly body: string } | { readonly refused: number }

/** Opens a stream; with `path` it asks for that page and reads the answer whole. */
export async function openStream(circuit: number, host: string, port: number, path?: string): Promise<StreamAnswer> {
  try {
    const stream = await circuits.get(circuit)!.openStream({ host, port, flags: 5 }, { signal: AbortSignal.timeout(20_000) })
    if (path === undefined) {
      stream.abort()
      return { address: stream.address, body: '' }
    }
    const duplex = streamDuplex(stream)
    duplex.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`)
    const parts: Buffer[] = []
    for await (const part of duplex) parts.push(part)
    const text = Buffer.concat(parts).toString('latin1')
    return { address: stream.address, body: text.slice(text.indexOf('\r\n\r\n') + 4) }
  } catch (error) {
    if (error instanceof StreamRefused) return { refused: error.reason }
    throw error
  }
}

/** An ordinary circuit along a path of relays: its number. */
export async function buildThrough(name: string, path: readonly string[]): Promise<number> {
  const { directory, node } = nodeOf(name)
  const hops = path.map(fingerprint =>
    circuitHop({ status: directory.consensus!.byFingerprint.get(fingerprint)!, descriptor: directory.descriptor(fingerprint)! }),
  )
  const circuit = await node.circuits.build(hops, AbortSignal.timeout(15_000))
  const number = ++counter
  circuits.set(number, circuit)
  return number
}

/** A page over an ordinary circuit along a path of relays. */
export async function fetchThrough(name: string, path: readonly string[], host: string, port: number, page: string): Promise<string> {
  const circuit = await buildThrough(name, path)
  const answer = await openStream(circuit, host, port, page)
  closeCircuit(circuit)
  return 'body' in answer ? answer.body : `refused ${answer.refused}`
}

export function closeCircuit(circuit: number): void {
  circuits.get(circuit)!.close()
}

const drained = new Map<number, number>()

/** Opens a stream and takes all that comes, as fast as it comes, until the circuit ends. */
export async function drain(circuit: number, host: string, port: number): Promise<void> {
  const stream = await circuits.get(circuit)!.openStream({ host, port, flags: 0 }, { signal: AbortSignal.timeout(20_000) })
  const duplex = streamDuplex(stream)
  duplex.on('error', () => {}).on('data', (chunk: Buffer) => drained.set(circuit, (drained.get(circuit) ?? 0) + chunk.length))
}

/** Bytes that came through the drains of a circuit. */
export function drainedBytes(circuit: number): number {
  return drained.get(circuit) ?? 0
}

/** Opens many streams at once: how many were connected, and how many refused with which END reason. They stay open. */
export async function openStreams(circuit: number, host: string, port: number, count: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  const one = async () => {
    const outcome = await circuits
      .get(circuit)!
      .openStream({ host, port, flags: 0 }, { signal: AbortSignal.timeout(20_000) })
      .then(
        () => 'connected',
        error => (error instanceof StreamRefused ? `refused ${error.reason}` : String(error)),
      )
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  await Promise.all(Array.from({ length: count }, one))
  return outcomes
}

/** Opens a stream and reads nothing of it; how many bytes came all the same. */
export async function openDeafStream(circuit: number, host: string, port: number): Promise<void> {
  const stream = await circuits.get(circuit)!.openStream({ host, port, flags: 0 }, { signal: AbortSignal.timeout(20_000) })
  stream.pause()
}

/** RESOLVE over the circuit; errors as "error". */
export async function lookUp(circuit: number, name: string): Promise<string[]> {
  const answers = await circuits.get(circuit)!.resolve(name, { signal: AbortSignal.timeout(20_000) })
  return answers.map(answer => (answer.kind === 'address' ? answer.address : answer.kind))
}

/** Sends so many cells of commands that nobody knows, of streams and circuits that are not there, and paddings. */
export function flood(id: number, count: number): void {
  const { channel } = linkOf(id).link
  for (let i = 0; i < count; i += 4) {
    const bodies = [
      encodeVariableCell(0, 199, Buffer.alloc(50)),
      encodeFixedCell(0x80000000 + i, Command.RELAY, Buffer.alloc(509, i)),
      encodeFixedCell(0x80000000 + i, Command.DESTROY, Buffer.alloc(509)),
      encodeFixedCell(0, Command.PADDING, Buffer.alloc(509)),
    ]
    channel.send(undefined, Buffer.concat(bodies))
  }
}

export function isOpen(id: number): boolean {
  return !linkOf(id).link.channel.closed
}

export async function stopPeers(): Promise<void> {
  await Promise.all([...nodes.values()].map(node => node.stop()))
  nodes.clear()
}

/** Opens an ordinary link to somebody, who learns from it how this peer proves who it is. */
export async function proveTo(
  name: string,
  target: { rsaIdentity: Uint8Array; ed25519Identity: Uint8Array; address: string; port: number },
): Promise<void> {
  const { address, port } = target
  const identities = { rsaIdentity: Buffer.from(target.rsaIdentity), ed25519Identity: Buffer.from(target.ed25519Identity) }
  const channel = await nodeOf(name).node.relay.channels.openFresh(
    { ...identities, addresses: [{ address, port }] },
    { signal: AbortSignal.timeout(10_000) },
  )
  channel.close('proved')
}

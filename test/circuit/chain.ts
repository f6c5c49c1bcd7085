import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { EndReason } from '../../main/cell/command.ts'
import type { Channel, ChannelHandler, PeerIdentity } from '../../main/channel/channel.ts'
import type { CircuitHop } from '../../main/circuit/circuit-hop.ts'
import { type CircuitLimits, CircuitServer, type CircuitServerOptions } from '../../main/circuit/circuit-server.ts'
import { StreamRefused } from '../../main/circuit/errors.ts'
import type { ExitConnection, HopRole, OnionKeys, ResolvedAnswer, ServedCircuit, StreamTarget } from '../../main/circuit/hop-role.ts'
import type { OrCircuit } from '../../main/circuit/or-circuit.ts'
import { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { type CongestionParams, congestionParams } from '../../main/circuit/params.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { type ChannelPair, channelPair } from '../channel/pair.ts'

/** A relay without sockets: its circuits, its keys, and the far end of the channel to each relay it can extend to. */
export class TestRelay {
  readonly identity: PeerIdentity = { rsaIdentity: randomBytes(20), ed25519Identity: randomBytes(32) }
  readonly ntor = generateX25519()
  readonly address = '192.0.2.1'
  readonly onward = new Map<string, Channel>()
  readonly circuits: OrCircuit[] = []
  /** How many sockets it dialled. */
  dialled: StreamTarget[] = []
  connect: (target: StreamTarget, circuit: ServedCircuit, signal: AbortSignal) => Promise<ExitConnection> = target => this.#dial(target)
  resolve: (name: string, circuit: ServedCircuit, signal: AbortSignal) => Promise<ResolvedAnswer[]> = async () => [
    { kind: 'address', address: '198.51.100.7', ttl: 300 },
  ]
  directory: ((duplex: Duplex, circuit: ServedCircuit) => void) | undefined
  message: HopRole['message']
  extend: HopRole['extend'] = async target => {
    const channel = this.onward.get(target.rsaIdentity.toString('hex'))
    if (!channel) throw new Error('unknown relay')
    return channel
  }
  readonly server: CircuitServer

  constructor(
    options: { params?: CongestionParams; limits?: Partial<CircuitLimits>; clear?: boolean } & Pick<
      CircuitServerOptions,
      'streamLimits'
    > = {},
  ) {
    const keys: OnionKeys = { ...this.identity, findNtor: key => (key.equals(this.ntor.public) ? this.ntor : undefined) }
    const relay = this
    const role: HopRole = {
      trafficClass: 'or',
      extend: (target, circuit, signal) => this.extend(target, circuit, signal),
      connect: (target, circuit, signal) => this.connect(target, circuit, signal),
      resolve: (name, circuit, signal) => this.resolve(name, circuit, signal),
      get directory() {
        return relay.directory
      },
      message: (command, data, circuit) => this.message?.(command, data, circuit) ?? false,
    }
    this.server = new CircuitServer({
      keys: () => keys,
      role,
      params: () => options.params ?? congestionParams(new Map()),
      limits: options.limits,
      streamLimits: options.streamLimits,
      clear: options.clear,
      onCircuit: circuit => this.circuits.push(circuit as OrCircuit),
    })
  }

  async #dial(target: StreamTarget): Promise<ExitConnection> {
    this.dialled.push(target)
    const socket = connect({ host: target.host, port: target.port, noDelay: true, allowHalfOpen: true })
    try {
      await once(socket, 'connect')
    } catch {
      throw new StreamRefused(EndReason.CONNECTREFUSED, 'refused')
    }
    return { socket, address: target.host, ttl: 300 }
  }

  get handler(): ChannelHandler {
    return {
      onCreate: (channel, circId, command, body) => this.server.handleCreate(channel, circId, command, body),
      onControl: () => {},
      onClose: channel => this.server.handleChannelClosed(channel),
    }
  }

  hop(options: Partial<CircuitHop> = {}): CircuitHop {
    return {
      ...this.identity,
      ntorKey: this.ntor.public,
      addresses: [{ address: this.address, port: 9001 }],
      ntorV3: true,
      congestionControl: true,
      ...options,
    }
  }
}

/** A client and relays in a row, each with a channel to the next. */
export class Chain {
  readonly relays: TestRelay[]
  readonly pairs: ChannelPair[] = []
  /** The client's channel to the first relay. */
  readonly channel: Channel

  constructor(relays: TestRelay[]) {
    this.relays = relays
    relays.forEach((relay, i) => {
      const before = relays[i - 1]
      const pair = channelPair({ responderIdentity: relay.identity, initiatorIdentity: before?.identity })
      pair.responder.handler = relay.handler
      before?.onward.set(relay.identity.rsaIdentity.toString('hex'), pair.initiator)
      this.pairs.push(pair)
    })
    this.channel = this.pairs[0]!.initiator
  }

  static of(length: number, options: ConstructorParameters<typeof TestRelay>[0] = {}): Chain {
    return new Chain(Array.from({ length }, () => new TestRelay(options)))
  }

  get exit(): TestRelay {
    return this.relays.at(-1)!
  }

  build(hopOptions: Partial<CircuitHop> = {}, params = congestionParams(new Map())): Promise<OriginCircuit> {
    return OriginCircuit.build({
      channel: this.channel,
      hops: this.relays.map(relay => relay.hop(hopOptions)),
      signal: AbortSignal.timeout(10_000),
      params,
    })
  }

  async close(): Promise<void> {
    for (const relay of this.relays) relay.server.closeAll(0)
    for (const pair of this.pairs) await pair.close()
  }
}

/** A TCP server on a free loopback port; `close` ends its connections. */
export async function listen(onConnection: (socket: Socket) => void): Promise<{ port: number; server: Server; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Waits until `condition` holds, looking after each turn of the event loop; rejects after `ms`. */
export async function until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = Date.now() + ms
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

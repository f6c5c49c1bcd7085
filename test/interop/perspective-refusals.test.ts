import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { Command } from '../../main/cell/command.ts'
import { encodeVariableCell } from '../../main/cell/frame.ts'
import { decodePaStatus, encodePaNegotiate, PaPurpose, PaStatusCode } from '../../main/cell/pa.ts'
import { ChannelMap } from '../../main/channel/channel-map.ts'
import { silentLog } from '../../main/lib/log.ts'
import { openPerspectiveLink, PerspectiveRefused } from '../../main/perspective/perspective-link.ts'
import { RelayKeys } from '../../main/relay/keys.ts'
import { circuitHop } from '../../main/relay/path.ts'
import { JoinedNode } from './joined-node.ts'
import { flagsOf, StockNetwork, until } from './stock-network.ts'

const noHandler = { onCreate: () => {}, onControl: () => {}, onClose: () => {} }

describe('who is refused at a PAPort, in a private network of stock tor', { timeout: 120_000 }, () => {
  let network: StockNetwork
  let server: JoinedNode
  let good: JoinedNode
  let noDirPort: JoinedNode
  let noExit: JoinedNode
  let target: Server
  let dialled = 0
  const nodes: JoinedNode[] = []

  before(async () => {
    network = await StockNetwork.start({ authorities: 3, relays: 1, client: false })
    await network.ready()
    target = createServer(socket => {
      dialled++
      socket.end()
    })
    await new Promise<void>(resolve => target.listen(0, '127.0.0.1', resolve))
    const join = async (name: string, change = {}) => {
      const node = await JoinedNode.start(network.dirAuthorityLines, name, change)
      nodes.push(node)
      return node
    }
    server = await join('Server')
    good = await join('Good')
    noDirPort = await join('NoDirPort')
    // Advertises a policy, but its exit refuses every address there is here.
    noExit = await join('NoExit', { allowPrivate: () => false })
    await network.consensusWhere(text => nodes.every(node => flagsOf(text, node.fingerprint)?.includes('Running')), 60_000)
    await until(
      'everybody knows everybody',
      () => nodes.every(node => nodes.every(other => node.directory.liveness() === 'live' && node.directory.descriptor(other.fingerprint))),
      60_000,
    )
  })
  after(async () => {
    await Promise.all(nodes.map(node => node.stop()))
    target?.close()
    await network?.stop()
  })

  const serverDescriptor = () => good.directory.descriptor(server.fingerprint)!
  const open = (node: JoinedNode, purpose: 'browse' | 'probe' = 'browse') =>
    openPerspectiveLink({
      channels: node.node.relay.channels,
      descriptor: serverDescriptor(),
      purpose,
      signal: AbortSignal.timeout(30_000),
    })

  /** The status with which a link is refused, and that the server neither resolved nor dialled anything for it. */
  async function refusal(link: Promise<unknown>): Promise<number> {
    const before = { dialled, asked: server.resolver.asked.length }
    const error = await link.then(
      () => assert.fail('it was admitted'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof PerspectiveRefused, String(error))
    assert.deepEqual({ dialled, asked: server.resolver.asked.length }, before)
    return error.status
  }

  test('S9 S10: a listed relay with usable ports is admitted, exits in one hop, and cannot extend', async () => {
    const link = await open(good)
    const hop = {
      ...circuitHop({ status: good.directory.consensus!.byFingerprint.get(server.fingerprint)!, descriptor: serverDescriptor() }),
    }
    const circuit = await good.node.circuits.buildOver(link.channel, [hop], AbortSignal.timeout(10_000), 'pa')
    const before = dialled
    const stream = await circuit.openStream(
      { host: '127.0.0.1', port: (target.address() as { port: number }).port },
      { signal: AbortSignal.timeout(10_000) },
    )
    await until('the target was reached', () => dialled === before + 1, 5_000)
    stream.abort()
    const channels = server.node.relay.channels.all().length
    const { status } = good.node.circuits.relays().find(other => other.status.nickname === 'relay0')!
    const relay = { status, descriptor: good.directory.descriptor(status.fingerprint)! }
    await assert.rejects(good.node.circuits.buildOver(link.channel, [hop, circuitHop(relay)], AbortSignal.timeout(10_000), 'pa'), {
      name: 'CircuitRefused',
    })
    assert.equal(server.node.relay.channels.all().length, channels, 'no onward channel was opened')
    link.channel.close()
  })

  test('S25: an unauthenticated link', async () => {
    const channels = new ChannelMap({ log: silentLog, handlerFor: () => noHandler })
    assert.equal(
      await refusal(
        openPerspectiveLink({ channels, descriptor: serverDescriptor(), purpose: 'browse', signal: AbortSignal.timeout(10_000) }),
      ),
      PaStatusCode.NOT_AUTHENTICATED,
    )
    await channels.closeAll()
  })

  test('S6: an identity that is not listed', async () => {
    const folder = await mkdtemp(`${tmpdir()}/stranger-`)
    const keys = await RelayKeys.load(folder)
    const channels = new ChannelMap({ keys: () => keys.linkKeys(), log: silentLog, handlerFor: () => noHandler, localAddress: '127.0.0.1' })
    const link = openPerspectiveLink({ channels, descriptor: serverDescriptor(), purpose: 'browse', signal: AbortSignal.timeout(10_000) })
    assert.equal(await refusal(link), PaStatusCode.NOT_LISTED)
    await channels.closeAll()
    await rm(folder, { recursive: true })
  })

  test('T2: a listed relay that calls from another address', async () => {
    const { keys } = good.node.options
    const channels = new ChannelMap({ keys: () => keys.linkKeys(), log: silentLog, handlerFor: () => noHandler, localAddress: '127.0.0.9' })
    const link = openPerspectiveLink({ channels, descriptor: serverDescriptor(), purpose: 'browse', signal: AbortSignal.timeout(10_000) })
    assert.equal(await refusal(link), PaStatusCode.ADDRESS_DIFFERS)
    await channels.closeAll()
  })

  test('S8: a listed relay whose DirPort is closed', async () => {
    await noDirPort.node.relay.dirPort!.close()
    assert.equal(await refusal(open(noDirPort)), PaStatusCode.DIR_PORT_UNUSABLE)
  })

  test('S23: a listed relay whose PAPort lets nothing out', async () =>
    assert.equal(await refusal(open(noExit)), PaStatusCode.PA_PORT_UNUSABLE))

  test('a circuit before admission closes the link', async () => {
    const { relay } = good.node
    const closed = Promise.withResolvers<string>()
    const descriptor = serverDescriptor()
    const channel = await relay.channels.openFresh(
      {
        rsaIdentity: Buffer.from(descriptor.fingerprint, 'hex'),
        ed25519Identity: descriptor.ed25519Identity,
        addresses: [{ address: '127.0.0.1', port: server.node.server!.listener!.port }],
      },
      {
        signal: AbortSignal.timeout(10_000),
        purpose: 'pa',
        handlerFor: () => ({ ...noHandler, onClose: (_channel, why) => closed.resolve(why) }),
      },
    )
    const hop = circuitHop({ status: good.directory.consensus!.byFingerprint.get(server.fingerprint)!, descriptor })
    await assert.rejects(good.node.circuits.buildOver(channel, [hop], AbortSignal.timeout(10_000), 'pa'))
    await closed.promise
    assert.equal(channel.closed, true)
  })

  test('T3: a probe may open one stream, to the listed DirPort of the relay that probes, and nothing else', async () => {
    const link = await open(good, 'probe')
    const hop = circuitHop({ status: good.directory.consensus!.byFingerprint.get(server.fingerprint)!, descriptor: serverDescriptor() })
    const circuit = await good.node.circuits.buildOver(link.channel, [hop], AbortSignal.timeout(10_000), 'pa')
    const before = dialled
    const elsewhere = { host: '127.0.0.1', port: (target.address() as { port: number }).port }
    await assert.rejects(circuit.openStream(elsewhere, { signal: AbortSignal.timeout(10_000) }), { name: 'StreamRefused' })
    assert.equal(dialled, before)
    const home = { host: '127.0.0.1', port: good.node.relay.dirPort!.port }
    const stream = await circuit.openStream(home, { signal: AbortSignal.timeout(10_000) })
    stream.abort()
    await assert.rejects(circuit.openStream(home, { signal: AbortSignal.timeout(10_000) }), { name: 'StreamRefused' })
    link.channel.close()
  })

  test('a malformed negotiation closes that link and nothing else', async () => {
    const { relay } = good.node
    const descriptor = serverDescriptor()
    const target = {
      rsaIdentity: Buffer.from(descriptor.fingerprint, 'hex'),
      ed25519Identity: descriptor.ed25519Identity,
      addresses: [{ address: '127.0.0.1', port: server.node.server!.listener!.port }],
    }
    for (const body of [Buffer.alloc(0), Buffer.from('02000000000000', 'hex'), Buffer.alloc(400, 0xff)]) {
      const closed = Promise.withResolvers<void>()
      const channel = await relay.channels.openFresh(target, {
        signal: AbortSignal.timeout(10_000),
        purpose: 'pa',
        handlerFor: () => ({ ...noHandler, onClose: () => closed.resolve() }),
      })
      channel.send(undefined, encodeVariableCell(0, Command.PA_NEGOTIATE, body))
      await closed.promise
    }
    const status = Promise.withResolvers<number>()
    const channel = await relay.channels.openFresh(target, {
      signal: AbortSignal.timeout(10_000),
      purpose: 'pa',
      handlerFor: () => ({ ...noHandler, onControl: (_channel, cell) => status.resolve(decodePaStatus(cell.body).status) }),
    })
    channel.send(
      undefined,
      encodeVariableCell(0, Command.PA_NEGOTIATE, encodePaNegotiate({ version: 1, capabilities: 0, purpose: PaPurpose.BROWSE })),
    )
    assert.ok([PaStatusCode.ADMITTED, PaStatusCode.BEING_TESTED].includes((await status.promise) as never))
    channel.close()
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { parseServerDescriptor } from '../../main/document/server-descriptor.ts'
import { openPerspectiveLink } from '../../main/perspective/perspective-link.ts'
import type { PaDoor } from '../../main/perspective/perspective-server.ts'
import { circuitHop } from '../../main/relay/path.ts'
import { JoinedNode } from './joined-node.ts'
import { flagsOf, StockNetwork, until } from './stock-network.ts'

/** The only lines of a descriptor that say something of perspective access. */
const saysOf = (descriptor: string) => descriptor.split('\n').filter(line => /^x-perspective/.test(line) || / X-Perspective=/.test(line))

describe('S5 S18 S21: the doors of perspective access, opened and closed while the relay runs', { timeout: 180_000 }, () => {
  let network: StockNetwork
  let server: JoinedNode
  let peer: JoinedNode

  before(async () => {
    network = await StockNetwork.start({ authorities: 3, relays: 1, client: false })
    await network.ready()
    server = await JoinedNode.start(network.dirAuthorityLines, 'Server', {
      listen: { or: { host: '127.0.0.1', port: 0 }, dir: { host: '127.0.0.1', port: 0 }, pa: 'off' },
    })
    peer = await JoinedNode.start(network.dirAuthorityLines, 'Peer')
    const both = [server, peer]
    await network.consensusWhere(text => both.every(node => flagsOf(text, node.fingerprint)?.includes('Running')), 60_000)
    await until('both know both', () => both.every(node => both.every(other => node.directory.descriptor(other.fingerprint))), 60_000)
  })
  after(async () => {
    await peer?.stop()
    await server?.stop()
    await network?.stop()
  })

  /** Waits until a stock authority holds a descriptor of which `match` holds: it did not take the change for cosmetic. */
  const held = (match: (text: string) => boolean) =>
    until(
      'the authority holds the new descriptor',
      async () => {
        const text = await network.descriptor(server.fingerprint).catch(() => undefined)
        return text !== undefined && match(text) ? text : undefined
      },
      30_000,
    )

  async function enter(text: string): Promise<{ channel: { closed: boolean; close(): void } }> {
    const descriptor = parseServerDescriptor(text)
    const link = await openPerspectiveLink({
      channels: peer.node.relay.channels,
      descriptor,
      purpose: 'browse',
      signal: AbortSignal.timeout(30_000),
    })
    const status = peer.directory.consensus!.byFingerprint.get(server.fingerprint)!
    const circuit = await peer.node.circuits.buildOver(
      link.channel,
      [circuitHop({ status, descriptor })],
      AbortSignal.timeout(10_000),
      'pa',
    )
    const stream = await circuit.openStream(
      { host: '127.0.0.1', port: network.relays[0]!.dirPort },
      { signal: AbortSignal.timeout(10_000) },
    )
    stream.abort()
    return link
  }

  const doors: [PaDoor, (text: string) => boolean][] = [
    [{ host: '127.0.0.1', port: 0 }, text => /\nx-perspective-access 1 \d+ running\nx-perspective-policy accept 1-65535\n/.test(text)],
    ['virtual', text => text.includes('\nx-perspective-access 1 virtual running\n')],
    [{ host: '127.0.0.1', port: 0 }, text => /\nx-perspective-access 1 \d+ running\n/.test(text)],
  ]
  test('without perspective access nothing says a word of it', async () => {
    assert.deepEqual(saysOf(await held(text => text.includes('router Server '))), [])
  })

  for (const [door, match] of doors) {
    const name = typeof door === 'string' ? door : 'a PAPort'
    test(`switched to ${name}: published at once, listed on, and let in through it`, async () => {
      const links = server.node.relay.channels.all().filter(channel => channel.purpose === 'or').length
      await server.node.setPaDoor(door)
      const text = await held(match)
      assert.match(text, /\nproto .* X-Perspective=1\n/)
      assert.equal(parseServerDescriptor(text).perspective?.port, door === 'virtual' ? 'virtual' : server.node.server.listener!.port)
      const link = await enter(text)
      assert.deepEqual(server.node.server.peers, [peer.fingerprint])
      link.channel.close()
      await until('the end of the session', () => server.node.server.peers.length === 0, 10_000)
      assert.ok(server.node.relay.channels.all().filter(channel => channel.purpose === 'or').length >= Math.min(links, 1))
    })
  }

  test('switched off: status 12 for who is in, the port is closed, the descriptor says nothing, Tor goes on', async () => {
    const lost = Promise.withResolvers<number | undefined>()
    const link = await openPerspectiveLink({
      channels: peer.node.relay.channels,
      descriptor: parseServerDescriptor(server.node.own.current!.descriptor),
      purpose: 'browse',
      signal: AbortSignal.timeout(30_000),
    })
    link.onLost.add(status => lost.resolve(status))
    await server.node.setPaDoor('off')
    assert.equal(await lost.promise, PaStatusCode.OFF)
    assert.equal(server.node.server.listener, undefined)
    assert.deepEqual(saysOf(await held(text => saysOf(text).length === 0)), [])
    const entry = await network.consensusWhere(text => flagsOf(text, server.fingerprint)?.includes('Running') === true, 60_000)
    assert.ok(entry)
  })
})

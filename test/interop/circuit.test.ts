import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Channel } from '../../main/channel/channel.ts'
import { ChannelMap } from '../../main/channel/channel-map.ts'
import type { CircuitHop } from '../../main/circuit/circuit-hop.ts'
import { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import { streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { parseServerDescriptor } from '../../main/document/server-descriptor.ts'
import { silentLog } from '../../main/lib/log.ts'
import { BlobServer, blob, sha256Hex } from './blob-server.ts'
import { StockNetwork, type StockNode, until } from './stock-network.ts'

const MB = 1_000_000
const params = congestionParams(new Map())
const signal = (ms = 30_000) => AbortSignal.timeout(ms)

async function text(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('our circuits through stock tor', { timeout: 180_000 }, () => {
  let network: StockNetwork
  let blobs: BlobServer
  let channels: ChannelMap
  const hops: CircuitHop[] = []

  before(async () => {
    network = await StockNetwork.start({ authorities: 3, relays: 1, client: false, torrc: { all: ['RefuseUnknownExits 0'] } })
    blobs = await BlobServer.start()
    await network.ready()
    for (const node of network.authorities) await until(`${node.name} has a consensus`, () => network.consensus('ns', node), 30_000)
    channels = new ChannelMap({ log: silentLog, handlerFor: () => ({ onCreate: () => {}, onControl: () => {}, onClose: () => {} }) })
    for (const node of network.routers) hops.push(await hopOf(node))
  })
  after(async () => {
    await channels?.closeAll()
    await blobs?.stop()
    await network?.stop()
  })

  async function hopOf(node: StockNode): Promise<CircuitHop> {
    const descriptor = parseServerDescriptor(await network.descriptor(node.fingerprint))
    return {
      rsaIdentity: node.rsaIdentity,
      ed25519Identity: descriptor.ed25519Identity,
      ntorKey: descriptor.ntorKey,
      addresses: [{ address: node.address, port: node.orPort }],
      ntorV3: true,
      congestionControl: true,
    }
  }

  const link = (hop: CircuitHop): Promise<Channel> => channels.open(hop, { signal: signal() })

  async function build(length: number, change: Partial<CircuitHop> = {}): Promise<OriginCircuit> {
    const path = hops.slice(0, length).map(hop => ({ ...hop, ...change }))
    return OriginCircuit.build({ channel: await link(path[0]!), hops: path, signal: signal(), params })
  }

  const kinds: [string, Partial<CircuitHop>][] = [
    ['ntor', { ntorV3: false, congestionControl: false }],
    ['ntor-v3 without congestion control', { congestionControl: false }],
    ['ntor-v3 with congestion control', {}],
  ]
  for (const [kind, change] of kinds) {
    for (const length of [1, 2, 3]) {
      test(`${length} hops with ${kind}: the last one serves the consensus over BEGIN_DIR`, async () => {
        const circuit = await build(length, change)
        const duplex = streamDuplex(await circuit.openDirectory({ signal: signal() }))
        duplex.write('GET /tor/status-vote/current/consensus HTTP/1.0\r\nAccept-Encoding: identity\r\n\r\n')
        const answer = (await text(duplex)).toString('latin1')
        assert.match(answer, /^HTTP\/1\.0 200 OK\r\n/)
        assert.match(answer, /\r\n\r\nnetwork-status-version 3\n[\s\S]*-----END SIGNATURE-----\n$/)
        circuit.close()
      })
    }

    for (const length of [2, 3]) {
      test(`${length} hops with ${kind}: 6 MB down and up through the exit, whole`, async () => {
        const circuit = await build(length, change)
        const open = () => circuit.openStream({ host: '127.0.0.1', port: blobs.port }, { signal: signal() })

        const stream = await open()
        assert.equal(stream.address, '127.0.0.1')
        const down = streamDuplex(stream)
        down.write(`GET /${6 * MB} HTTP/1.0\r\n\r\n`)
        const answer = await text(down)
        const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4)
        assert.equal(sha256Hex(body), sha256Hex(blob(6 * MB)))

        const up = streamDuplex(await open())
        const content = blob(6 * MB)
        up.write(`POST / HTTP/1.0\r\nContent-Length: ${content.length}\r\n\r\n`)
        up.write(content)
        const reply = (await text(up)).toString('latin1')
        assert.equal(reply.split('\r\n\r\n')[1], createHash('sha256').update(content).digest('hex'))
        circuit.close()
      })
    }

    test(`many streams at once with ${kind}`, async () => {
      const circuit = await build(3, change)
      const sizes = [0, 1, 497, 498, 499, 100_000, 1_000_000, 1_500_000]
      await Promise.all(
        sizes.map(async size => {
          const duplex = streamDuplex(await circuit.openStream({ host: '127.0.0.1', port: blobs.port }, { signal: signal() }))
          duplex.write(`GET /${size} HTTP/1.0\r\n\r\n`)
          const answer = await text(duplex)
          assert.equal(sha256Hex(answer.subarray(answer.indexOf('\r\n\r\n') + 4)), sha256Hex(blob(size)), `${size} bytes`)
        }),
      )
      assert.equal(circuit.streamCount, 0)
      circuit.close()
    })
  }

  test('CREATE_FAST reaches a directory whose onion key nobody knows', async () => {
    const circuit = await build(1, { ntorKey: undefined })
    const duplex = streamDuplex(await circuit.openDirectory({ signal: signal() }))
    duplex.write('GET /tor/server/authority HTTP/1.0\r\nAccept-Encoding: identity\r\n\r\n')
    assert.match((await text(duplex)).toString('latin1'), /\r\n\r\nrouter /)
    circuit.close()
  })

  test('refusals come as END reasons, and leave the circuit in use', async () => {
    const circuit = await build(3)
    await assert.rejects(
      circuit.openStream({ host: '127.0.0.1', port: 1 }, { signal: signal() }),
      (error: { name: string; reason: number }) => {
        // CONNECTREFUSED; C tor says MISC when it learns of the refusal late.
        return error.name === 'StreamRefused' && [1, 3].includes(error.reason)
      },
    )
    await assert.rejects(circuit.openStream({ host: 'nowhere.invalid', port: 80 }, { signal: signal(60_000) }), { name: 'StreamRefused' })
    const answers = await circuit.resolve('127.0.0.1', { signal: signal() })
    // Without name servers C tor resolves nothing at all; an answer it must be.
    assert.equal(answers.length, 1)
    assert.equal(circuit.closed, false)
    circuit.close()
  })

  test('a one-hop exit for somebody who proves no identity is refused', async () => {
    const circuit = await build(1)
    await assert.rejects(circuit.openStream({ host: '127.0.0.1', port: blobs.port }, { signal: signal() }), {
      name: 'StreamRefused',
      reason: 13,
    })
    circuit.close()
  })

  test('a slow reader stops the exit, then gets all', async () => {
    for (const [, change] of [kinds[0]!, kinds[2]!]) {
      const circuit = await build(3, change)
      const stream = await circuit.openStream({ host: '127.0.0.1', port: blobs.port }, { signal: signal() })
      stream.write(Buffer.from(`GET /${20 * MB} HTTP/1.0\r\n\r\n`))
      let last = -1
      while (stream.heldBytes !== last) {
        last = stream.heldBytes
        await new Promise(resolve => setTimeout(resolve, 400))
      }
      assert.ok(last > 200_000 && last < 6 * MB, `${last} bytes held`)
      const ended = Promise.withResolvers<number>()
      const parts: Buffer[] = []
      stream.onData = data => parts.push(data)
      stream.onEnd = ended.resolve
      stream.resume()
      assert.equal(await ended.promise, 6)
      const answer = Buffer.concat(parts)
      assert.equal(sha256Hex(answer.subarray(answer.indexOf('\r\n\r\n') + 4)), sha256Hex(blob(20 * MB)))
      circuit.close()
    }
  })
})

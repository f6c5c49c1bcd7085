import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sha256 } from '../../main/crypto/digest.ts'
import { PracticeNetwork } from '../../main/practice/network.ts'
import { patternBytes } from '../../main/practice/pattern.ts'
import { connectSocks } from './socks.ts'
import { FreePorts, StockNode, until } from './stock-node.ts'

const HOST = '127.0.0.1'
const SEVEN_BITS = 'latin1'

/** One HTTP/1.0 request through the SOCKS port of a stock client; the body of the answer. */
async function fetchThrough(socksPort: number, host: string, port: number, path: string, user?: string): Promise<Buffer> {
  const socket = await connectSocks(socksPort, host, port, user)
  socket.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  const answer = Buffer.concat(parts)
  const end = answer.indexOf('\r\n\r\n')
  assert.match(answer.toString(SEVEN_BITS, 0, end), /^HTTP\/1\.[01] 200/)
  return answer.subarray(end + 4)
}

describe('stock tor in the practice network', () => {
  const practice = new PracticeNetwork()
  let folder: string
  const nodes: StockNode[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-practice-interop-'))
    await practice.start()
  })
  after(async () => {
    await Promise.all(nodes.map(node => node.stop()))
    await practice.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(name: string, lines: (node: StockNode) => string[], kind: 'client' | 'relay', address = HOST): Promise<StockNode> {
    const ports = new FreePorts()
    const node = new StockNode({
      name,
      folder: join(folder, name),
      address,
      orPort: kind === 'relay' ? await ports.take(address) : 0,
      dirPort: 0,
      socksPort: kind === 'client' ? await ports.take(HOST) : 0,
      controlPort: await ports.take(HOST),
    })
    await ports.release()
    nodes.push(node)
    await node.start([...practice.dirAuthorityLines.trim().split('\n'), 'GeoIPFile /dev/null', 'GeoIPv6File /dev/null', ...lines(node)])
    return node
  }

  test('a client bootstraps, and sees the site from the countries of the exits', async () => {
    const client = await start(
      'client',
      node => [`SocksPort ${HOST}:${node.socksPort}`, 'ClientRejectInternalAddresses 0', 'ClientDNSRejectInternalAddresses 0'],
      'client',
    )
    await client.bootstrapped(40_000)
    const site = new URL(practice.siteUrl)
    const port = Number(site.port)
    const seen = new Set<string>()
    for (let i = 0; i < 5; i++) {
      const { address, country, relay } = JSON.parse(
        (await fetchThrough(client.socksPort, site.hostname, port, '/json', `user${i}`)).toString(),
      ) as Record<string, string>
      const member = practice.members.find(candidate => candidate.address === address)
      assert.ok(member, `${address} is a practice relay`)
      assert.equal(member.plan.isAuthority, false)
      assert.equal(relay, member.plan.nickname)
      assert.equal(country, member.plan.country)
      seen.add(country!)
    }
    assert.ok(seen.size > 1, `several countries, not just ${[...seen]}`)
    const byName = await fetchThrough(client.socksPort, 'practice.test', port, '/ip')
    assert.match(byName.toString(), /^127\.\d+\.0\.10\n$/)
    const bytes = await fetchThrough(client.socksPort, site.hostname, port, '/bytes/2000000')
    assert.equal(sha256(bytes).toString('hex'), sha256(patternBytes(2_000_000)).toString('hex'))
    assert.doesNotMatch(await client.log(), /\[err\]|BUG|malformed|too short/i)
  })

  test('exits dial nothing on this computer but the practice world', async () => {
    const client = nodes[0]!
    const port = Number(new URL(practice.siteUrl).port)
    let visits = 0
    const bystander = createServer(socket => {
      visits++
      socket.destroy()
    })
    // The port that exits let out everywhere, at the address where other programs of this computer listen.
    await new Promise<void>((resolve, reject) => bystander.once('error', reject).listen({ host: HOST, port }, resolve))
    try {
      await assert.rejects(connectSocks(client.socksPort, HOST, port, 'private', 'x', 5_000))
      assert.equal(visits, 0)
    } finally {
      await new Promise(resolve => bystander.close(resolve))
    }
  })

  test('a relay is listed within 10 s of its start and Stable within a minute of that', async () => {
    const address = '127.48.0.10'
    const relay = await start(
      'newcomer',
      node => [
        'Nickname newcomer',
        `ORPort ${address}:${node.orPort}`,
        `Address ${address}`,
        'SocksPort 0',
        'AssumeReachable 1',
        'ExitRelay 0',
        'ContactInfo practice',
      ],
      'relay',
      address,
    )
    const { authority } = practice.members[0]!
    const entry = () => authority!.consensus?.byFingerprint.get(relay.fingerprint)
    await until('its descriptor arrives', () => authority!.registry.get(relay.fingerprint), 20_000)
    const publishedAt = Date.now()
    await until('it is Running', () => entry()?.flags.has('Running'), 15_000)
    const listedAt = Date.now()
    assert.ok(listedAt - publishedAt <= 10_000, `Running after ${listedAt - publishedAt} ms`)
    assert.equal(entry()!.flags.has('Stable'), false)
    await until('it is Stable', () => entry()?.flags.has('Stable'), 70_000)
    assert.ok(Date.now() - listedAt <= 60_000, `Stable after ${Date.now() - listedAt} ms`)
    assert.equal(practice.geography.country(address), 'pl')
  })
})

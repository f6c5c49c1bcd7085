import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { BlobServer, blob, fetchOver, sha256Hex } from './blob-server.ts'
import { connectSocks } from './socks.ts'
import { flagsOf, StockNetwork, until } from './stock-network.ts'
import { VantageProcess } from './vantage-process.ts'

const MB = 1_000_000

/** The lines of one relay in a consensus, from its "r" line to the next. */
function entryOf(consensus: string, fingerprint: string): string[] {
  const identity = Buffer.from(fingerprint, 'hex').toString('base64').replace(/=+$/, '')
  const lines = consensus.split('\n')
  const at = lines.findIndex(line => line.startsWith('r ') && line.split(' ')[2] === identity)
  assert.ok(at >= 0, 'the relay is in the consensus')
  const end = lines.findIndex((line, i) => i > at && (line.startsWith('r ') || line === 'directory-footer'))
  return lines.slice(at, end)
}

describe('two Vantage relays in a private network of stock tor', { timeout: 240_000 }, () => {
  let network: StockNetwork
  let blobs: BlobServer
  const vantage: VantageProcess[] = []

  before(async () => {
    network = await StockNetwork.start({ authorities: 3, relays: 2 })
    blobs = await BlobServer.start()
    await network.ready()
    const file = join(network.folder, 'authorities')
    await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
    const options = ['--network', file, '--address', '127.0.0.1', '--or-port', '0', '--dir-port', '0', '--pa-port', '0', '--allow-private']
    const policies = ['--exit-policy', 'accept *:*', '--pa-policy', 'accept *:*']
    for (const nickname of ['VantageOne', 'VantageTwo']) {
      vantage.push(await VantageProcess.start([...options, ...policies, '--nickname', nickname, '--accept-consent', 'relay,perspective']))
    }
  })
  after(async () => {
    await Promise.all(vantage.map(one => one.stop()))
    await blobs?.stop()
    await network?.stop()
  })

  test('S6 S22: they prove their ports, publish, and are listed Running Valid Fast V2Dir', async () => {
    for (const one of vantage) {
      for (const port of ['or', 'dir', 'pa']) await one.event('reachable', event => event.port === port && event.proved === true)
      const published = await one.event('published', event => event.confirmed === true)
      assert.equal(published.answer, 'accepted')
      await one.event('listed', event => ['Running', 'Valid', 'Fast', 'V2Dir'].every(flag => (event.flags as string[]).includes(flag)))
      await network.listed(one.fingerprint, ['Running', 'Valid', 'Fast', 'V2Dir'])
    }
  })

  test('S22: X-Perspective=1 is in pr of both flavours, and the two lines are served byte for byte', async () => {
    for (const one of vantage) {
      for (const flavor of ['ns', 'microdesc'] as const) {
        const text = await network.consensusWhere(consensus => flagsOf(consensus, one.fingerprint) !== undefined, 30_000, flavor)
        const pr = entryOf(text, one.fingerprint).find(line => line.startsWith('pr '))!
        assert.match(pr, / X-Perspective=1$/, flavor)
      }
      const own = await (await fetch(`http://127.0.0.1:${one.port('dir')}/tor/server/authority`)).text()
      assert.match(
        own,
        new RegExp(
          `\ntunnelled-dir-server\nx-perspective-access 1 ${one.port('pa')} stable\nx-perspective-policy accept 1-65535\nrouter-sig-ed25519 `,
        ),
      )
      const held = await until(
        'the authority holds our newest descriptor',
        async () => (await network.descriptor(one.fingerprint)) === own,
        30_000,
      )
      assert.equal(held, true)
      const relayed = await until(
        'a stock relay serves it too',
        async () => (await network.descriptor(one.fingerprint, network.relays[0]!)) === own,
        60_000,
      )
      assert.equal(relayed, true)
    }
  })

  const places = { first: 0, middle: 1, last: 2 } as const
  for (const [place, index] of Object.entries(places)) {
    test(`C2: the stock client downloads and uploads 10 MB with us as ${place} hop`, async () => {
      const [one] = vantage
      const path = [network.relays[0]!.fingerprint, network.relays[1]!.fingerprint]
      path.splice(index, 0, one!.fingerprint)
      await until(
        'the client knows us',
        async () => (await network.client.control.getInfo(`md/id/${one!.fingerprint}`)).length > 0,
        60_000,
        500,
      )
      const down = await fetchOver(await network.openStream(path, '127.0.0.1', blobs.port), { host: '127.0.0.1', path: `/${10 * MB}` })
      assert.equal(sha256Hex(down), sha256Hex(blob(10 * MB)))
      const up = await fetchOver(await network.openStream(path, '127.0.0.1', blobs.port), {
        host: '127.0.0.1',
        path: '/',
        post: blob(10 * MB),
      })
      assert.equal(up.toString(), sha256Hex(blob(10 * MB)))
    })
  }

  test('S9 S29: once both are Stable, one browses through the PAPort of the other in one hop', async () => {
    const [one, two] = vantage as [VantageProcess, VantageProcess]
    await Promise.all([one.event('unlocked', undefined, 90_000), two.event('unlocked', undefined, 90_000)])
    const socket = await connectSocks(one.socksPort, '127.0.0.1', blobs.port, `$${two.fingerprint}`)
    const down = await fetchOver(socket, { host: '127.0.0.1', path: `/${10 * MB}` })
    assert.equal(sha256Hex(down), sha256Hex(blob(10 * MB)))
    const admitted = await two.event('admitted')
    assert.equal(admitted.peer, one.fingerprint)
    const up = await fetchOver(await connectSocks(one.socksPort, '127.0.0.1', blobs.port, 'any'), {
      host: '127.0.0.1',
      path: '/',
      post: blob(MB),
    })
    assert.equal(up.toString(), sha256Hex(blob(MB)))
  })

  test('S12: the fallback through three stock hops works, and a country that nobody offers makes no connection', async () => {
    const [one] = vantage as [VantageProcess]
    const down = await fetchOver(await connectSocks(one.socksPort, '127.0.0.1', blobs.port, 'tor'), { host: '127.0.0.1', path: `/${MB}` })
    assert.equal(sha256Hex(down), sha256Hex(blob(MB)))
    const visits = blobs.visitors.length
    await assert.rejects(connectSocks(one.socksPort, '127.0.0.1', blobs.port, 'se'))
    assert.equal(blobs.visitors.length, visits)
  })
})

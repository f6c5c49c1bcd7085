import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type DirAuthority, formatDirAuthorityLine, parseDirAuthorityLines } from '../../main/directory/authorities.ts'
import { DirectoryClient } from '../../main/directory/client.ts'
import { DirPort } from '../../main/directory/dir-port.ts'
import { NetworkDirectory } from '../../main/directory/network-directory.ts'
import { Publisher } from '../../main/directory/publisher.ts'
import { DirectoryServer } from '../../main/directory/server.ts'
import { type Consensus, parseConsensus } from '../../main/document/consensus.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { PortSummary } from '../../main/document/port-summary.ts'
import { buildServerDescriptor, parseServerDescriptor } from '../../main/document/server-descriptor.ts'
import { RelayKeys } from '../../main/relay/keys.ts'
import { OwnDescriptor, PROTOCOLS, type RelayFacts } from '../../main/relay/own-descriptor.ts'
import { FakeAuthority, makeAuthority } from '../directory/tiny-network.ts'
import { FreePorts, StockNetwork, StockNode, until } from './stock-network.ts'

const run = promisify(execFile)
const client = new DirectoryClient()

describe('the directory of a network of stock tor', { timeout: 240_000 }, () => {
  let network: StockNetwork
  let authorities: readonly DirAuthority[]
  let folder: string
  let directory: NetworkDirectory

  const make = (name: string, from = authorities): NetworkDirectory =>
    new NetworkDirectory({ authorities: from, folder: join(folder, name), client, schedule: { compressed: true } })

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-directory-'))
    network = await StockNetwork.start({ authorities: 3, relays: 1, client: false })
    authorities = parseDirAuthorityLines(network.dirAuthorityLines.join('\n')).authorities
    await network.ready()
    directory = make('main')
    await directory.start()
  })
  after(async () => {
    await directory?.stop()
    await network?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const complete = (one: NetworkDirectory): boolean =>
    one.liveness() === 'live' && one.microdescConsensus !== undefined && Object.values(one.needed()).every(list => list.length === 0)

  test('comes up from stock authorities, verified, with every document', async () => {
    await until('all documents', () => complete(directory), 20_000)
    // A consensus may lack one signature of three.
    assert.ok(directory.certificates.length >= 2)
    for (const router of network.routers) {
      const descriptor = directory.descriptor(router.fingerprint)
      assert.equal(descriptor?.nickname, router.name)
      assert.ok(descriptor.ed25519Identity.equals(router.ed25519Identity!))
      assert.equal(directory.findByEd25519(router.ed25519Identity!)?.status.fingerprint, router.fingerprint)
      // The one that the consensus names, which need not be the newest: a relay may have published again since. An authority serves its own
      // descriptor with an empty line after it.
      const named = await network.authorities[0]!.fetchText(`/tor/server/d/${descriptor.digest}`)
      assert.equal(descriptor.digest, directory.router(router.fingerprint)!.status.descriptorDigest)
      assert.equal(descriptor.text, named.replace(/\n+$/, '\n'))
    }
    for (const { microdescriptorDigest } of directory.microdescConsensus!.routers)
      assert.ok(directory.microdescriptor(microdescriptorDigest!))
  })

  test('stays live from consensus to consensus', async () => {
    const first = directory.consensus!.validAfter
    let lapses = 0
    const watch = setInterval(() => {
      if (directory.liveness() !== 'live') lapses++
    }, 50)
    try {
      await until('two more consensuses', () => directory.consensus!.validAfter >= first + 20_000, 45_000)
      assert.equal(lapses, 0)
      await until('its documents', () => complete(directory), 10_000)
    } finally {
      clearInterval(watch)
    }
  })

  test('reads each authority’s vote', async () => {
    for (const authority of authorities) {
      const vote = await directory.fetchVote(authority)
      assert.equal(vote.authority.identity, authority.v3ident)
      assert.ok(vote.flagThresholds.has('stable-uptime'))
      assert.ok(vote.routers.some(router => router.fingerprint === network.relays[0]!.fingerprint && router.flags.has('Running')))
    }
  })

  test('refuses what is tampered with, signed by a minority or older, and takes the real thing again', async () => {
    const texts = { ns: await network.consensus('ns'), microdesc: await network.consensus('microdesc') }
    const middle = await new FakeAuthority(await makeAuthority(Date.now()), Date.now).start()
    const { dirPort } = middle.dirAuthority
    const lied = make(
      'lied',
      authorities.map(authority => ({ ...authority, dirPort })),
    )
    const taken = (): Consensus | undefined => lied.consensus
    const lie = (change: (text: string) => string): void => {
      middle.intercept = path => {
        const flavor = /current\/consensus(-microdesc)?\//.exec(path)
        return flavor ? { status: 200, reason: 'OK', body: change(texts[flavor[1] ? 'microdesc' : 'ns']) } : undefined
      }
    }
    try {
      middle.view.certificates = [...directory.certificates]
      lie(text => text.replace(/^s (.*)Running /m, 's $1'))
      await lied.start()
      await lied.refreshNow()
      assert.equal(taken(), undefined)
      assert.equal(lied.problem?.code, 'unverified')

      lie(text => {
        const at = text.indexOf('directory-signature', text.indexOf('directory-signature') + 1)
        return text.slice(0, at)
      })
      assert.ok(parseConsensus(texts.ns).signatures.length >= 2)
      await lied.refreshNow()
      assert.equal(taken(), undefined)
      assert.equal(lied.problem?.code, 'unverified')

      const before = texts.ns
      texts.ns = await network.consensusWhere(text => text !== before, 30_000)
      lie(text => text)
      await lied.refreshNow()
      assert.equal(taken()?.text, texts.ns)
      const newer = taken()
      texts.ns = before
      await lied.refreshNow()
      assert.equal(taken(), newer)
      assert.equal(lied.problem?.code, 'rolled-back')
    } finally {
      await lied.stop()
      await middle.stop()
    }
  })

  test('a relay of ours is accepted, with its perspective access lines byte for byte; a cosmetic change is not', async () => {
    const keys = await RelayKeys.load(join(folder, 'keys'))
    const own = new OwnDescriptor({ keys, testing: true })
    const ports = new FreePorts()
    const facts: RelayFacts = {
      nickname: 'vantage',
      address: '127.0.0.1',
      orPort: await ports.take('127.0.0.1'),
      dirPort: await ports.take('127.0.0.1'),
      version: '0.1.0',
      system: 'Linux',
      startedAt: Date.now() - 5000,
      bandwidth: { rate: 1_000_000, burst: 1_000_000, observed: 100_000 },
      exitPolicy: ExitPolicy.parse('accept *:80,accept *:443,reject *:*'),
      contact: 'someone@example.org',
      perspective: { port: 9003, admits: 'running', policy: PortSummary.parse('accept 80,443') },
      statistics: ['x-vantage-test 1'],
    }
    await ports.release()
    const publisher = new Publisher({ authorities, client })
    const first = own.build(facts, 'first descriptor')
    const outcomes = async (publication: typeof first): Promise<string[]> =>
      (await publisher.publish(publication)).map(({ outcome, confirmed }) => `${outcome} ${confirmed}`)
    assert.deepEqual(await outcomes(first), new Array(3).fill('accepted true'))
    const kept = await network.descriptor(keys.fingerprint)
    assert.equal(kept, first.descriptor)
    assert.match(kept, /\nx-perspective-access 1 9003 running\nx-perspective-policy accept 80,443\n/)
    assert.equal(await network.authorities[0]!.fetchText(`/tor/extra/fp/${keys.fingerprint}`), first.extraInfo)

    // The same facts a little later: authorities keep what they have.
    const signers = { rsa: keys.rsa, edIdentity: keys.edIdentity, signing: keys.signing, ntor: keys.ntor.key, tapOnion: keys.tapOnion }
    const { bandwidth } = parseServerDescriptor(first.descriptor)
    const cosmetic = buildServerDescriptor(
      {
        ...facts,
        platform: 'Vantage 0.1.0 on Linux with perspective access',
        protocols: PROTOCOLS,
        published: first.published + 2000,
        uptimeSeconds: 7,
        bandwidth,
        tunnelledDirServer: true,
        perspective: { version: 1, ...facts.perspective!, policy: PortSummary.parse('accept 443') },
        crossCertificateExpires: first.published + 28 * 86_400_000,
      },
      signers,
    )
    assert.deepEqual(await outcomes({ ...first, descriptor: cosmetic, extraInfo: '' }), new Array(3).fill('not-new false'))

    // Our own builder sees to it that such a change counts.
    const changed = own.build({ ...facts, perspective: { ...facts.perspective!, policy: PortSummary.parse('accept 443') } }, 'changed')
    assert.deepEqual(await outcomes(changed), new Array(3).fill('accepted true'))
    assert.deepEqual(await outcomes(own.build({ ...facts, perspective: undefined }, 'perspective off')), new Array(3).fill('accepted true'))
    assert.doesNotMatch(await network.descriptor(keys.fingerprint), /perspective/i)

    const broken = changed.descriptor.replace('contact someone', 'contact nobody')
    assert.deepEqual(await outcomes({ ...changed, descriptor: broken }), new Array(3).fill('rejected false'))
  })

  test('a stock relay gets its whole directory from our DirPort, and curl reads it', async () => {
    const asked = new Set<string>()
    const server = new DirectoryServer({
      directory,
      ownDescriptor: () => undefined,
      ownExtraInfo: () => undefined,
      frontPage: () => 'This is a Tor relay.\n',
      extra: path => {
        asked.add(/^\/tor\/[a-z-]+(\/[a-z-]+\/consensus[a-z-]*)?/.exec(path)?.[0] ?? path)
        return undefined
      },
    })
    const dirPorts = await Promise.all(authorities.map(() => DirPort.open({ server, host: '127.0.0.1', port: 0 })))
    const ports = new FreePorts()
    const [orPort, dirPort, controlPort, nobody] = [
      await ports.take('127.0.0.1'),
      await ports.take('127.0.0.1'),
      await ports.take('127.0.0.1'),
      await ports.take('127.0.0.1'),
    ]
    await ports.release()
    const node = new StockNode({
      name: 'reader',
      folder: join(folder, 'reader'),
      address: '127.0.0.1',
      orPort,
      dirPort,
      socksPort: 0,
      controlPort,
    })
    try {
      // Its authorities' DirPorts are ours, and nobody is at their ORPorts.
      const lines = authorities.map((authority, i) => formatDirAuthorityLine({ ...authority, dirPort: dirPorts[i]!.port, orPort: nobody }))
      await node.start([
        'TestingTorNetwork 1',
        'Nickname reader',
        'Address 127.0.0.1',
        `ORPort 127.0.0.1:${orPort}`,
        `DirPort 127.0.0.1:${dirPort}`,
        'SocksPort 0',
        'ExitRelay 0',
        'AssumeReachable 1',
        'GeoIPFile /dev/null',
        'GeoIPv6File /dev/null',
        ...lines,
      ])
      const relay = network.relays[0]!
      const descriptor = await until(
        'the stock relay serves a descriptor that it can have only from us',
        async () => {
          const { status, body } = await node.fetch(`/tor/server/fp/${relay.fingerprint}`)
          return status === 200 ? body.toString() : undefined
        },
        60_000,
        500,
      )
      assert.equal(descriptor, directory.descriptorByFingerprint(relay.fingerprint))
      const digest = directory.microdescConsensus!.byFingerprint.get(relay.fingerprint)!.microdescriptorDigest!
      await until('and microdescriptors', async () => (await node.fetch(`/tor/micro/d/${digest}`)).status === 200, 30_000, 500)
      for (const part of ['consensus', 'consensus-microdesc']) {
        assert.ok(asked.has(`/tor/status-vote/current/${part}`), [...asked].join())
        // Between two of them a stock relay may have none that it would give away.
        const text = await until(
          `the stock relay serves its ${part}`,
          async () => {
            const { status, body } = await node.fetch(`/tor/status-vote/current/${part}`)
            return status === 200 ? body.toString() : undefined
          },
          30_000,
          500,
        )
        assert.ok(parseConsensus(text).signatures.length >= 2)
      }

      const base = `http://127.0.0.1:${dirPorts[0]!.port}`
      const curl = async (...args: string[]): Promise<string> => (await run('curl', ['-s', '-S', '--max-time', '10', ...args])).stdout
      assert.equal(await curl(base), 'This is a Tor relay.\n')
      const have = directory.consensus!
      assert.equal(await curl('--compressed', `${base}/tor/status-vote/current/consensus`), have.text)
      assert.match(await curl('-i', '-d', 'router x', `${base}/tor/`), /^HTTP\/1\.0 400 Nonauthoritative/)
      const modified = new Date(have.validAfter + 3_600_000).toUTCString()
      assert.match(
        await curl('-i', '-H', `If-Modified-Since: ${modified}`, `${base}/tor/status-vote/current/consensus`),
        /^HTTP\/1\.0 304 /,
      )
    } finally {
      await node.stop()
      await Promise.all(dirPorts.map(port => port.close()))
      server.close()
    }
  })
})

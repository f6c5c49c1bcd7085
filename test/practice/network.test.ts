import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseDirAuthorityLines } from '../../main/directory/authorities.ts'
import { DirectoryClient } from '../../main/directory/client.ts'
import { NetworkDirectory } from '../../main/directory/network-directory.ts'
import { verifyConsensus } from '../../main/document/consensus-signature.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { silentLog } from '../../main/lib/log.ts'
import { connectTcp } from '../../main/net/tcp.ts'
import { PerspectiveNode } from '../../main/perspective/node.ts'
import { COMPRESSED_TIMING } from '../../main/perspective/node-timing.ts'
import { PracticeNetwork, type PracticeProgress } from '../../main/practice/network.ts'
import { PRACTICE_TIMING, type PracticeTiming } from '../../main/practice/timing.ts'
import { RelayKeys } from '../../main/relay/keys.ts'

/** A hurried practice network, for tests that wait for it. */
const HURRIED: PracticeTiming = { ...PRACTICE_TIMING, votingInterval: 2_000, stableGuarantee: 5_000 }

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 5_000 }, response => {
      let text = ''
      response.on('data', part => {
        text += part
      })
      response.on('end', () => resolve(text))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
  })
}

/** Resolves when `check` holds, looking again at every new consensus and every 100 ms. */
async function until(what: string, check: () => boolean, ms: number): Promise<void> {
  const deadline = Date.now() + ms
  while (!check()) {
    assert.ok(Date.now() < deadline, `${what} within ${ms} ms`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

describe('the practice network', () => {
  const practice = new PracticeNetwork({ timing: HURRIED })
  const progress: PracticeProgress[] = []
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-practice-test-'))
    practice.onProgress.add(step => progress.push(step))
    await practice.start()
  })
  after(async () => {
    await practice.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('has a consensus of all its relays as soon as it has started', () => {
    const { authority } = practice.members[0]!
    const consensus = authority!.consensus!
    const idents = practice.authorities.map(one => one.v3ident)
    assert.equal(verifyConsensus(consensus, authority!.certificates, idents).good.length, 3)
    assert.equal(consensus.routers.length, practice.members.length)
    for (const member of practice.members) {
      const { flags, protocols, address } = consensus.byFingerprint.get(member.fingerprint)!
      for (const flag of ['Running', 'Stable', 'Fast', 'Guard', 'V2Dir', 'Valid'])
        assert.ok(flags.has(flag), `${member.plan.nickname} ${flag}`)
      assert.equal(flags.has('Exit'), !member.plan.isAuthority)
      assert.equal(flags.has('Authority'), member.plan.isAuthority)
      assert.equal(protocols.supports('X-Perspective', 1), !member.plan.isAuthority)
      assert.equal(practice.geography.country(address, member.node.relay.orPort.port), member.plan.country)
    }
  })

  test('has relays in many countries', () => {
    const relays = practice.members.filter(member => !member.plan.isAuthority)
    assert.ok(relays.length >= 6)
    const countries = new Set(relays.map(member => member.plan.country))
    for (const country of ['se', 'de', 'nl', 'us', 'jp', 'br']) assert.ok(countries.has(country), country)
    assert.equal(new Set(practice.members.map(member => member.address)).size, practice.members.length)
  })

  test('says how far its start is', () => {
    const steps = [...new Set(progress.map(one => one.step))]
    assert.deepEqual(steps, ['keys', 'relays', 'descriptors', 'voting', 'ready'])
    assert.ok(progress.every(one => one.done <= one.total))
  })

  test('is described by lines that can be read back', () => {
    const list = parseDirAuthorityLines(practice.dirAuthorityLines)
    assert.equal(list.testing, true)
    assert.deepEqual(
      list.authorities.map(authority => authority.v3ident),
      practice.authorities.map(authority => authority.v3ident),
    )
  })

  test('has a web site', async () => {
    assert.deepEqual(JSON.parse(await fetchText(`${practice.siteUrl}json`)).relay, null)
    assert.match(await fetchText(practice.siteUrl), /You appear to come from/)
  })

  test('lets only its own addresses be dialled', () => {
    const site = new URL(practice.siteUrl)
    const relay = practice.members[5]!
    const rows: [address: string, port: number, allowed: boolean][] = [
      [site.hostname, Number(site.port), true],
      [relay.address, relay.node.relay.orPort.port, true],
      [relay.address, relay.node.relay.dirPort!.port, true],
      [practice.homeAddress, 9001, true],
      [practice.homeAddress, 22, false],
      ['127.0.0.1', Number(site.port), false],
      ['127.0.0.1', 9001, false],
      ['127.200.0.1', 9001, false],
      ['10.0.0.1', 9001, false],
      ['192.168.1.1', 80, false],
      ['::1', 9001, false],
    ]
    for (const [address, port, allowed] of rows) assert.equal(practice.allowPrivate(address, port), allowed, `${address}:${port}`)
  })

  test('its relays cannot dial the world outside, as their sockets are bound to loopback', async () => {
    const relay = practice.members.find(member => !member.plan.isAuthority)!
    const signal = AbortSignal.timeout(5_000)
    await assert.rejects(connectTcp({ host: '192.0.2.1', port: 80, localAddress: relay.address, signal, timeoutMs: 4_000 }))
    assert.equal(signal.aborted, false)
  })

  test('lists a newcomer that proved its ports through it, and calls it Stable', async () => {
    const keys = await RelayKeys.load(join(folder, 'keys'))
    const { authorities, homeAddress } = practice
    const client = new DirectoryClient({ localAddress: homeAddress })
    const directory = new NetworkDirectory({ authorities, folder: join(folder, 'cache'), client, schedule: { compressed: true } })
    const site = `accept *:${new URL(practice.siteUrl).port}, accept *:80, accept *:443, reject *:*`
    let clockIsRight = false
    let asked = 0
    const node = new PerspectiveNode({
      keys,
      authorities,
      directory,
      listen: { or: { host: homeAddress, port: 0 }, dir: { host: homeAddress, port: 0 }, pa: { host: homeAddress, port: 0 } },
      address: homeAddress,
      outboundAddress: homeAddress,
      nickname: 'newcomer',
      contact: '',
      version: '0.1.0',
      system: 'Linux',
      bandwidth: { rate: 10_000_000, burst: 10_000_000 },
      exitPolicy: ExitPolicy.rejectAll,
      perspective: { policy: ExitPolicy.parse(site, { rejectPrivate: false }), admits: 'stable' },
      allowPrivate: (address, port) => practice.allowPrivate(address, port),
      resolver: practice.resolver,
      testing: true,
      timing: COMPRESSED_TIMING,
      mayPublish: () => {
        asked++
        return clockIsRight
      },
      log: silentLog,
    })
    const entry = () => practice.members[0]!.authority!.consensus!.byFingerprint.get(keys.fingerprint)
    try {
      await directory.start()
      await node.start()
      let publishedAt = 0
      node.publication.onPublished.add(results => {
        publishedAt ||= Date.now()
        assert.deepEqual(
          results.map(result => result.outcome),
          ['accepted', 'accepted', 'accepted'],
        )
        assert.ok(results.every(result => result.confirmed))
      })
      for (const port of ['or', 'dir', 'pa'] as const)
        await until(`its ${port} port is proved`, () => node.selfTest.proofs[port].state === 'proved', 15_000)
      asked = 0
      await until('it has been asked whether it may publish', () => asked > 0, 5000)
      assert.equal(node.own.current, undefined, 'nothing is signed, and so nothing published, by a clock that is wrong')
      clockIsRight = true
      await until('its descriptor is published', () => publishedAt > 0, 20_000)
      await until('it is Running', () => entry()?.flags.has('Running') === true, 10_000)
      await until('it offers perspectives', () => entry()?.protocols.supports('X-Perspective', 1) === true, 15_000)
      await until('it is Stable', () => entry()!.flags.has('Stable'), 15_000)
      assert.equal(practice.geography.country(entry()!.address), 'no')
    } finally {
      await node.stop()
      await directory.stop()
    }
  })
})

describe('a practice network', () => {
  test('works on one address where the machine has no others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-practice-test-'))
    await writeFile(join(folder, 'of a run that was killed'), '')
    const practice = new PracticeNetwork({ timing: HURRIED, singleAddress: true, folder })
    try {
      await practice.start()
      assert.deepEqual((await readdir(folder)).sort(), practice.members.map(member => member.plan.nickname).sort())
      const { authority } = practice.members[0]!
      assert.equal(authority!.consensus!.routers.length, practice.members.length)
      const countries = authority!.consensus!.routers.map(router => practice.geography.country(router.address, router.orPort))
      assert.deepEqual(countries.sort(), practice.members.map(member => member.plan.country).sort())
      assert.equal(practice.homeAddress, '127.0.0.1')
      assert.equal(practice.allowPrivate('127.0.0.1', 9001), false)
      practice.registerRelay('127.0.0.1', [9001])
      assert.equal(practice.allowPrivate('127.0.0.1', 9001), true)
      assert.equal(practice.geography.country('127.0.0.1', 9001), 'no')
    } finally {
      await practice.stop()
    }
    await assert.rejects(readdir(folder), { code: 'ENOENT' })
  })

  for (const at of ['keys', 'relays', 'descriptors', 'voting'] as const) {
    test(`leaves nothing running when its start is given up: ${at}`, async () => {
      const practice = new PracticeNetwork({ timing: HURRIED })
      const abort = new AbortController()
      practice.onProgress.add(({ step }) => {
        if (step === at) abort.abort()
      })
      await assert.rejects(practice.start(abort.signal), { name: 'AbortError' })
      assert.equal(practice.members.length, 0)
      assert.throws(() => practice.siteUrl)
    })
  }

  test('two of them do not get in each other’s way', async () => {
    const both = [new PracticeNetwork({ timing: HURRIED }), new PracticeNetwork({ timing: HURRIED })]
    try {
      await Promise.all(both.map(practice => practice.start()))
      const [a, b] = both.map(practice => practice.members[0]!.authority!.consensus!)
      assert.equal(a!.routers.length, b!.routers.length)
      assert.ok(a!.routers.every(router => !b!.byFingerprint.has(router.fingerprint)))
    } finally {
      await Promise.all(both.map(practice => practice.stop()))
    }
  })
})

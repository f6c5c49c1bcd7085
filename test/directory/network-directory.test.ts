import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, before, beforeEach, describe, test } from 'node:test'
import { DirectoryClient } from '../../main/directory/client.ts'
import { NetworkDirectory, type NetworkDirectoryOptions } from '../../main/directory/network-directory.ts'
import { listenTcp } from '../../main/net/listener.ts'
import { FakeAuthority, makeAuthority, makeConsensus, RELAYS, type TinyAuthority } from './tiny-network.ts'

const client = new DirectoryClient()
const INTERVAL = 10_000

async function until(what: string, check: () => boolean, ms = 8000): Promise<void> {
  for (const deadline = Date.now() + ms; !check(); ) {
    assert.ok(Date.now() < deadline, `not in ${ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

describe('our view of the network', () => {
  let keys: TinyAuthority[]
  let servers: FakeAuthority[]
  let folder: string
  let directory: NetworkDirectory
  const started: NetworkDirectory[] = []
  let now: number

  before(async () => {
    keys = await Promise.all([1, 2, 3].map(() => makeAuthority(Date.now())))
  })

  beforeEach(async () => {
    now = Math.floor(Date.now() / 1000) * 1000
    folder = await mkdtemp(join(tmpdir(), 'vantage-directory-'))
    servers = await Promise.all(keys.map(one => new FakeAuthority(one, () => now).start()))
    for (const server of servers) server.view.certificates = keys.map(one => one.certificate)
    publish(now)
    directory = make()
  })

  afterEach(async () => {
    await Promise.all(started.splice(0).map(one => one.stop()))
    await Promise.all(servers.map(server => server.stop()))
    await rm(folder, { recursive: true })
  })

  function make(options: Partial<NetworkDirectoryOptions> = {}): NetworkDirectory {
    const one = new NetworkDirectory({
      authorities: servers.map(server => server.dirAuthority),
      folder,
      client,
      now: () => now,
      schedule: { compressed: true },
      ...options,
    })
    started.push(one)
    return one
  }

  /** Lets these authorities serve a consensus of theirs. */
  function publish(
    validAfter: number,
    options: { by?: FakeAuthority[]; signers?: TinyAuthority[]; relays?: typeof RELAYS; intervalMs?: number } = {},
  ): void {
    const { by = servers, signers = keys, relays = RELAYS, intervalMs = INTERVAL } = options
    for (const flavor of ['ns', 'microdesc'] as const) {
      const text = makeConsensus(flavor, { validAfter, intervalMs }, signers, { relays, authorities: keys })
      for (const server of by) server.view.texts[flavor] = text
    }
  }

  const nothingNeeded = (): boolean => Object.values(directory.needed()).every(list => list.length === 0)
  const asked = (part: string): string[] => servers.flatMap(server => server.requests.filter(request => request.includes(part)))

  test('comes up from nothing: consensus in both flavours, certificates, descriptors, microdescriptors', async () => {
    let events = 0
    directory.onConsensus.add(() => events++)
    assert.equal(directory.liveness(), 'none')
    await directory.start()
    await until('all documents', () => directory.microdescConsensus !== undefined && nothingNeeded())
    assert.equal(directory.liveness(), 'live')
    assert.equal(directory.problem, undefined)
    assert.equal(events, 1)
    assert.equal(directory.certificates.length, 3)
    for (const relay of RELAYS) {
      assert.equal(directory.descriptor(relay.fingerprint)?.text, relay.text)
      assert.equal(directory.findByEd25519(relay.ed25519Identity)?.status.fingerprint, relay.fingerprint)
      assert.ok(
        directory.descriptorByDigest(relay.digest) === relay.text && directory.descriptorByFingerprint(relay.fingerprint) === relay.text,
      )
    }
    assert.equal([...directory.routers()].filter(router => router.descriptor).length, RELAYS.length)
    for (const { microdescriptorDigest } of directory.microdescConsensus!.routers)
      assert.ok(directory.microdescriptor(microdescriptorDigest!))
    assert.equal(directory.findByEd25519(Buffer.alloc(32)), undefined)
    assert.equal(directory.router('0'.repeat(40)), undefined)
    // The consensus was asked for by its signers, certificates by their pairs.
    assert.match(asked('consensus/')[0]!, /consensus\/[0-9A-F]{6}\+[0-9A-F]{6}\+[0-9A-F]{6}$/)
    assert.match(asked('/tor/keys/')[0]!, /fp-sk\//)
  })

  test('follows the network: a newer consensus is taken soon after fresh-until, and only its new descriptors are fetched', async () => {
    publish(now, { relays: RELAYS.slice(0, 3) })
    await directory.start()
    await until('the first consensus', () => directory.microdescConsensus !== undefined && nothingNeeded())
    for (const server of servers) server.requests.length = 0
    const next = now + INTERVAL
    publish(next)
    now = next + 500
    await directory.refreshNow()
    assert.equal(directory.consensus?.validAfter, next)
    await until('the other descriptors', nothingNeeded)
    const fetched = asked('/tor/server/d/').join()
    for (const [i, relay] of RELAYS.entries()) assert.equal(fetched.includes(relay.digest), i >= 3, relay.nickname)
  })

  test('a clock that is set back by a year: no consensus is lost or asked for, and the clock is looked at again soon', async t => {
    await directory.start()
    await until('a consensus', () => directory.microdescConsensus !== undefined && nothingNeeded())
    const waits = t.mock.method(globalThis, 'setTimeout').mock
    now -= 365 * 86_400_000
    await directory.refreshNow()
    assert.equal(directory.liveness(), 'live')
    const longest = Math.max(...waits.calls.map(({ arguments: [, ms] }) => ms ?? 0))
    assert.ok(longest > 3_600_000 && longest < 2 ** 31, `${longest} ms`)
    now += 365 * 86_400_000 + INTERVAL
    publish(now)
    directory.noteClock()
    await until('what is new by the clock that was set right', () => directory.consensus?.validAfter === now)
  })

  test('fetches by itself when a consensus stops being fresh, again and again until there is a newer one', async () => {
    now = Math.floor(Date.now() / 1000) * 1000
    const start = Date.now() - now
    const clock = () => Date.now() - start
    publish(now, { intervalMs: 1000 })
    directory = make({ now: clock, folder: join(folder, 'own') })
    await directory.start()
    await until('the first consensus', () => directory.consensus !== undefined)
    // For a while nobody has a newer one.
    await until('retries', () => asked('current/consensus/').length > 4)
    publish(now + 1000, { intervalMs: 1000 })
    await until('the second consensus', () => directory.consensus?.validAfter === now + 1000)
  })

  test('says so when a consensus has expired, and keeps it', async () => {
    await directory.start()
    await until('a consensus', () => directory.consensus !== undefined)
    now += INTERVAL * 3 + 1000
    assert.equal(directory.liveness(), 'expired')
    assert.ok(directory.consensus)
  })

  test('a consensus signed by a minority is refused, and one by the majority is found elsewhere', async () => {
    publish(now, { signers: keys.slice(0, 1) })
    await directory.start()
    await directory.refreshNow()
    assert.equal(directory.consensus, undefined)
    // Honest servers do not even hand it out.
    assert.equal(directory.problem?.code, 'no-consensus')
    const [liar] = servers as [FakeAuthority]
    liar.intercept = path => (path.includes('/consensus/') ? { status: 200, reason: 'OK', body: liar.view.texts.ns! } : undefined)
    await directory.refreshNow()
    assert.equal(directory.consensus, undefined)
    assert.equal(directory.problem?.code, 'unverified')
    publish(now, { by: servers.slice(2), signers: keys.slice(0, 2) })
    await directory.refreshNow()
    assert.equal(directory.liveness(), 'live')
    assert.equal(directory.problem, undefined)
  })

  test('a tampered consensus or descriptor is refused', async () => {
    for (const server of servers) {
      server.intercept = path => {
        if (path.startsWith('/tor/status-vote/current/consensus/')) {
          return { status: 200, reason: 'OK', body: server.view.texts.ns!.replace('Bandwidth=100', 'Bandwidth=999') }
        }
        const digest = /^\/tor\/server\/d\//.test(path)
        return digest
          ? { status: 200, reason: 'OK', body: RELAYS.map(relay => relay.text.replace('lab@localhost', 'you@localhost')) }
          : undefined
      }
    }
    await directory.start()
    await directory.refreshNow()
    assert.equal(directory.consensus, undefined)
    assert.equal(directory.problem?.code, 'unverified')
    for (const server of servers) {
      const { intercept } = server
      server.intercept = (path, request) => (path.startsWith('/tor/server/') ? intercept?.(path, request) : undefined)
    }
    await directory.refreshNow()
    assert.equal(directory.liveness(), 'live')
    assert.equal(directory.needed().descriptors.length, RELAYS.length)
    assert.equal(directory.descriptor(RELAYS[0]!.fingerprint), undefined)
  })

  test('is never rolled back: not by all authorities, and not after a restart with its cache thrown away', async () => {
    await directory.start()
    await until('a consensus', () => directory.microdescConsensus !== undefined)
    const older = now - INTERVAL
    publish(older)
    for (const server of servers) {
      // An attacker does not heed If-Modified-Since.
      server.intercept = path => {
        const flavor = /current\/consensus(-microdesc)?\//.exec(path)
        return flavor ? { status: 200, reason: 'OK', body: server.view.texts[flavor[1] ? 'microdesc' : 'ns']! } : undefined
      }
    }
    await directory.refreshNow()
    assert.equal(directory.consensus?.validAfter, now)
    assert.equal(directory.problem?.code, 'rolled-back')
    await directory.stop()
    await Promise.all(['consensus', 'consensus-microdesc'].map(name => rm(join(folder, name))))
    const restarted = make()
    await restarted.start()
    await restarted.refreshNow()
    assert.equal(restarted.consensus, undefined)
    assert.equal(restarted.problem?.code, 'rolled-back')
  })

  test('on a full disk descriptors are not written, and are when there is room again', async () => {
    directory.short = { disk: true, memory: false }
    await directory.start()
    await until('all documents', () => directory.microdescConsensus !== undefined && nothingNeeded())
    await directory.stop()
    await assert.rejects(readFile(join(folder, 'descriptors')), { code: 'ENOENT' })
    assert.ok((await readFile(join(folder, 'consensus'))).length > 0, 'the small and the vital are')
    const roomy = make()
    await roomy.start()
    await until('all documents again', () => roomy.microdescConsensus !== undefined && roomy.needed().descriptors.length === 0)
    await roomy.stop()
    assert.ok((await readFile(join(folder, 'descriptors'))).length > 0)
  })

  test('starts from its cache without the network, and checks what it reads', async () => {
    await directory.start()
    await until('all documents', () => directory.microdescConsensus !== undefined && nothingNeeded())
    await directory.stop()
    await Promise.all(servers.map(server => server.stop()))
    const offline = make()
    let seen = 0
    offline.onConsensus.add(consensus => {
      seen = consensus.validAfter
    })
    await offline.start()
    assert.equal(seen, now)
    assert.equal(offline.liveness(), 'live')
    assert.deepEqual(offline.needed(), { certificates: [], descriptors: [], microdescriptors: [] })
    assert.ok(offline.descriptor(RELAYS[0]!.fingerprint))
    await offline.stop()

    const path = join(folder, 'consensus')
    await writeFile(path, (await readFile(path, 'utf8')).replace('Bandwidth=100', 'Bandwidth=999'))
    const descriptors = join(folder, 'descriptors')
    await writeFile(descriptors, (await readFile(descriptors, 'utf8')).replaceAll('lab@localhost', 'you@localhost'))
    await writeFile(join(folder, 'microdescriptors'), Buffer.from([0, 255, 1, 2, 3]))
    const damaged = make()
    await damaged.start()
    assert.equal(damaged.consensus, undefined)
    assert.ok(damaged.microdescConsensus)
    assert.ok([...damaged.descriptorTexts()].every(text => !text.includes('you@localhost')))
  })

  test('an authority that is down, busy or talks rubbish does not matter while another answers', async () => {
    await servers[0]!.stop()
    servers[1]!.intercept = path => ({ status: path.includes('consensus') ? 503 : 200, reason: 'OK', body: 'rubbish' })
    await directory.start()
    await until('all documents', () => directory.microdescConsensus !== undefined && nothingNeeded())
    assert.equal(directory.liveness(), 'live')
  })

  test('nobody there is a problem; other sources are asked then', async () => {
    await Promise.all(servers.map(server => server.stop()))
    const problems: string[] = []
    directory.onProblem.add(problem => problems.push(problem.code))
    await directory.start()
    await directory.refreshNow()
    assert.deepEqual(problems, ['unreachable'])
    const cache = await new FakeAuthority(keys[0]!, () => now).start()
    try {
      Object.assign(cache.view, { texts: servers[0]!.view.texts, certificates: servers[0]!.view.certificates })
      const { address, dirPort: port } = cache.dirAuthority
      const helped = make({ folder: join(folder, 'other'), extraSources: () => [{ kind: 'dirport', address, port }] })
      await helped.start()
      await helped.refreshNow()
      assert.equal(helped.liveness(), 'live')
    } finally {
      await cache.stop()
    }
  })

  test('a clock that is wrong is told from the servers’ Date', async () => {
    const wrong = make({ now: () => now - 2 * 3_600_000, folder: join(folder, 'wrong') })
    await wrong.start()
    await wrong.refreshNow()
    assert.equal(wrong.consensus, undefined)
    assert.ok(wrong.problem?.code === 'clock' && Math.abs(wrong.problem.skewMs - 2 * 3_600_000) < 5000)
  })

  test('the last descriptor of a relay stays in use until its newest one has arrived', async () => {
    await directory.start()
    await until('all documents', () => directory.microdescConsensus !== undefined && nothingNeeded())
    const [relay] = RELAYS as [(typeof RELAYS)[number]]
    publish(now + INTERVAL, { relays: [{ ...relay, digest: 'AB'.repeat(20) }] })
    now += INTERVAL
    await directory.refreshNow()
    assert.equal(directory.consensus?.routers.length, 1)
    assert.deepEqual(directory.needed().descriptors, ['AB'.repeat(20)])
    assert.equal(directory.descriptor(relay.fingerprint)?.digest, relay.digest)
    assert.equal(directory.findByEd25519(relay.ed25519Identity)?.status.fingerprint, relay.fingerprint)
  })

  test('stop ends what is under way at once', async () => {
    let connections = 0
    const silent = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: () => connections++ })
    try {
      const authorities = [{ ...servers[0]!.dirAuthority, dirPort: silent.port }]
      const waiting = make({ authorities, folder: join(folder, 'waiting') })
      await waiting.start()
      await until('a request', () => connections > 0)
      const before = Date.now()
      await waiting.stop()
      assert.ok(Date.now() - before < 1000)
      await waiting.refreshNow()
      assert.equal(connections, 1)
    } finally {
      await silent.close()
    }
  })
})

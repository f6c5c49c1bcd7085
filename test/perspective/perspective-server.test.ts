import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { encodeBegin } from '../../main/cell/begin.ts'
import { DestroyReason, EndReason, RelayCommand } from '../../main/cell/command.ts'
import { PaStatusCode } from '../../main/cell/pa.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { silentLog } from '../../main/lib/log.ts'
import { AccessLog } from '../../main/perspective/access-log.ts'
import type { AccessRecord } from '../../main/perspective/access-record.ts'
import { FileKeyKeeper } from '../../main/perspective/key-keeper.ts'
import { DEFAULT_PERSPECTIVE_LIMITS } from '../../main/perspective/perspective-limits.ts'
import { MISUSES } from '../../shared/perspective-server.ts'
import { listen } from '../circuit/chain.ts'
import { ServerFixture, until } from './server-fixture.ts'

const open: ServerFixture[] = []
const targets: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const fixture of open.splice(0)) await fixture.close()
  for (const target of targets.splice(0)) await target.close()
})

async function fixture(options: ConstructorParameters<typeof ServerFixture>[0] = {}): Promise<ServerFixture> {
  const made = new ServerFixture(options)
  open.push(made)
  await made.server.start()
  return made
}

/** A server that echoes. */
async function echo(): Promise<number> {
  const target = await listen(socket => socket.pipe(socket))
  targets.push(target)
  return target.port
}

const { quota, guard } = DEFAULT_PERSPECTIVE_LIMITS
const signal = () => AbortSignal.timeout(5000)
const at = (port: number, host = '127.0.0.1') => ({ host, port })

describe('admission at the server', () => {
  test('S18 S21: a link to the ORPort becomes a perspective link, and only then are circuits its', async () => {
    const f = await fixture()
    const port = await echo()
    const link = f.link(f.peer())
    link.negotiate()
    assert.equal(await link.status(), PaStatusCode.BEING_TESTED)
    assert.equal(await link.status(), PaStatusCode.ADMITTED)
    const circuit = await link.build()
    const stream = await circuit.openStream(at(port), { signal: signal() })
    stream.resume()
    let back = ''
    stream.onData = data => {
      back += data
    }
    stream.write(Buffer.from('hello'))
    await until(() => back === 'hello', 'the echo')
    assert.equal(f.orCreates, 0)
  })

  test('S18: a refused link stays an OR link', async () => {
    const f = await fixture()
    const link = f.link(f.peer('127.0.0.1', ['Valid', 'Running']))
    assert.equal(await f.verdict(link), PaStatusCode.NOT_STABLE)
    assert.equal(link.channel.closed, false)
    await assert.rejects(
      Promise.race([
        link.build(),
        until(() => f.orCreates === 1, 'the CREATE at the OR circuits').then(() => Promise.reject(new Error('went to OR'))),
      ]),
      /went to OR/,
    )
  })

  test('S5: while perspective access is off the answer is 12, and Tor goes on', async () => {
    const f = await fixture({ door: 'off' })
    const link = f.link(f.peer())
    assert.equal(await f.verdict(link), PaStatusCode.OFF)
    assert.equal(link.channel.closed, false)
    await f.server.setDoor('virtual')
    assert.equal(await f.verdict(link), PaStatusCode.ADMITTED)
    await f.server.setDoor('off')
    assert.equal(await link.status(), PaStatusCode.OFF)
    assert.deepEqual(f.server.peers, [])
    assert.equal(link.channel.closed, false)
  })

  test('S24 T1: the steps are taken in order; before the last one nobody is tested, resolved or dialled', async () => {
    const f = await fixture()
    const peer = f.peer()
    f.probe = async () => ({ usable: false, door: 'dir', reason: '' })
    f.live = false
    peer.flags = new Set(['Valid'])
    await f.blocks.add({ target: { kind: 'fingerprint', fingerprint: peer.fingerprint } })
    f.limits = { ...f.limits, quota: { ...quota, links: 0 } }
    const link = f.link(peer)
    const next = async (expected: number, mend: () => unknown) => {
      assert.equal(await f.verdict(link), expected)
      assert.deepEqual([f.probed, f.resolved], [[], []])
      await mend()
    }
    assert.equal(await f.verdict(f.link(undefined)), PaStatusCode.NOT_AUTHENTICATED)
    assert.equal(await f.verdict(f.link({ ...peer, fingerprint: '' }, '127.0.0.9')), PaStatusCode.DIRECTORY_NOT_LIVE)
    await next(PaStatusCode.DIRECTORY_NOT_LIVE, () => {
      f.live = true
    })
    await next(PaStatusCode.NOT_RUNNING, () => peer.flags.add('Running'))
    await next(PaStatusCode.NOT_STABLE, () => peer.flags.add('Stable'))
    assert.equal(await f.verdict(f.link(peer, '127.0.0.9')), PaStatusCode.ADDRESS_DIFFERS)
    await next(PaStatusCode.BLOCKED, () => f.blocks.replace(''))
    await next(PaStatusCode.OVER_QUOTA, () => {
      f.limits = { ...f.limits, quota }
    })
    assert.equal(await f.verdict(link), PaStatusCode.DIR_PORT_UNUSABLE)
    assert.deepEqual(f.probed, [peer.fingerprint])
    assert.deepEqual(f.resolved, [])
  })

  test('S8 S23: which door is not usable is said, and when to come again', async () => {
    const f = await fixture()
    const expected = { or: PaStatusCode.OR_PORT_UNUSABLE, dir: PaStatusCode.DIR_PORT_UNUSABLE, pa: PaStatusCode.PA_PORT_UNUSABLE } as const
    for (const door of ['or', 'dir', 'pa'] as const) {
      f.probe = async () => ({ usable: false, door, reason: 'closed' })
      const link = f.link(f.peer())
      assert.equal(await f.verdict(link), expected[door])
      const { retryAfter } = link.statuses.at(-1)!
      assert.ok(retryAfter > 55 && retryAfter <= 60, `${retryAfter} s`)
    }
  })

  test('T3: more tests than may run at once: busy, with a time to come again', async () => {
    const f = await fixture()
    const gate = Promise.withResolvers<void>()
    f.probe = () => gate.promise.then(() => ({ usable: true }))
    const waiting = [f.link(f.peer()), f.link(f.peer())]
    for (const link of waiting) {
      link.negotiate()
      assert.equal(await link.status(), PaStatusCode.BEING_TESTED)
    }
    const third = f.link(f.peer())
    assert.equal(await f.verdict(third), PaStatusCode.BUSY)
    assert.ok(third.statuses.at(-1)!.retryAfter > 0)
    gate.resolve()
    for (const link of waiting) assert.equal(await link.status(), PaStatusCode.ADMITTED)
  })

  test('S8: an admitted peer whose door closes loses its admission at the next test', async () => {
    const f = await fixture({ passMs: 50, retestMs: 20 })
    const peer = f.peer()
    const link = await f.admitted(peer)
    const circuit = await link.build()
    await until(() => f.probed.length >= 3, 'tests that it passes')
    assert.deepEqual(f.server.peers, [peer.fingerprint])
    f.probe = async () => ({ usable: false, door: 'pa', reason: 'closed' })
    assert.equal(await link.status(), PaStatusCode.PA_PORT_UNUSABLE)
    await until(() => circuit.closed, 'the end of its circuit')
    assert.deepEqual(f.server.peers, [])
  })

  test('S7: at a new consensus without the flag an admitted peer loses its admission', async () => {
    const f = await fixture()
    const peer = f.peer()
    const link = await f.admitted(peer)
    const circuit = await link.build()
    f.server.recheck()
    assert.deepEqual(f.server.peers, [peer.fingerprint])
    peer.flags.delete('Running')
    f.server.recheck()
    assert.equal(await link.status(), PaStatusCode.NOT_RUNNING)
    await until(() => circuit.closed, 'the end of its circuit')
  })

  test('S15: where Running is enough, losing Stable changes nothing', async () => {
    const f = await fixture()
    f.admits = 'running'
    const peer = f.peer('127.0.0.1', ['Valid', 'Running'])
    await f.admitted(peer)
    f.server.recheck()
    assert.deepEqual(f.server.peers, [peer.fingerprint])
  })

  test('T2: one identity alive in two places: both end, the owner is told, and it stays out for a while', async () => {
    const f = await fixture({ limits: { doubtMs: 200 } })
    const alarms: unknown[] = []
    f.server.onAlarm.add(alarm => alarms.push(alarm))
    const peer = f.peer()
    const first = await f.admitted(peer)
    assert.equal(await f.verdict(f.link(peer, '127.0.0.9')), PaStatusCode.ADDRESS_DIFFERS)
    assert.equal(await first.status(), PaStatusCode.ADDRESS_DIFFERS)
    assert.deepEqual(f.server.peers, [])
    assert.deepEqual(alarms, [{ kind: 'two-sources', fingerprint: peer.fingerprint }])
    assert.equal(await f.verdict(f.link(peer)), PaStatusCode.ADDRESS_DIFFERS)
    await new Promise(resolve => setTimeout(resolve, 250))
    assert.equal(await f.verdict(f.link(peer)), PaStatusCode.ADMITTED)
  })

  test('a relay that negotiates over and over on its ORPort link is answered without looking', async () => {
    const f = await fixture({ limits: { negotiations: 3 } })
    f.live = false
    const link = f.link(f.peer())
    const answers: number[] = []
    for (let i = 0; i < 5; i++) answers.push(await f.verdict(link))
    assert.deepEqual(answers, [13, 13, 13, PaStatusCode.BUSY, PaStatusCode.BUSY])
  })
})

describe('S28: the block list and live sessions', () => {
  const targets = {
    fingerprint: (fingerprint: string) => `$${fingerprint}`,
    network: () => '127.0.0.0/8',
    country: () => '{se}',
    family: () => `family:$${'AB'.repeat(20)}`,
  }
  for (const [name, line] of Object.entries(targets)) {
    test(`by ${name}: ends them within 2 s, with its status`, async () => {
      const f = await fixture()
      f.countryOf = () => 'se'
      const peer = f.peer()
      peer.family = [`$${'AB'.repeat(20)}`]
      const link = await f.admitted(peer)
      const circuit = await link.build()
      const start = performance.now()
      await f.blocks.replace(line(peer.fingerprint))
      assert.equal(await link.status(), PaStatusCode.BLOCKED)
      await until(() => circuit.closed, 'the end of its circuit')
      assert.ok(performance.now() - start < 2000)
      assert.equal(await f.verdict(f.link(peer)), PaStatusCode.BLOCKED)
      await f.blocks.replace('')
      assert.equal(await f.verdict(f.link(peer)), PaStatusCode.ADMITTED)
    })
  }

  test('a blocked relay may not probe either', async () => {
    const f = await fixture()
    await f.blocks.replace('127.0.0.0/8')
    assert.equal(await f.verdict(f.link(f.peer()), 1), PaStatusCode.BLOCKED)
  })
})

describe('T11: quotas of a peer', () => {
  test('links', async () => {
    const f = await fixture()
    const peer = f.peer()
    const links = [await f.admitted(peer), await f.admitted(peer)]
    const third = f.link(peer)
    assert.equal(await f.verdict(third), PaStatusCode.OVER_QUOTA)
    assert.equal(third.statuses.at(-1)!.retryAfter, 60)
    links[0]!.channel.close()
    await until(() => f.server.sessions[0]?.links === 1, 'one link less')
    assert.equal(await f.verdict(third), PaStatusCode.ADMITTED)
  })

  test('circuits, over all its links', async () => {
    const f = await fixture({ limits: { quota: { ...quota, circuits: 3 } } })
    const peer = f.peer()
    const [a, b] = [await f.admitted(peer), await f.admitted(peer)]
    const circuits = [await a.build(), await b.build(), await a.build()]
    await assert.rejects(b.build(), { name: 'CircuitRefused' })
    circuits[0]!.close()
    await until(() => f.server.sessions[0]!.circuits === 2, 'one circuit less')
    await b.build()
  })

  test('streams at once, and new streams a second; nothing leaks when they end', async () => {
    const port = await echo()
    // A newcomer has a quarter.
    const f = await fixture({ limits: { quota: { ...quota, streams: 12, streamsPerSecond: 1000 } } })
    const link = await f.admitted(f.peer())
    const circuit = await link.build()
    const streams = await Promise.all(Array.from({ length: 3 }, () => circuit.openStream(at(port), { signal: signal() })))
    await assert.rejects(circuit.openStream(at(port), { signal: signal() }), { name: 'StreamRefused', reason: EndReason.RESOURCELIMIT })
    for (const stream of streams) stream.abort()
    await until(() => f.server.sessions[0]!.streams === 0, 'all streams given back')
    await circuit.openStream(at(port), { signal: signal() })
    f.limits = { ...f.limits, quota: { ...f.limits.quota, streams: 1000, streamsPerSecond: 4, streamBurst: 5 } }
    f.server.recheck()
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => circuit.openStream(at(port), { signal: signal() })))
    const made = outcomes.filter(outcome => outcome.status === 'fulfilled').length
    assert.ok(made >= 5 && made <= 7, `${made} streams`)
    circuit.close()
    await until(() => f.server.sessions[0]!.streams === 0, 'all streams given back')
  })

  test('lookups a second', async () => {
    const f = await fixture({ limits: { quota: { ...quota, resolvesPerSecond: 4, resolveBurst: 5 } } })
    const circuit = await (await f.admitted(f.peer())).build()
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => circuit.resolve(`n${i}.example`, { signal: signal() })))
    assert.equal(answers.length, 20)
    assert.ok(f.resolved.length >= 5 && f.resolved.length <= 7, `${f.resolved.length} lookups`)
  })

  test('bytes of the day: the session ends, and the status says when to come again', async () => {
    const port = await echo()
    const f = await fixture({ limits: { quota: { ...quota, bytesPerDay: 200_000 }, freeBytesPerDay: 0 }, retestMs: 20 })
    const peer = f.peer()
    const link = await f.admitted(peer)
    const stream = await (await link.build()).openStream(at(port), { signal: signal() })
    stream.resume()
    stream.write(Buffer.alloc(100_000))
    assert.equal(await link.status(), PaStatusCode.OVER_QUOTA)
    const again = f.link(peer)
    assert.equal(await f.verdict(again), PaStatusCode.OVER_QUOTA)
    const { retryAfter } = again.statuses.at(-1)!
    assert.ok(retryAfter > 86_000 && retryAfter <= 86_400, `${retryAfter} s`)
  })
})

describe('what leaves', () => {
  test('S10: BEGIN_DIR is no directory', async () => {
    const f = await fixture()
    const link = await f.admitted(f.peer())
    await assert.rejects((await link.build()).openDirectory({ signal: signal() }), { reason: EndReason.NOTDIRECTORY })
  })

  test('S10 T15: whatever a peer says on its circuit, nothing goes on from here: what would is answered DESTROY', async () => {
    const f = await fixture({ limits: { quota: { ...DEFAULT_PERSPECTIVE_LIMITS.quota, circuits: 1000 } } })
    const link = await f.admitted(f.peer())
    const onward = [6, 14, 32, 33, 34, 35, 36, 37, 38, 39, 40]
    for (let command = 0; command <= 60; command++) {
      for (const early of [true, false]) {
        const client = await link.buildRaw()
        client.send(command, 0, randomBytes(60), { early })
        // Something that is always answered, unless the circuit is gone.
        client.send(RelayCommand.RESOLVE, 7, Buffer.from('127.0.0.1\0'))
        await until(() => client.of(RelayCommand.RESOLVED).length > 0 || client.destroyed !== undefined, `an answer after ${command}`)
        if (onward.includes(command)) assert.equal(client.destroyed, DestroyReason.PROTOCOL, `command ${command}`)
        client.destroy(DestroyReason.FINISHED)
      }
    }
    assert.equal(f.orCreates, 0)
    assert.deepEqual(f.resolved, [])
  })

  test('T15: a changed bit anywhere in a cell of a perspective circuit destroys it, and nothing of it leaves', async () => {
    const arrived: Buffer[] = []
    const target = await listen(socket => socket.on('data', data => arrived.push(data)))
    targets.push(target)
    const f = await fixture({ limits: { quota: { ...DEFAULT_PERSPECTIVE_LIMITS.quota, circuits: 1000 } } })
    const link = await f.admitted(f.peer())
    for (const at of [0, 1, 3, 5, 8, 10, 11, 20, 508]) {
      const client = await link.buildRaw()
      client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: '127.0.0.1', port: target.port, flags: 0 }))
      await client.message(RelayCommand.CONNECTED)
      client.send(RelayCommand.DATA, 1, Buffer.from('tagged'), { tamper: body => body.writeUInt8(body[at]! ^ 0x40, at) })
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL, `byte ${at}`)
    }
    assert.deepEqual(arrived, [])
  })

  test('S30: the perspective policy decides, on the address, and may change while circuits are open', async () => {
    const port = await echo()
    const f = await fixture()
    const circuit = await (await f.admitted(f.peer())).build()
    await circuit.openStream(at(port), { signal: signal() })
    f.policy = (await import('../../main/document/exit-policy.ts')).ExitPolicy.parse(`reject 127.0.0.1:${port}, accept *:*`)
    await assert.rejects(circuit.openStream(at(port), { signal: signal() }), { reason: EndReason.EXITPOLICY })
    await assert.rejects(circuit.openStream(at(port, 'name.example'), { signal: signal() }), { reason: EndReason.EXITPOLICY })
  })

  test('T17: a peer whose connections are answered by nobody is blocked for an hour, with the reason', async () => {
    const f = await fixture({ limits: { guard: { ...guard, failMinimum: 5, destinationsPerMinute: 100 } } })
    const alarms: unknown[] = []
    f.server.onAlarm.add(alarm => alarms.push(alarm))
    const peer = f.peer()
    const link = await f.admitted(peer)
    const circuit = await link.build()
    const closed = await listen(() => {})
    await closed.close()
    // Nobody listens on low ports of these loopback addresses.
    await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => circuit.openStream(at(closed.port, `127.9.9.${i + 1}`), { signal: signal() })),
    )
    assert.equal(await link.status(), PaStatusCode.BLOCKED)
    assert.deepEqual(alarms, [{ kind: 'scan', fingerprint: peer.fingerprint }])
    const [entry] = f.blocks.entries
    assert.equal(entry!.reason, `automatic: ${MISUSES.scan}`, 'what the window has words for')
    assert.ok(Math.abs(entry!.expires! - Date.now() - 3_600_000) < 5000)
    assert.equal(await f.verdict(f.link(peer)), PaStatusCode.BLOCKED)
  })

  test('S26: an ended stream is in the access log, by address and never by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'access-'))
    const accessLog = new AccessLog({ folder, keepers: [new FileKeyKeeper(join(folder, 'key'))], log: silentLog })
    await accessLog.configure({ hours: 1, truncate: false })
    const port = await echo()
    const f = await fixture({ accessLog })
    const peer = f.peer()
    const circuit = await (await f.admitted(peer)).build()
    const stream = await circuit.openStream(at(port, 'planted-host.example'), { signal: signal() })
    stream.resume()
    stream.write(Buffer.from('four'))
    await until(() => stream.bytesIn === 4, 'the echo')
    assert.deepEqual(
      [...f.server.streams.records()].map(({ port, reason }) => [port, reason]),
      [[port, 0]],
    )
    stream.end()
    await until(() => f.server.served.written === 4 && [...f.server.streams.records()].length === 0, 'the end')
    const records: AccessRecord[] = []
    for await (const record of accessLog.records()) records.push(record)
    const [one] = records
    assert.deepEqual(
      [records.length, one!.peer, one!.address, one!.port, one!.bytesIn, one!.bytesOut, one!.reason],
      [1, peer.fingerprint, '127.0.0.1', port, 4, 4, EndReason.MISC],
    )
    await accessLog.stop()
    const { execFileSync } = await import('node:child_process')
    assert.throws(() => execFileSync('grep', ['-r', 'planted', folder]), { status: 1 })
    await rm(folder, { recursive: true })
  })

  test('T16: while the relay is overloaded newcomers and new streams are told so', async () => {
    const port = await echo()
    const f = await fixture()
    const circuit = await (await f.admitted(f.peer())).build()
    f.server.shares.paused = true
    await assert.rejects(circuit.openStream(at(port), { signal: signal() }), { reason: EndReason.RESOURCELIMIT })
    const link = f.link(f.peer())
    assert.equal(await f.verdict(link), PaStatusCode.BUSY)
    f.server.shares.paused = false
    await circuit.openStream(at(port), { signal: signal() })
  })
})

describe('T3: the probe class', () => {
  test('once in a while a peer, so many a minute in all; no test is caused, and Running is not asked for', async () => {
    const f = await fixture({ limits: { probesPerMinute: 2 } })
    const peer = f.peer('127.0.0.1', ['Valid'])
    assert.equal(await f.verdict(f.link(peer), 1), PaStatusCode.ADMITTED)
    const again = f.link(peer)
    assert.equal(await f.verdict(again, 1), PaStatusCode.OVER_QUOTA)
    assert.ok(again.statuses.at(-1)!.retryAfter > 590)
    assert.equal(await f.verdict(f.link(f.peer()), 1), PaStatusCode.ADMITTED)
    const third = f.link(f.peer())
    assert.equal(await f.verdict(third, 1), PaStatusCode.OVER_QUOTA)
    assert.ok(third.statuses.at(-1)!.retryAfter <= 60)
    assert.deepEqual(f.probed, [])
  })

  test('one stream, to its own listed DirPort; no second circuit, no lookups', async () => {
    const f = await fixture()
    const link = f.link(f.peer())
    assert.equal(await f.verdict(link, 1), PaStatusCode.ADMITTED)
    const circuit = await link.build()
    await assert.rejects(link.build(), { name: 'CircuitRefused' })
    await assert.rejects(circuit.openStream(at(9031), { signal: signal() }), { reason: EndReason.EXITPOLICY })
    await assert.rejects(circuit.openStream(at(9030, '127.0.0.2'), { signal: signal() }), { reason: EndReason.EXITPOLICY })
    await assert.rejects(circuit.openStream(at(9030, 'name.example'), { signal: signal() }), { reason: EndReason.EXITPOLICY })
    await circuit.resolve('name.example', { signal: signal() }).catch(() => {})
    assert.deepEqual(f.resolved, [])
    // Its DirPort is closed here: dialled, and once only.
    await assert.rejects(circuit.openStream(at(9030), { signal: signal() }), { reason: EndReason.CONNECTREFUSED })
    await assert.rejects(circuit.openStream(at(9030), { signal: signal() }), { reason: EndReason.EXITPOLICY })
  })
})

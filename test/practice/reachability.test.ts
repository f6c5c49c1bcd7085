import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { silentLog } from '../../main/lib/log.ts'
import { ReachabilityTests } from '../../main/practice/reachability.ts'
import { RelayHistory } from '../../main/practice/relay-history.ts'

const START = 1_700_000_000_000
const OWN = 'F'.repeat(40)
const relay = (letter: string, orPort = 9001): ServerDescriptor =>
  ({
    fingerprint: letter.repeat(40),
    ed25519Identity: Buffer.alloc(32, letter),
    address: '127.46.0.10',
    orPort,
  }) as unknown as ServerDescriptor

interface Probe {
  readonly fingerprint: string
  readonly signal: AbortSignal
  reach(): void
  fail(): void
}

describe('an authority’s reachability tests', () => {
  let now: number
  let probes: Probe[]
  let relays: ServerDescriptor[]
  let history: RelayHistory
  let tests: ReachabilityTests
  beforeEach(() => {
    now = START
    probes = []
    relays = []
    history = new RelayHistory({ downrateInterval: 60_000, addressChangePenalty: 35_000 })
    tests = new ReachabilityTests({
      relays: () => relays,
      ownFingerprint: OWN,
      history,
      probe: ({ rsaIdentity }, signal) =>
        new Promise((reach, reject) => {
          const fail = () => reject(new Error('not reached'))
          signal.addEventListener('abort', fail)
          probes.push({ fingerprint: rsaIdentity.toString('hex').toUpperCase(), signal, reach, fail })
        }),
      cycle: 8_000,
      timeout: 5_000,
      reachableFor: 20_000,
      now: () => now,
      log: silentLog,
    })
    tests.start()
  })
  afterEach(() => tests.stop())

  test('make a relay reachable for a while', async () => {
    const done = tests.test(relay('A'))
    assert.equal(tests.judge('A'.repeat(40)), false)
    probes[0]!.reach()
    await done
    assert.equal(tests.judge('A'.repeat(40)), true)
    assert.equal(history.record('A'.repeat(40), now + 1000).runningFor, 1000)
    for (let seconds = 0; seconds < 19; seconds++) {
      now += 1000
      tests.judge(OWN)
    }
    assert.equal(tests.judge('A'.repeat(40)), true)
    now += 1000
    assert.equal(tests.judge('A'.repeat(40)), false)
    // It is held to have gone down when the next test should have reached it.
    assert.deepEqual(history.record('A'.repeat(40), now), { wfu: 8 / 20, timeKnown: 20_000, mtbf: 8_000, runningFor: 0 })
  })

  test('change nothing when they fail', async () => {
    const done = tests.test(relay('A'))
    probes[0]!.fail()
    await done
    assert.equal(tests.judge('A'.repeat(40)), false)
  })

  test('of one relay are never two at a time', async () => {
    const first = tests.test(relay('A'))
    assert.equal(tests.test(relay('A')), first)
    assert.equal(probes.length, 1)
    probes[0]!.reach()
    await first
    void tests.test(relay('A'))
    assert.equal(probes.length, 2)
  })

  test('spare the authority’s own relay, which runs', async () => {
    await tests.test(relay('F'))
    assert.equal(probes.length, 0)
    assert.equal(tests.judge(OWN), true)
  })

  test('are given up at the stop, and none begins after it', async () => {
    const done = tests.test(relay('A'))
    await tests.stop()
    assert.equal(probes[0]!.signal.aborted, true)
    await done
    await tests.test(relay('B'))
    assert.equal(probes.length, 1)
  })

  test('go round, a few at a time', async () => {
    relays = [...'ABCDE0123456'].map(letter => relay(letter))
    const deadline = Date.now() + 10_000
    while (probes.length < 8 && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(probes.length, 8)
    for (const probe of probes) probe.reach()
    while (probes.length < 12 && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
    assert.deepEqual(probes.map(probe => probe.fingerprint[0]).join(''), 'ABCDE0123456')
  })

  test('forgive relays the time that the computer slept', async () => {
    const done = tests.test(relay('A'))
    probes[0]!.reach()
    await done
    tests.judge(OWN)
    now += 3_600_000
    assert.equal(tests.judge('A'.repeat(40)), true)
    now += 9_000
    assert.equal(tests.judge('A'.repeat(40)), true)
  })
})

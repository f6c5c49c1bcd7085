import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JourneyFacts, type LockFacts, locksOf, nextJourney } from '../../main/app/journey.ts'
import type { Journey } from '../../shared/state.ts'

const FRESH: JourneyFacts = {
  consented: true,
  wanted: true,
  listening: true,
  directoryLive: true,
  orProved: true,
  publishedAt: 5,
  publishing: true,
  running: true,
  stable: true,
  listedSince: undefined,
  locks: [],
  blocked: undefined,
  hindrance: undefined,
}
const start: Journey = { step: 'starting' }

const TABLE: [name: string, facts: Partial<JourneyFacts>, expected: Journey][] = [
  ['no consent yet', { consented: false }, { step: 'consent' }],
  ['stopped by its owner', { wanted: false }, { step: 'stopped' }],
  ['ports are being opened', { listening: false }, { step: 'starting' }],
  ['no directory yet', { directoryLive: false }, { step: 'starting' }],
  ['not reached from outside', { orProved: false }, { step: 'ports' }],
  ['with no authority yet', { publishedAt: undefined }, { step: 'publishing', since: 1000 }],
  ['published, not listed', { running: false, stable: false }, { step: 'waiting-for-listing', publishedAt: 5 }],
  ['listed, not Stable', { stable: false, locks: ['not-stable'] }, { step: 'waiting-for-stable', listedSince: 1000 }],
  ['all done', {}, { step: 'unlocked', since: 1000 }],
  ['not Stable, but some members let it in', { stable: false }, { step: 'waiting-for-stable', listedSince: 1000 }],
  [
    'listed since an earlier run of the program',
    { stable: false, locks: ['not-stable'], listedSince: 7 },
    { step: 'waiting-for-stable', listedSince: 7 },
  ],
  ['Stable without the second consent', { locks: ['no-consent'] }, { step: 'relaying', since: 1000 }],
  ['Stable with perspective access off', { locks: ['pa-off'] }, { step: 'relaying', since: 1000 }],
  ['Stable but the PAPort is closed', { locks: ['pa-port-unproved'] }, { step: 'ports' }],
  [
    'an address that the provider shares',
    { orProved: false, hindrance: { code: 'provider-shares-address', detail: {} } },
    { step: 'blocked', problem: { code: 'provider-shares-address', detail: {} } },
  ],
  [
    'a hindrance that hinders nothing any more',
    { hindrance: { code: 'provider-shares-address', detail: {} } },
    { step: 'unlocked', since: 1000 },
  ],
  [
    'a clock far off, before anything was published',
    { publishedAt: undefined, hindrance: { code: 'clock-far-off', detail: { skewSeconds: 3000 } } },
    { step: 'blocked', problem: { code: 'clock-far-off', detail: { skewSeconds: 3000 } } },
  ],
  ['… and afterwards', { hindrance: { code: 'clock-far-off', detail: {} } }, { step: 'unlocked', since: 1000 }],
  [
    'a port in use',
    { blocked: { code: 'port-in-use', detail: { port: 9001 } } },
    { step: 'blocked', problem: { code: 'port-in-use', detail: { port: 9001 } } },
  ],
]
for (const [name, facts, expected] of TABLE) {
  test(`journey: ${name}`, () => assert.deepEqual(nextJourney(start, { ...FRESH, ...facts }, 1000), expected))
}

test('a step keeps the time at which it began', () => {
  const first = nextJourney(start, FRESH, 1000)
  assert.deepEqual(nextJourney(first, FRESH, 2000), { step: 'unlocked', since: 1000 })
  const waiting = nextJourney(start, { ...FRESH, stable: false, locks: ['not-stable'] }, 10)
  assert.deepEqual(nextJourney(waiting, { ...FRESH, stable: false, locks: ['not-stable'] }, 20), {
    step: 'waiting-for-stable',
    listedSince: 10,
  })
})

const GOOD: LockFacts = {
  consented: true,
  relayRunning: true,
  offered: true,
  virtual: false,
  proved: { or: true, dir: true, pa: true },
  directoryLive: true,
  listed: true,
  flags: new Set(['Running', 'Valid', 'Stable']),
  someoneAdmitsRunning: false,
}

test('nothing locks a listed, stable relay with three proved ports', () => assert.deepEqual(locksOf(GOOD), []))

const LOCKS: [Partial<LockFacts>, string[]][] = [
  [{ consented: false }, ['no-consent']],
  [{ offered: false }, ['pa-off']],
  [{ relayRunning: false }, ['relay-stopped']],
  [{ proved: { or: false, dir: true, pa: true } }, ['or-port-unproved']],
  [{ proved: { or: true, dir: false, pa: false } }, ['dir-port-unproved', 'pa-port-unproved']],
  [{ virtual: true, proved: { or: true, dir: false, pa: false } }, []],
  [{ directoryLive: false }, ['directory-not-live']],
  [{ listed: false, flags: new Set() }, ['not-listed']],
  [{ flags: new Set(['Valid', 'Stable']) }, ['not-running']],
  [{ flags: new Set(['Valid', 'Running']) }, ['not-stable']],
  [{ flags: new Set(['Valid', 'Running']), someoneAdmitsRunning: true }, []],
]
for (const [facts, expected] of LOCKS) {
  test(`locks: ${expected.join(', ') || `none with ${Object.keys(facts).join(', ')}`}`, () =>
    assert.deepEqual(locksOf({ ...GOOD, ...facts }), expected))
}

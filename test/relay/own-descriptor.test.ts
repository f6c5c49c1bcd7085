import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { DirAuthority } from '../../main/directory/authorities.ts'
import type { PublishResult } from '../../main/directory/publisher.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { parseExtraInfo } from '../../main/document/extra-info.ts'
import { PortSummary } from '../../main/document/port-summary.ts'
import { parseServerDescriptor } from '../../main/document/server-descriptor.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { RelayKeys } from '../../main/relay/keys.ts'
import { OwnDescriptor, PROTOCOLS, type RelayFacts } from '../../main/relay/own-descriptor.ts'

const HOUR = 3_600_000
const START = Date.UTC(2030, 0, 1)
const PERSPECTIVE = { port: 9003, admits: 'stable', policy: PortSummary.parse('accept 80,443') } as const

describe('our own descriptor', () => {
  let folder: string
  let keys: RelayKeys
  let now = START
  let own: OwnDescriptor
  let facts: RelayFacts

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-own-'))
    keys = await RelayKeys.load(folder, { now: () => now })
  })
  after(() => rm(folder, { recursive: true }))
  beforeEach(() => {
    now = START
    own = new OwnDescriptor({ keys, now: () => now })
    facts = {
      nickname: 'vantage',
      address: '203.0.114.5',
      orPort: 9001,
      dirPort: 9030,
      version: '0.1.0',
      system: 'Linux',
      startedAt: START - 60_000,
      bandwidth: { rate: 1_000_000, burst: 2_000_000, observed: 500_000 },
      exitPolicy: ExitPolicy.rejectAll,
      contact: 'someone@example.org',
    }
  })

  test('says what is so, signed, with an extra-info that belongs to it', () => {
    const built = own.build({ ...facts, perspective: PERSPECTIVE, statistics: ['x-test 1'] }, 'first')
    const descriptor = parseServerDescriptor(built.descriptor, { now })
    assert.equal(descriptor.fingerprint, keys.fingerprint)
    assert.equal(descriptor.digest, built.digest)
    assert.equal(descriptor.published, START)
    assert.equal(descriptor.uptimeSeconds, 60)
    assert.equal(descriptor.platform, 'Vantage 0.1.0 on Linux with perspective access')
    assert.equal(descriptor.protocols.toString(), `${PROTOCOLS} X-Perspective=1`)
    assert.deepEqual(descriptor.perspective, { version: 1, port: 9003, admits: 'stable' })
    assert.equal(descriptor.perspectivePolicy?.toString(), 'accept 80,443')
    assert.ok(descriptor.tunnelledDirServer)
    assert.ok(!descriptor.hiddenServiceDir)
    assert.ok(descriptor.ntorKey.equals(keys.ntor.key.public))
    const extraInfo = parseExtraInfo(built.extraInfo, { owner: descriptor })
    assert.equal(extraInfo.digest, descriptor.extraInfoDigest?.sha1)
    assert.equal(extraInfo.published, descriptor.published)
    assert.match(built.extraInfo, /^x-test 1$/m)
    assert.equal(own.current, built)
  })

  test('without perspective access nothing is said of it', () => {
    const { descriptor } = own.build(facts, 'first')
    assert.doesNotMatch(descriptor, /perspective/i)
    assert.match(descriptor, new RegExp(`^proto ${PROTOCOLS}$`, 'm'))
  })

  test('is due first, after 18 hours, and not in between', () => {
    assert.equal(own.due(facts), 'first descriptor')
    own.build(facts, 'first')
    for (const hours of [0, 1, 17]) {
      now = START + hours * HOUR
      assert.equal(own.due(facts), undefined, `${hours} h`)
    }
    now = START + 18 * HOUR
    assert.equal(own.due(facts), 'time for a new descriptor')
  })

  test('is due when something changed, quick changes together, and named', () => {
    const changes: [string, Partial<RelayFacts>][] = [
      ['nickname', { nickname: 'other' }],
      ['address', { address: '203.0.114.6' }],
      ['ports', { orPort: 9002 }],
      ['ports', { dirPort: 0 }],
      ['IPv6 address', { orAddress6: { address: '2001:4860::1', port: 9001 } }],
      ['platform', { version: '0.2.0' }],
      ['contact', { contact: undefined }],
      ['family', { family: [`$${'A'.repeat(40)}`] }],
      ['hibernating', { hibernating: true }],
      ['bandwidth', { bandwidth: { ...facts.bandwidth, rate: 900_000 } }],
      ['exit policy', { exitPolicy: ExitPolicy.parse('accept *:80\nreject *:*') }],
      ['platform, perspective access', { perspective: PERSPECTIVE }],
    ]
    own.build(facts, 'first')
    for (const [name, change] of changes) {
      now = START + 59_000
      assert.equal(own.due({ ...facts, ...change }), undefined, name)
      now = START + 60_000
      assert.equal(own.due({ ...facts, ...change }), `changed: ${name}`)
    }
  })

  test('every new one differs from the one before in a field that authorities compare, whatever changed', () => {
    const offered = { ...facts, perspective: PERSPECTIVE }
    const bursts = [offered, { ...offered, perspective: { ...PERSPECTIVE, policy: PortSummary.parse('accept 443') } }, offered].map(one => {
      now += HOUR
      return parseServerDescriptor(own.build(one, 'a change').descriptor).bandwidth.burst
    })
    assert.equal(new Set(bursts).size, 3)
    for (const burst of bursts) assert.ok(Math.abs(burst - facts.bandwidth.burst) < 256)
    const another = new OwnDescriptor({ keys, now: () => now })
    const dates = [1, 2].map(() => another.build(offered, 'same second').published)
    assert.equal(dates[1]! - dates[0]!, 1000)
  })

  test('a clock that was ahead and is set right makes it due at once, with the right time', () => {
    now = START + 20 * HOUR
    own.build(facts, 'first')
    now = START
    assert.equal(own.due(facts), 'the clock was set back')
    assert.equal(own.build(facts, 'the clock was set back').published, START)
    assert.equal(own.due(facts), undefined)
  })

  test('is due again when the network does not list it, or lists it as stale', () => {
    own.build(facts, 'first')
    const listed = { live: true, listed: true, stale: false, validAfter: START }
    now = START + HOUR
    assert.equal(own.due(facts, { ...listed, listed: false }), undefined)
    now = START + 1.5 * HOUR
    assert.equal(own.due(facts, listed), undefined)
    assert.equal(own.due(facts, { ...listed, live: false, listed: false }), undefined)
    assert.match(own.due(facts, { ...listed, listed: false })!, /^not listed/)
    assert.equal(own.due(facts, { ...listed, stale: true }), undefined)
    assert.match(own.due(facts, { ...listed, stale: true, validAfter: now })!, /^listed as stale/)
    const testing = new OwnDescriptor({ keys, now: () => now, testing: true })
    testing.build(facts, 'first')
    now += 20_000
    assert.match(testing.due(facts, { ...listed, listed: false })!, /^not listed/)
  })

  test('is due when a young relay turns out much faster or slower, but not all the time', () => {
    own.build(facts, 'first')
    const faster = { ...facts, bandwidth: { ...facts.bandwidth, observed: 1_100_000 } }
    now = START + 2 * HOUR
    assert.equal(own.due(faster), undefined)
    now = START + 3 * HOUR
    assert.equal(own.due(faster), 'the bandwidth has changed')
    assert.equal(own.due({ ...facts, bandwidth: { ...facts.bandwidth, observed: 600_000 } }), undefined)
    assert.equal(own.due({ ...faster, startedAt: now - 25 * HOUR }), undefined)
  })

  test('is due again when all authorities kept the one before', () => {
    own.build(facts, 'first')
    now = START + HOUR
    const result = (outcome: PublishResult['outcome'], confirmed = false): PublishResult => ({
      authority: {} as DirAuthority,
      outcome,
      answer: '',
      confirmed,
    })
    own.note([result('not-new'), result('accepted', true)])
    assert.equal(own.due(facts), undefined)
    own.note([result('not-new', true), result('unreachable')])
    assert.equal(own.due(facts), undefined)
    own.note([])
    assert.equal(own.due(facts), undefined)
    own.note([result('not-new'), result('unreachable')])
    assert.equal(own.due(facts), 'the authorities kept the one before')
    own.build(facts, 'again')
    now += HOUR
    assert.equal(own.due(facts), undefined)
  })

  test('is due when keys were renewed', async () => {
    own.build(facts, 'first')
    now = START + 26 * 24 * HOUR
    const other = await RelayKeys.load(folder, { now: () => START })
    const mine = new OwnDescriptor({ keys: other, now: () => now })
    mine.build(facts, 'first')
    now += 60_000
    assert.equal(mine.due(facts), undefined)
    assert.equal(await other.rotate(now), true)
    assert.equal(mine.due(facts), 'changed: keys')
  })

  test('facts that cannot be said are refused, and the one before stays', () => {
    const built = own.build(facts, 'first')
    const wrong: Partial<RelayFacts>[] = [
      { nickname: 'much too long for a nickname' },
      { nickname: '' },
      { address: '2001:db8::1' },
      { orPort: 0 },
      { bandwidth: { rate: 0, burst: 0, observed: 0 } },
      { perspective: { ...PERSPECTIVE, port: 70_000 } },
      { contact: 'x'.repeat(30_000) },
    ]
    for (const change of wrong) {
      assert.throws(() => own.build({ ...facts, ...change }, 'a mistake'), MalformedError, JSON.stringify(change).slice(0, 80))
      assert.equal(own.current, built)
    }
  })

  test('a contact cannot smuggle in a line', () => {
    const { descriptor } = own.build({ ...facts, contact: 'me\nreject6 *:*\r\naccept *:*' }, 'first')
    assert.match(descriptor, /^contact me reject6 \*:\* accept \*:\*$/m)
  })
})

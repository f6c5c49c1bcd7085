import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countryName } from '../../renderer/i18n/words.ts'
import { byPromise } from '../../renderer/model.ts'
import {
  activeFilters,
  findRelays,
  folded,
  isQuiet,
  NO_FILTER,
  policyAllows,
  type RelayFilter,
  RelayIndex,
  wouldAdmit,
} from '../../renderer/views/browse/relay-index.ts'
import type { PerspectiveRelay } from '../../shared/state.ts'
import { sampleState } from './sample-state.ts'

const NOW = Date.now()
const MINUTE = 60_000
const { relays } = sampleState('unlocked', {}, NOW).perspective
const STABLE = { flags: ['Running', 'Stable'] }

function found(
  query: string,
  filter: Partial<RelayFilter> = {},
  rest: { favourites?: string[]; excluded?: string[]; relays?: PerspectiveRelay[] } = {},
) {
  const index = new RelayIndex()
  const result = findRelays(index.sorted(rest.relays ?? relays, query), {
    query,
    filter: { ...NO_FILTER, ...filter },
    own: STABLE,
    excluded: rest.excluded ?? [],
    favourites: rest.favourites ?? [],
    now: NOW,
    text: row => index.text(row, 'en', countryName),
  })
  return { names: result.found.map(({ nickname }) => nickname), excluded: result.excluded }
}

describe('finding relays', () => {
  test('C11: a search looks at country, code, nickname, fingerprint, address and network; each word must fit, whatever its letters’ marks', () => {
    const [first, ...others] = relays
    const list = [{ ...first!, as: { number: 64496, name: 'Västerås Fiber' } }, ...others]
    const names = (query: string) => found(query, {}, { relays: list }).names
    assert.deepEqual(names('sweden'), ['Midnattsol', 'Uppsala2'])
    assert.deepEqual(names('  SWEDEN mid'), ['Midnattsol'])
    assert.deepEqual(names(`$${relays[3]!.fingerprint.slice(0, 12)}`), ['ZytgloggeBern'])
    assert.deepEqual(names('192.0.2.81'), ['hokusai36'])
    assert.deepEqual(names('as64496'), ['Midnattsol'])
    assert.deepEqual(names('vasteras FIBER'), ['Midnattsol'])
    assert.equal(names('').length, relays.length)
    assert.deepEqual(names('.*'), [])
    assert.equal(folded('Österreich'), 'osterreich')
  })

  test('favourites come first, and what is left out is counted', () => {
    assert.equal(found('', {}, { favourites: [relays[7]!.fingerprint] }).names[0], relays[7]!.nickname)
    assert.deepEqual(found('sweden', {}, { excluded: ['se', relays[5]!.fingerprint] }), { names: [], excluded: 3 })
  })

  test('filters: lets us in, not busy, lets the port out, quick enough; together they narrow', () => {
    assert.ok(!found('', { accepts: true }).names.includes('Uppsala2'), 'it wants a Stable relay, it said')
    assert.ok(!found('', { quiet: true }).names.includes('praiadorosa'), 'busy three minutes ago')
    assert.deepEqual(
      found('', { latency: 31 }).names,
      ['Grachtengordel', 'Leipzig', 'Midnattsol'].sort((a, b) => found('').names.indexOf(a) - found('').names.indexOf(b)),
    )
    assert.deepEqual(found('', { port: 25 }).names, [])
    assert.equal(found('', { port: 443 }).names.length, relays.length)
    assert.deepEqual(
      found('', { accepts: true, quiet: true, port: 80, latency: 30 }).names,
      ['Leipzig'],
      'the other is overloaded, it says',
    )
    assert.equal(activeFilters({ accepts: true, quiet: false, port: 80, latency: undefined }), 2)
  })

  test('a “no” stands for ten minutes or as long as the relay said; being tested is none', () => {
    const relay = { admits: 'stable' as const }
    const refused = (status: number, ago: number, wait?: number) => ({
      ...relay,
      refusal: { status, at: NOW - ago * MINUTE, until: wait === undefined ? undefined : NOW + wait * MINUTE },
    })
    assert.equal(wouldAdmit(relay, STABLE, NOW), true)
    assert.equal(wouldAdmit(relay, { flags: ['Running'] }, NOW), false)
    assert.equal(wouldAdmit({ admits: 'running' }, { flags: ['Running'] }, NOW), true)
    assert.equal(wouldAdmit({ admits: 'running' }, { flags: [] }, NOW), false)
    assert.equal(wouldAdmit(refused(11, 9), STABLE, NOW), false)
    assert.equal(wouldAdmit(refused(11, 11), STABLE, NOW), true)
    assert.equal(wouldAdmit(refused(10, 60, 5), STABLE, NOW), false)
    assert.equal(wouldAdmit(refused(14, 1), STABLE, NOW), true)
  })

  test('a relay is not quiet when it failed, said that it is full, or that it is overloaded', () => {
    const relay = relays[0]!
    assert.equal(isQuiet(relay, NOW), true)
    assert.equal(isQuiet({ ...relay, failing: true }, NOW), false)
    for (const [status, quiet] of [
      [10, false],
      [11, false],
      [4, true],
    ] as const)
      assert.equal(isQuiet({ ...relay, refusal: { status, at: NOW - 20 * MINUTE } }, NOW), quiet, String(status))
    assert.equal(isQuiet({ ...relay, refusal: { status: 11, at: NOW - 40 * MINUTE } }, NOW), true)
    assert.equal(isQuiet({ ...relay, overloadedAt: NOW - 3 * 3_600_000 }, NOW), false)
    assert.equal(isQuiet({ ...relay, overloadedAt: NOW - 30 * 3_600_000 }, NOW), true)
  })

  test('a policy summary is read as the relay means it, and anything else lets nothing out', () => {
    assert.deepEqual(
      [22, 80, 443, 8080].map(port => policyAllows('accept 80,443,8000-8100', port)),
      [false, true, true, true],
    )
    assert.deepEqual(
      [25, 80, 6665].map(port => policyAllows('reject 25,6660-6669', port)),
      [false, true, false],
    )
    for (const text of ['', 'accept', 'accept *:*', 'allow 80', 'accept 80,\u202e443', 'constructor'])
      assert.equal(policyAllows(text, 80), false, text)
  })
})

describe('the index of thousands', () => {
  test('keeps the order of a full sort through changes, newcomers and those that go', () => {
    let seed = 7
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    const row = (n: number): PerspectiveRelay => ({
      ...relays[0]!,
      fingerprint: n.toString(16).toUpperCase().padStart(40, '0'),
      nickname: `relay${random(1000)}`,
      latency: random(3) === 0 ? undefined : { ms: random(400), at: NOW },
      failing: random(5) === 0,
    })
    const index = new RelayIndex()
    let rows = Array.from({ length: 500 }, (_, n) => row(n))
    for (let round = 0; round < 20; round++) {
      const occasion = String(Math.floor(round / 3))
      const before = index.sorted(rows, occasion)
      assert.equal(before, index.sorted(rows, occasion))
      assert.deepEqual(new Set(before), new Set(rows))
      if (round % 3 === 0) assert.deepEqual(before, [...rows].sort(byPromise))
      rows = rows.flatMap((old, n) => (random(50) === 0 ? [] : random(20) === 0 ? [row(n)] : [old]))
      rows.push(row(1000 + round))
    }
  })

  test('a row that changes stays under the pointer, until there is an occasion for a new order', () => {
    const index = new RelayIndex()
    const names = (rows: readonly PerspectiveRelay[]) => rows.map(({ nickname }) => nickname)
    const before = names(index.sorted(relays, 'a'))
    const slower = relays.map(row => (row.nickname === before[0] ? { ...row, latency: { ms: 100_000, at: NOW } } : row))
    assert.deepEqual(names(index.sorted(slower, 'a')), before)
    assert.equal(index.sorted(slower, 'a')[0]!.latency?.ms, 100_000, 'what it says is new all the same')
    assert.deepEqual(names(index.sorted(slower, 'b')), names([...slower].sort(byPromise)))
    assert.notEqual(index.sorted(slower, 'b')[0]!.nickname, before[0])
  })

  test('texts are prepared in parts, as long as there is time', () => {
    const index = new RelayIndex()
    index.sorted(relays, '')
    let asked = 0
    const name = (code: string) => {
      asked++
      return code
    }
    let left = 3
    assert.equal(
      index.prepare(() => left-- > 0, 'en', name),
      false,
    )
    assert.equal(asked, 3)
    assert.equal(
      index.prepare(() => true, 'en', name),
      true,
    )
    for (const row of relays) index.text(row, 'en', name)
    assert.equal(asked, relays.length, 'each was made once')
  })

  test('another language’s country names are searched once it is spoken', () => {
    const index = new RelayIndex()
    const swede = relays[0]!
    assert.match(
      index.text(swede, 'en', () => 'Sweden'),
      /sweden/,
    )
    assert.match(
      index.text(swede, 'de', () => 'Schweden'),
      /schweden/,
    )
  })
})

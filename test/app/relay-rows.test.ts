import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RelayRows } from '../../main/app/relay-rows.ts'
import { StateStore } from '../../main/app/state-store.ts'
import type { Offer } from '../../main/perspective/offers.ts'
import type { PerspectiveClient } from '../../main/perspective/perspective-client.ts'
import { ServerBook } from '../../main/perspective/server-book.ts'
import { type AppState, type PerspectiveRelay, type StatePatch, statePatch } from '../../shared/state.ts'
import { fp, offer } from '../perspective/peer-fixture.ts'
import { sampleState } from '../renderer/sample-state.ts'

const HOUR = 3_600_000

function listed(n: number, plan: Parameters<typeof offer>[1] = {}): Offer {
  const one = offer(n, plan)
  return {
    ...one,
    corrected: false,
    status: { ...one.status, flags: new Set(['Running', 'Stable']) },
    descriptor: {
      ...one.descriptor,
      bandwidth: { rate: 9_000_000, burst: 8_000_000, observed: 7_000_000 },
      published: 10 * HOUR,
      uptimeSeconds: 2 * 3600,
      overloadedAt: 3 * HOUR,
    },
  }
}

function world(offers: Offer[]) {
  let now = 1_000_000
  const book = new ServerBook(() => now)
  const sessions = new Map<string, { state: 'open' | 'opening'; streams: number }>()
  const state = { offers }
  const client = {
    offers: () => state.offers,
    book,
    known: () => new Set([...book.fingerprints(), ...sessions.keys()]),
    session: (fingerprint: string) => sessions.get(fingerprint) ?? { state: undefined, streams: 0 },
  } as unknown as PerspectiveClient
  const rows = new RelayRows(client, address => (address === '192.0.2.1' ? { number: 64496, name: 'Example Net' } : undefined))
  return { book, sessions, state, rows, pass: (ms: number) => (now += ms) }
}

describe('the rows of relays', () => {
  test('say what their documents say, and load as what it is: advertised, or overloaded by its own account', () => {
    const { rows } = world([listed(1), listed(2, { country: 'no', admits: 'running' })])
    const { relays, countries } = rows.read()
    const [first, second] = relays
    assert.equal(first!.bandwidth, 7_000_000, 'the least of the three figures')
    assert.deepEqual([first!.upSince, first!.overloadedAt], [8 * HOUR, 3 * HOUR])
    assert.deepEqual(first!.as, { number: 64496, name: 'Example Net' })
    assert.deepEqual([first!.latency, first!.rate, first!.refusal, second!.admits], [undefined, undefined, undefined, 'running'])
    assert.deepEqual(countries, [
      { country: 'no', relays: 1 },
      { country: 'se', relays: 1 },
    ])
  })

  test('leave out a beginning before all dates, whatever a relay says of how long it runs', () => {
    const hostile = listed(1)
    const { rows } = world([{ ...hostile, descriptor: { ...hostile.descriptor, uptimeSeconds: 999_999_999_999_999 } }])
    assert.equal(rows.read().relays[0]!.upSince, undefined)
  })

  test('stay the same objects until something differs, and then only those that do', () => {
    const { rows, book, sessions } = world([listed(1), listed(2), listed(3)])
    const before = rows.read().relays
    assert.equal(rows.read().relays, before)
    book.measured(fp(2), 40)
    const after = rows.read().relays
    assert.notEqual(after, before)
    assert.deepEqual([after[0] === before[0], after[1] === before[1], after[2] === before[2]], [true, false, true])
    assert.equal(after[1]!.latency?.ms, 40)
    assert.equal(rows.read().relays, after)
    sessions.set(fp(3), { state: 'open', streams: 2 })
    assert.deepEqual([rows.read().relays[2]!.session, rows.read().relays[2]!.streams], ['open', 2])
    sessions.delete(fp(3))
    book.measured(fp(3), 10)
    assert.equal(rows.read().relays[2]!.session, undefined)
  })

  test('outlive a new list of offers, with what we know of the relay; who is no longer offered is gone', () => {
    const one = listed(1)
    const { rows, book, state } = world([one, listed(2)])
    book.carried(fp(1), 500_000)
    const before = rows.read().relays
    state.offers = [{ ...one, status: { ...one.status, flags: new Set(['Stable', 'Running']) } }]
    const after = rows.read()
    assert.equal(after.relays[0], before[0], 'another consensus entry that says the same')
    assert.deepEqual(after.countries, [{ country: 'se', relays: 1 }])
    state.offers = [{ ...one, country: 'fi', corrected: true }]
    const corrected = rows.read().relays[0]!
    assert.deepEqual([corrected.country, corrected.corrected, corrected.rate?.bytesPerSecond], ['fi', true, 500_000])
  })

  test('a failure is shown for minutes and then no more', () => {
    const { rows, book, pass } = world([listed(1)])
    book.failed(fp(1))
    assert.equal(rows.read().relays[0]!.failing, true)
    pass(20 * 60_000)
    assert.equal(rows.read().relays[0]!.failing, false)
  })
})

describe('the store', () => {
  const started = () => {
    const state = sampleState('unlocked')
    const store = new StateStore(state)
    const patches: StatePatch[] = []
    store.onPatch.add(patch => {
      // As it comes out of the other end of a connection.
      patches.push(statePatch.parse(JSON.parse(JSON.stringify(patch))))
    })
    const set = (section: Partial<AppState['perspective']>) => {
      store.set('perspective', { ...store.state.perspective, ...section })
      store.flush()
      return patches.splice(0)
    }
    return { store, set, relays: state.perspective.relays }
  }

  test('C6: sends the rows that are others, those that are gone, and no section when only rows differ', () => {
    const { set, relays, store } = started()
    const slower: PerspectiveRelay = { ...relays[1]!, latency: { ms: 900, at: 5 } }
    const [patch, ...more] = set({ relays: [relays[0]!, slower, ...relays.slice(3)] })
    assert.deepEqual(
      [more, patch!.sections, patch!.relays],
      [[], {}, { changed: [JSON.parse(JSON.stringify(slower))], gone: [relays[2]!.fingerprint] }],
    )
    assert.equal(patch!.revision, store.state.revision)
    assert.equal(store.state.perspective.relays.length, relays.length - 1, 'a snapshot has them all')
    assert.deepEqual(set({ relays: [...store.state.perspective.relays] }), [], 'the same rows in another array')
  })

  test('sends the section without its rows when only the section differs', () => {
    const { set } = started()
    const [patch] = set({ choice: { kind: 'any' } })
    assert.deepEqual(
      [patch!.sections.perspective?.choice, patch!.sections.perspective?.relays, patch!.relays],
      [{ kind: 'any' }, undefined, undefined],
    )
  })
})

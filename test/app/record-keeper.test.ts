import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { recordFactsOf } from '../../main/app/record-facts.ts'
import { type RecordFacts, RecordKeeper } from '../../main/app/record-keeper.ts'
import { MAX_BREAKS, relayRecord } from '../../shared/relay-record.ts'
import type { AppState } from '../../shared/state.ts'
import { sampleState } from '../renderer/sample-state.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const T = new Date(2026, 2, 10, 12).getTime()

const folders: string[] = []
after(() => Promise.all(folders.map(folder => rm(folder, { recursive: true }))))
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-record-'))
  folders.push(folder)
  return folder
}

const UP: RecordFacts = {
  up: true,
  fingerprint: 'A'.repeat(40),
  address: '192.0.2.1',
  port: 9001,
  reached: [],
  listed: undefined,
  observed: 0,
}

/** Looks every ten seconds from one time to another, as the app does more often. */
function pass(keeper: RecordKeeper, facts: Partial<RecordFacts>, from: number, to: number): void {
  for (let at = from; at <= to; at += 10_000) keeper.look({ ...UP, ...facts }, { wall: at, steady: at - T })
}

describe('the run', () => {
  test('short breaks leave it, one over 45 minutes begins it anew, with its cause', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    pass(keeper, { up: 'stopped' }, T - HOUR, T)
    assert.deepEqual(keeper.section(T), { milestones: {}, breaks: [] }, 'what never ran was not interrupted')
    pass(keeper, {}, T, T + HOUR)
    pass(keeper, { up: 'restart' }, T + HOUR + 10_000, T + HOUR + 30_000)
    pass(keeper, {}, T + HOUR + 40_000, T + 2 * HOUR)
    assert.deepEqual(keeper.section(T + 2 * HOUR), { milestones: {}, since: T, breaks: [] }, 'half a minute is nobody’s break')
    pass(keeper, { up: 'plan' }, T + 2 * HOUR, T + 2 * HOUR + 30 * MINUTE)
    pass(keeper, {}, T + 2.5 * HOUR, T + 3 * HOUR)
    pass(keeper, { up: 'offline' }, T + 3 * HOUR, T + 4 * HOUR)
    const during = keeper.section(T + 4 * HOUR)
    assert.deepEqual(during.breaks.at(-1), { from: T + 3 * HOUR, cause: 'offline' })
    assert.equal(during.since, undefined, 'a break so long has ended the run already')
    assert.equal(keeper.section(T + 3 * HOUR + 40 * MINUTE).since, T, '… but not a shorter one')
    pass(keeper, {}, T + 4 * HOUR, T + 5 * HOUR)
    const record = keeper.section(T + 5 * HOUR)
    assert.deepEqual(record, {
      milestones: {},
      since: T + 4 * HOUR,
      breaks: [
        { from: T + 2 * HOUR, until: T + 2.5 * HOUR, cause: 'plan' },
        { from: T + 3 * HOUR, until: T + 4 * HOUR, cause: 'offline' },
      ],
    })
    assert.deepEqual(relayRecord.parse(record), record)
  })

  test('a gap in the steady clock is a sleep; a clock that somebody sets is none', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    keeper.look(UP, { wall: T, steady: 0 })
    keeper.look(UP, { wall: T + 9 * HOUR, steady: 1000 })
    assert.deepEqual(keeper.section(T).breaks, [], 'the clock was put forward')
    keeper.look(UP, { wall: T + HOUR, steady: 7 * HOUR + 1000 })
    const woke = T + HOUR
    assert.deepEqual(keeper.section(woke).breaks, [{ from: woke - 7 * HOUR, until: woke, cause: 'sleep' }])
    assert.equal(keeper.section(woke).since, woke)
  })

  test('a new address ends it at once; the first one that is learned does not', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    keeper.look({ ...UP, address: undefined }, { wall: T, steady: 0 })
    keeper.look(UP, { wall: T + 1000, steady: 1000 })
    assert.deepEqual(keeper.section(T).breaks, [])
    keeper.look({ ...UP, address: '198.51.100.9' }, { wall: T + 2000, steady: 2000 })
    assert.deepEqual(keeper.section(T + 2000), {
      milestones: {},
      since: T + 2000,
      breaks: [{ from: T + 2000, until: T + 2000, cause: 'address' }],
    })
  })

  test('so does another ORPort, however short the restart was; the first one that is reached does not', async () => {
    const folder = await freshFolder()
    const keeper = await RecordKeeper.load(folder, T)
    pass(keeper, { port: undefined }, T, T + 10_000)
    pass(keeper, {}, T + 20_000, T + HOUR)
    pass(keeper, { up: 'restart', port: undefined }, T + HOUR, T + HOUR + 10_000)
    pass(keeper, { port: undefined }, T + HOUR + 20_000, T + HOUR + 30_000)
    assert.deepEqual(keeper.section(T + HOUR + 30_000), { milestones: {}, since: T, breaks: [] }, 'nobody has come in by it yet')
    await keeper.save(T + HOUR + 30_000)
    const again = await RecordKeeper.load(folder, T + HOUR + 40_000)
    again.look({ ...UP, port: 9443 }, { wall: T + HOUR + 40_000, steady: HOUR + 40_000 })
    const moved = T + HOUR + 40_000
    assert.deepEqual(again.section(moved), { milestones: {}, since: moved, breaks: [{ from: moved, until: moved, cause: 'port' }] })
  })

  test('a restart that does not come about has the cause that keeps it', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    pass(keeper, {}, T, T + MINUTE)
    pass(keeper, { up: 'restart' }, T + MINUTE + 10_000, T + 3 * MINUTE)
    pass(keeper, { up: 'blocked' }, T + 3 * MINUTE, T + 5 * MINUTE)
    pass(keeper, { up: 'quit' }, T + 5 * MINUTE, T + 5 * MINUTE)
    assert.deepEqual(keeper.section(T + 5 * MINUTE).breaks, [{ from: T + MINUTE + 10_000, cause: 'blocked' }])
  })

  test('only the newest breaks are kept', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    for (let i = 0; i < 3 * MAX_BREAKS; i++) {
      pass(keeper, {}, T + i * HOUR, T + i * HOUR + 10_000)
      pass(keeper, { up: 'battery' }, T + i * HOUR + MINUTE, T + i * HOUR + 5 * MINUTE)
    }
    const { breaks } = keeper.section(T + 3 * MAX_BREAKS * HOUR)
    assert.equal(breaks.length, MAX_BREAKS)
    assert.equal(breaks.at(-1)!.from, T + (3 * MAX_BREAKS - 1) * HOUR + MINUTE)
  })
})

describe('what is kept', () => {
  test('a quit and a crash are told apart by the next start; milestones keep the time of the first', async () => {
    const folder = await freshFolder()
    const first = await RecordKeeper.load(folder, T)
    pass(first, { reached: ['reachable'], listed: true, observed: 100 }, T, T + HOUR)
    first.look({ ...UP, up: 'quit' }, { wall: T + HOUR + 1000, steady: HOUR + 1000 })
    await first.save(T + HOUR + 1000)
    assert.equal((await stat(join(folder, 'record.json'))).mode & 0o777, 0o600)
    const second = await RecordKeeper.load(folder, T + 3 * HOUR)
    second.look({ ...UP, reached: ['reachable', 'running'], listed: undefined }, { wall: T + 3 * HOUR, steady: 5 })
    assert.deepEqual(second.section(T + 3 * HOUR), {
      milestones: { reachable: T, running: T + 3 * HOUR },
      since: T + 3 * HOUR,
      breaks: [{ from: T + HOUR + 1000, until: T + 3 * HOUR, cause: 'quit' }],
      listedSince: T,
      best: { rate: 100, at: T },
    })
    pass(second, {}, T + 3 * HOUR, T + 4 * HOUR)
    await second.save(T + 4 * HOUR)
    const third = await RecordKeeper.load(folder, T + 9 * HOUR)
    third.look(UP, { wall: T + 9 * HOUR, steady: 1 })
    assert.deepEqual(third.section(T + 9 * HOUR).breaks.at(-1), { from: T + 4 * HOUR, until: T + 9 * HOUR, cause: 'cut-off' })
  })

  test('another identity has no past; a damaged file is put aside and named', async () => {
    const folder = await freshFolder()
    const keeper = await RecordKeeper.load(folder, T)
    pass(keeper, { reached: ['stable'] }, T, T + MINUTE)
    keeper.look({ ...UP, fingerprint: 'B'.repeat(40) }, { wall: T + 2 * MINUTE, steady: 2 * MINUTE })
    assert.deepEqual(keeper.section(T + 2 * MINUTE), { milestones: {}, breaks: [], since: T + 2 * MINUTE })
    await keeper.save(T + 2 * MINUTE)
    assert.doesNotMatch(await readFile(join(folder, 'record.json'), 'utf8'), /AAAA/)
    await writeFile(join(folder, 'record.json'), '{"record":{"breaks":[{"from":"yesterday"}]}}')
    const damaged = await RecordKeeper.load(folder, T)
    assert.equal(damaged.problem?.code, 'settings-damaged')
    assert.deepEqual(damaged.section(T), { milestones: {}, breaks: [] })
    assert.equal((await readdir(folder)).filter(name => name.startsWith('record.damaged-')).length, 1)
  })

  test('a list that no longer has it as running ends the time of listing; the best seconds are replaced by better ones, or when they are old', async () => {
    const keeper = await RecordKeeper.load(undefined, T)
    pass(keeper, { listed: true, observed: 1000 }, T, T + MINUTE)
    pass(keeper, { listed: undefined, observed: 1010 }, T + MINUTE, T + 2 * MINUTE)
    assert.equal(keeper.section(T).listedSince, T)
    assert.deepEqual(keeper.section(T).best, { rate: 1000, at: T }, 'hardly better is not worth a change')
    keeper.look({ ...UP, listed: false, observed: 2000 }, { wall: T + 3 * MINUTE, steady: 3 * MINUTE })
    assert.equal(keeper.section(T).listedSince, undefined)
    assert.deepEqual(keeper.section(T).best, { rate: 2000, at: T + 3 * MINUTE })
    keeper.look({ ...UP, observed: 500 }, { wall: T + 31 * DAY, steady: 31 * DAY })
    assert.deepEqual(keeper.section(T).best, { rate: 500, at: T + 31 * DAY })
  })
})

describe('what it is told', () => {
  const cause = (state: AppState, quitting = false) => recordFactsOf(state, quitting).up
  const still = (step: 'paused' | 'stopped' | 'blocked' | 'starting') => {
    const state = sampleState(step)
    return { ...state, relay: { ...state.relay, running: false } }
  }
  test('why it stands still', () => {
    assert.equal(cause(sampleState('unlocked')), true)
    assert.equal(cause(still('paused')), 'person')
    assert.equal(cause(still('stopped')), 'stopped')
    assert.equal(cause(still('blocked')), 'blocked')
    assert.equal(cause(still('starting')), 'restart')
    assert.equal(cause(still('stopped'), true), 'quit')
    assert.equal(cause(sampleState('consent')), 'stopped')
    const offline = { code: 'offline' as const, detail: {}, at: T }
    assert.equal(cause(sampleState('unlocked', { problems: [{ ...offline, standing: true }] })), 'offline')
    assert.equal(cause(sampleState('unlocked', { problems: [offline] })), true, 'it was so, and is no more')
  })
  test('the ORPort by which others have come in, on a network that outlasts this program', () => {
    const portOf = (state: AppState) => recordFactsOf(state, false).port
    const unlocked = sampleState('unlocked')
    const tor = { ...unlocked, network: { ...unlocked.network, kind: 'tor' as const } }
    const through = (mapping: AppState['ports']['or']['mapping']) => ({ ...tor.ports, or: { ...tor.ports.or, mapping } })
    const { listening } = tor.ports.or
    assert.equal(portOf({ ...tor, ports: through({ state: 'not-needed' }) }), listening!.port)
    assert.equal(portOf({ ...tor, ports: through({ state: 'mapped', method: 'pcp', externalPort: 443 }) }), 443)
    assert.equal(portOf({ ...tor, ports: { ...tor.ports, or: { ...tor.ports.or, proof: { state: 'untested' } } } }), undefined)
    assert.equal(portOf({ ...tor, network: { ...tor.network, kind: 'practice' } }), undefined)
  })
  test('what it has come to, and whether it is listed', () => {
    assert.deepEqual(recordFactsOf(sampleState('ports'), false).reached, [])
    assert.deepEqual(recordFactsOf(sampleState('waiting-for-stable'), false).reached, [
      'reachable',
      'published',
      'running',
      'fast',
      'v2dir',
    ])
    assert.equal(recordFactsOf(sampleState('unlocked'), false).reached.length, 7)
    assert.equal(recordFactsOf(sampleState('unlocked'), false).listed, true)
    assert.equal(recordFactsOf(sampleState('waiting-for-listing'), false).listed, false)
    assert.equal(recordFactsOf(still('stopped'), false).listed, undefined)
  })
})

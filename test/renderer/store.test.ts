import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CallError, type Connection, type HostBridge } from '../../renderer/bridge.ts'
import { createAppStore, SAMPLE_SPAN_MS } from '../../renderer/store.ts'
import type { AppState, StatePatch } from '../../shared/state.ts'
import { asking, sampleState } from './sample-state.ts'

/** A bridge in memory: snapshots are given by hand, patches pushed. */
class ManualBridge {
  connection: Connection = 'open'
  readonly asked: { resolve: (state: AppState) => void; reject: (error: Error) => void }[] = []
  readonly #patches = new Set<(patch: StatePatch) => void>()
  readonly #connections = new Set<(connection: Connection) => void>()

  call(name: string): Promise<AppState> {
    assert.equal(name, 'state.get')
    return new Promise((resolve, reject) => this.asked.push({ resolve, reject }))
  }
  on(_name: 'state', listener: (patch: StatePatch) => void): () => void {
    this.#patches.add(listener)
    return () => this.#patches.delete(listener)
  }
  onConnection(listener: (connection: Connection) => void): () => void {
    this.#connections.add(listener)
    return () => this.#connections.delete(listener)
  }
  close(): void {}

  push(revision: number, sections: StatePatch['sections'], relays?: StatePatch['relays']): void {
    for (const listener of this.#patches) listener({ revision, sections, relays })
  }
  connect(connection: Connection): void {
    this.connection = connection
    for (const listener of this.#connections) listener(connection)
  }
  get listeners(): number {
    return this.#patches.size + this.#connections.size
  }
}

const settle = () => new Promise(resolve => setImmediate(resolve))
const at = (revision: number): AppState => ({ ...sampleState('unlocked'), revision })

function started(now?: () => number) {
  const bridge = new ManualBridge()
  const store = createAppStore(bridge as unknown as HostBridge, now)
  return { bridge, store, app: () => store.getState().app }
}

describe('the store', () => {
  test('asks for one snapshot, then applies patches in order, section by section', async () => {
    const { bridge, store, app } = started()
    assert.equal(app(), undefined)
    bridge.asked[0]!.resolve(at(7))
    await settle()
    assert.equal(app()!.revision, 7)
    const before = app()!
    bridge.push(8, { journey: { step: 'stopped' } })
    assert.equal(app()!.revision, 8)
    assert.deepEqual(app()!.journey, { step: 'stopped' })
    assert.equal(app()!.ports, before.ports, 'sections that did not change stay the same objects')
    assert.equal(bridge.asked.length, 1)
    store.stop()
  })

  test('rows of relays change one by one; a new section keeps them, and what it leaves out is gone', async () => {
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve({ ...at(1), perspective: asking(sampleState('unlocked')) })
    await settle()
    const before = app()!.perspective
    const [first, second, third] = before.relays
    const faster = { ...second!, latency: { ms: 1, at: 1 } }
    const newcomer = { ...first!, fingerprint: 'F'.repeat(40) }
    bridge.push(2, {}, { changed: [newcomer, faster], gone: [third!.fingerprint] })
    const after = app()!.perspective
    assert.deepEqual(
      after.relays.map(row => row.fingerprint),
      [...before.relays.filter(row => row !== third), newcomer].map(row => row.fingerprint),
    )
    assert.equal(after.relays[0], first, 'the same object')
    assert.equal(after.relays[1]!.latency?.ms, 1)
    assert.equal(after.failover?.reason, 'unreachable')
    const { relays: _, failover: __, ...section } = after
    bridge.push(3, { perspective: section })
    assert.equal(app()!.perspective.failover, undefined)
    assert.equal(app()!.perspective.relays, after.relays)
    bridge.push(4, { journey: { step: 'stopped' } })
    assert.equal(app()!.perspective, store.getState().app!.perspective)
    store.stop()
  })

  test('rows that change often change together, once a second; the sections beside them at once', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve(at(1))
    await settle()
    const [first, second, third] = app()!.perspective.relays
    const measured = (row: typeof first, ms: number) => ({ ...row!, latency: { ms, at: 1 } })
    const latencies = () => app()!.perspective.relays.map(row => row.latency?.ms)
    const others = latencies().slice(3)
    bridge.push(2, {}, { changed: [measured(first, 1)], gone: [] })
    const before = app()!.perspective.relays
    assert.equal(before[0]!.latency?.ms, 1, 'the first change is shown at once')
    bridge.push(3, {}, { changed: [measured(first, 2), measured(second, 3)], gone: [] })
    bridge.push(4, { journey: { step: 'stopped' } }, { changed: [measured(first, 4)], gone: [third!.fingerprint] })
    assert.equal(app()!.journey.step, 'stopped')
    assert.equal(app()!.revision, 4)
    assert.equal(app()!.perspective.relays, before, 'the same list until the second is over')
    t.mock.timers.tick(1_000)
    assert.deepEqual(latencies(), [4, 3, ...others])
    assert.equal(app()!.revision, 4)
    t.mock.timers.tick(1_000)
    bridge.push(5, {}, { changed: [measured(third, 9)], gone: [] })
    assert.deepEqual(latencies(), [4, 3, ...others, 9], 'nothing waited: shown at once')
    assert.equal(bridge.asked.length, 1)
    store.stop()
  })

  test('rows that wait are dropped where all rows come anew', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve(at(1))
    await settle()
    const { perspective } = app()!
    const slower = (ms: number) => ({ changed: [{ ...perspective.relays[0]!, latency: { ms, at: 1 } }], gone: [] })
    bridge.push(2, {}, slower(1))
    bridge.push(3, {}, slower(2))
    bridge.push(4, { perspective })
    t.mock.timers.tick(5_000)
    assert.deepEqual(app()!.perspective.relays, perspective.relays)
    bridge.push(5, {}, slower(1))
    bridge.push(6, {}, slower(2))
    bridge.push(9, {})
    bridge.asked[1]!.resolve(at(9))
    await settle()
    t.mock.timers.tick(5_000)
    assert.equal(app()!.revision, 9)
    assert.equal(app()!.perspective.relays[0]!.latency?.ms, perspective.relays[0]!.latency?.ms)
    store.stop()
  })

  test('a gap asks again, and nothing of the patch behind the gap is shown', async () => {
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve(at(1))
    await settle()
    bridge.push(3, { journey: { step: 'stopped' } })
    assert.equal(bridge.asked.length, 2)
    assert.equal(app()!.journey.step, 'unlocked')
    bridge.asked[1]!.resolve({ ...at(3), journey: { step: 'stopped' } })
    await settle()
    assert.equal(app()!.revision, 3)
    assert.equal(app()!.journey.step, 'stopped')
    store.stop()
  })

  test('old and repeated patches are left out', async () => {
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve(at(5))
    await settle()
    bridge.push(5, { journey: { step: 'stopped' } })
    bridge.push(2, { journey: { step: 'stopped' } })
    assert.equal(app()!.journey.step, 'unlocked')
    assert.equal(bridge.asked.length, 1)
    store.stop()
  })

  test('patches that come while a snapshot is on its way are applied after it, in order', async () => {
    const { bridge, store, app } = started()
    bridge.push(6, { journey: { step: 'stopped' } })
    bridge.push(5, { journey: { step: 'starting' } })
    bridge.asked[0]!.resolve(at(4))
    await settle()
    assert.equal(app()!.revision, 6)
    assert.equal(app()!.journey.step, 'stopped')
    store.stop()
  })

  test('many patches before a snapshot are bounded, and the gap they leave is healed by asking again', async () => {
    const { bridge, store, app } = started()
    for (let revision = 2; revision < 500; revision++) bridge.push(revision, { journey: { step: 'starting' } })
    bridge.asked[0]!.resolve(at(1))
    await settle()
    assert.equal(bridge.asked.length, 2)
    bridge.asked[1]!.resolve(at(499))
    await settle()
    assert.equal(app()!.revision, 499)
    store.stop()
  })

  test('a lost connection keeps the last state, and a new one replaces it even when its revisions begin again', async () => {
    const { bridge, store, app } = started()
    bridge.asked[0]!.resolve(at(90))
    await settle()
    bridge.connect('lost')
    assert.equal(store.getState().connection, 'lost')
    assert.equal(app()!.revision, 90)
    bridge.connect('open')
    bridge.asked[1]!.resolve({ ...at(1), journey: { step: 'starting' } })
    await settle()
    assert.equal(app()!.revision, 1)
    assert.equal(app()!.journey.step, 'starting')
    store.stop()
  })

  test('a snapshot that fails because the connection ended is asked for with the next connection', async () => {
    const { bridge, store, app } = started()
    bridge.connection = 'lost'
    bridge.asked[0]!.reject(new CallError({ kind: 'lost' }))
    await settle()
    assert.equal(bridge.asked.length, 1)
    bridge.connect('open')
    assert.equal(bridge.asked.length, 2)
    bridge.asked[1]!.resolve(at(2))
    await settle()
    assert.equal(app()!.revision, 2)
    store.stop()
  })

  test('rate samples come at most once a second and reach back two minutes', async () => {
    let clock = 1_000_000
    const { bridge, store } = started(() => clock)
    bridge.asked[0]!.resolve(at(1))
    await settle()
    const { relay } = sampleState('unlocked')
    for (let revision = 2; revision <= 1000; revision++) {
      clock += 250
      bridge.push(revision, { relay: { ...relay, rate: { read: revision, written: 0 } } })
    }
    const { samples } = store.getState()
    assert.ok(samples.length <= SAMPLE_SPAN_MS / 1000 + 1, `${samples.length} samples`)
    assert.ok(samples.length >= SAMPLE_SPAN_MS / 1000 - 1, `${samples.length} samples`)
    for (let index = 1; index < samples.length; index++) assert.ok(samples[index]!.at - samples[index - 1]!.at >= 1000)
    store.stop()
  })

  test('stopping ends every listener', async () => {
    const { bridge, store } = started()
    bridge.asked[0]!.resolve(at(1))
    await settle()
    store.stop()
    assert.equal(bridge.listeners, 0)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StateStore } from '../../main/app/state-store.ts'
import { settings } from '../../shared/settings.ts'
import type { AppState, StatePatch } from '../../shared/state.ts'

const initial = { revision: 0, problems: [], settings: settings.parse({}), journey: { step: 'starting' } } as unknown as AppState

test('only sections that changed are sent, with a revision one higher each time', () => {
  const store = new StateStore(initial)
  const patches: StatePatch[] = []
  store.onPatch.add(patch => patches.push(patch))
  store.set('journey', { step: 'starting' })
  store.flush()
  assert.equal(patches.length, 0, 'an equal value is no change')
  store.set('journey', { step: 'ports' })
  store.set('settings', { ...initial.settings, nickname: 'a' })
  store.flush()
  store.set('journey', { step: 'stopped' })
  store.close()
  assert.deepEqual(
    Array.from(patches, (patch: StatePatch) => [patch.revision, Object.keys(patch.sections)]),
    [
      [1, ['journey', 'settings']],
      [2, ['journey']],
    ],
  )
  assert.equal(store.state.revision, 2)
  assert.deepEqual(store.state.journey, { step: 'stopped' })
})

test('many changes in one moment become one patch', async () => {
  const store = new StateStore(initial)
  const patches: StatePatch[] = []
  const first = new Promise<void>(resolve => {
    store.onPatch.add(patch => {
      patches.push(patch)
      resolve()
    })
  })
  for (let i = 0; i < 100; i++) store.set('settings', { ...initial.settings, orPort: i })
  await first
  store.close()
  assert.equal(patches.length, 1)
  assert.equal(patches[0]?.sections.settings?.orPort, 99)
})

test('a clock that is set back or forward holds up no patch', async t => {
  const store = new StateStore(initial)
  const sent = () => new Promise<StatePatch>(resolve => store.onPatch.add(resolve))
  const first = sent()
  store.set('journey', { step: 'ports' })
  await first
  for (const shift of [-86_400_000, 31 * 86_400_000]) {
    const set = Date.now() + shift
    t.mock.method(Date, 'now', () => set)
    const next = sent()
    store.set('journey', { step: shift < 0 ? 'stopped' : 'starting' })
    assert.ok((await next).sections.journey)
    t.mock.restoreAll()
  }
  store.close()
})

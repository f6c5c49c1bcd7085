import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type TrayItem, trayModel } from '../../main/app/tray-menu.ts'
import { calls } from '../../shared/ipc.ts'
import type { AppState, Choice, Journey } from '../../shared/state.ts'
import { sampleState } from '../renderer/sample-state.ts'

function choosing(state: AppState, choice: Choice): AppState {
  return { ...state, perspective: { ...state.perspective, choice } }
}
const flat = (items: readonly TrayItem[]): TrayItem[] =>
  items.flatMap(item => (item.type === 'submenu' ? [item, ...flat(item.items)] : [item]))
const labels = (items: readonly TrayItem[]) => flat(items).flatMap(item => ('label' in item ? [item.label] : []))

test('each step of the journey has its icon', () => {
  const icons: Record<Journey['step'], string> = {
    consent: 'off',
    starting: 'starting',
    ports: 'starting',
    publishing: 'starting',
    'waiting-for-listing': 'starting',
    'waiting-for-stable': 'relaying',
    relaying: 'relaying',
    unlocked: 'unlocked',
    blocked: 'problem',
    stopped: 'off',
  }
  for (const [step, icon] of Object.entries(icons))
    assert.equal(trayModel(choosing(sampleState(step as Journey['step']), { kind: 'off' })).icon, icon, step)
  assert.equal(trayModel(choosing(sampleState('unlocked'), { kind: 'any' })).icon, 'perspective')
})

test('every action of every menu is a call of the contract with a good argument, or of the window system', () => {
  for (const step of ['consent', 'ports', 'relaying', 'unlocked', 'blocked', 'stopped'] as const)
    for (const item of flat(trayModel(sampleState(step)).items)) {
      if (item.type !== 'action' && item.type !== 'radio') continue
      if (item.action.kind !== 'call') continue
      assert.ok(calls[item.action.name].argument.safeParse(item.action.argument).success, item.label)
    }
})

test('the menu says what is given and taken, and always has show and quit', () => {
  const model = trayModel(sampleState('unlocked'))
  const all = labels(model.items)
  assert.ok(all.some(label => /^For Tor: ↑ .* ↓ .*, \d+ circuits$/.test(label)))
  assert.ok(all.some(label => /^Perspectives: given .*, used /.test(label)))
  assert.ok(all.includes('Show Vantage'))
  assert.ok(all.includes('Quit (the relay goes offline)'))
  assert.match(model.tooltip, /^Vantage: Relaying, perspectives unlocked\n/)
})

describe('choosing', () => {
  test('lists are there by their names, and the chosen one is named in the title', () => {
    const state = sampleState('unlocked')
    const settings = { ...state.settings, lists: [{ id: 'nordic', name: 'Nordic', places: ['se', 'no'] }] }
    const { items } = trayModel(choosing({ ...state, settings }, { kind: 'list', list: 'nordic' }))
    assert.ok(labels(items).includes('Perspective: Nordic'))
    const checked = flat(items).filter(item => item.type === 'radio' && item.checked)
    assert.deepEqual(
      checked.map(item => 'action' in item && item.action),
      [{ kind: 'call', name: 'perspective.choose', argument: { kind: 'list', list: 'nordic' } }],
    )
  })

  test('when unlocked: off, anywhere, countries with counts, Tor; the present one is marked', () => {
    const state = sampleState('unlocked')
    const country = state.perspective.countries[0]!.country
    const items = flat(trayModel(choosing(state, { kind: 'country', country })).items).filter(item => item.type === 'radio')
    assert.equal(items.length, state.perspective.countries.length + 3)
    assert.deepEqual(
      items.filter(item => item.checked).map(item => item.action),
      [{ kind: 'call', name: 'perspective.choose', argument: { kind: 'country', country } }],
    )
  })
  test('when locked: off and Tor, and where to read why', () => {
    const all = labels(trayModel(sampleState('waiting-for-stable')).items)
    assert.ok(all.includes('Tor, three hops') && all.includes('Off'))
    assert.ok(all.some(label => label.includes('locked')))
    assert.ok(!all.includes('Anywhere'))
  })
  test('a page can be opened only through what is open', () => {
    const open = (state: AppState) => flat(trayModel(state).items).find(item => item.type === 'action' && item.action.kind === 'open-page')
    const enabled = (state: AppState) => (open(state) as { enabled?: boolean }).enabled
    assert.equal(enabled(choosing(sampleState('unlocked'), { kind: 'off' })), false)
    assert.equal(enabled(choosing(sampleState('unlocked'), { kind: 'any' })), true)
    assert.equal(enabled(choosing(sampleState('waiting-for-stable'), { kind: 'any' })), false)
    assert.equal(enabled(choosing(sampleState('waiting-for-stable'), { kind: 'tor' })), true)
  })
})

test('the relay can be stopped while it runs and started while it does not, with consent only', () => {
  const actions = (step: Journey['step']) =>
    flat(trayModel(sampleState(step)).items).flatMap(item =>
      item.type === 'action' && item.action.kind === 'call' ? [item.action.name] : [],
    )
  assert.deepEqual(actions('relaying'), ['relay.stop'])
  assert.deepEqual(actions('stopped'), ['relay.start'])
  assert.deepEqual(actions('consent'), [])
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { trayModel as model, type TrayItem } from '../../main/app/tray-menu.ts'
import { calls } from '../../shared/ipc.ts'
import type { AppState, Choice, Journey } from '../../shared/state.ts'
import { type Speech, speechFor } from '../../shared/words/speech.ts'
import { sampleState } from '../renderer/sample-state.ts'

/** Noon of a Wednesday, by this computer's clock. */
const NOON = new Date(2026, 6, 15, 12).getTime()
const english = speechFor('en', ['en-GB'])
const trayModel = (state: AppState, speech: Speech = english) => model(state, speech, NOON)

function choosing(state: AppState, choice: Choice): AppState {
  return { ...state, perspective: { ...state.perspective, choice } }
}
const flat = (items: readonly TrayItem[]): TrayItem[] =>
  items.flatMap(item => (item.type === 'submenu' ? [item, ...flat(item.items)] : [item]))
/** Radio items that choose a perspective. */
const places = (items: readonly TrayItem[]) =>
  flat(items).flatMap(item =>
    item.type === 'radio' && item.action.kind === 'call' && item.action.name === 'perspective.choose' ? [item] : [],
  )
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
    paused: 'paused',
  }
  for (const [step, icon] of Object.entries(icons))
    assert.equal(trayModel(choosing(sampleState(step as Journey['step']), { kind: 'off' })).icon, icon, step)
  assert.equal(trayModel(choosing(sampleState('unlocked'), { kind: 'any' })).icon, 'perspective')
  // Members that let in any running relay can be looked through before Stable; Tor always.
  const waiting = sampleState('waiting-for-stable')
  const early = { ...waiting, perspective: { ...waiting.perspective, locks: [] } }
  assert.equal(trayModel(early).icon, 'unlocked')
  assert.equal(trayModel(choosing(early, { kind: 'any' })).icon, 'perspective')
  assert.equal(trayModel(choosing(waiting, { kind: 'any' })).icon, 'relaying')
  assert.equal(trayModel(choosing(waiting, { kind: 'tor' })).icon, 'perspective')
})

test('every action of every menu is a call of the contract with a good argument, or of the window system', () => {
  for (const step of ['consent', 'ports', 'relaying', 'unlocked', 'blocked', 'stopped', 'paused'] as const)
    for (const item of flat(trayModel(sampleState(step)).items)) {
      if (item.type !== 'action' && item.type !== 'radio') continue
      if (item.action.kind !== 'call') continue
      assert.ok(calls[item.action.name].argument.safeParse(item.action.argument).success, item.label)
    }
})

test('C12: the menu says what was given and taken today and in all, the tooltip today, and there is always show and quit', () => {
  const { items, tooltip } = trayModel(sampleState('unlocked'))
  const all = labels(items)
  assert.deepEqual(all.slice(0, 4), [
    'Relaying, perspectives open',
    'Today ↑ 1.7 GB ↓ 1.6 GB for Tor · 11,760 circuits',
    'Perspectives today: given 133 MB, used 11.2 MB',
    'In all 83.9 GB for Tor',
  ])
  assert.equal(
    tooltip,
    'Vantage: Relaying, perspectives open\nToday ↑ 1.7 GB ↓ 1.6 GB for Tor · 11,760 circuits\nMembers 133 MB · you 11.2 MB',
  )
  assert.deepEqual(all.slice(-2), ['Show Vantage', 'Quit (the relay goes offline)'])
})

test('the tooltip is never longer than Windows shows', () => {
  const state = sampleState('unlocked')
  const huge = { read: 9e17, written: 9e17, streams: 1 }
  const contribution = { ...state.contribution, today: { ...state.contribution.today, or: huge, served: huge, used: huge, circuits: 9e15 } }
  for (const language of ['en', 'de', 'ar'] as const)
    assert.ok(trayModel({ ...state, contribution }, speechFor(language, [])).tooltip.length <= 127)
  for (const language of ['en', 'de', 'ar'] as const)
    assert.equal(trayModel(state, speechFor(language, [])).tooltip.split('\n').length, 3, 'usually all of it fits')
})

describe('choosing', () => {
  test('lists are there by their names, and the chosen one is named in the title', () => {
    const state = sampleState('unlocked')
    const settings = { ...state.settings, lists: [{ id: 'nordic', name: 'Nordic', places: ['se', 'no'] }] }
    const { items } = trayModel(choosing({ ...state, settings }, { kind: 'list', list: 'nordic' }))
    assert.ok(labels(items).includes('Perspective: Nordic (one hop, not anonymous)'), 'S2')
    const checked = places(items).filter(item => item.checked)
    assert.deepEqual(
      checked.map(item => item.action),
      [{ kind: 'call', name: 'perspective.choose', argument: { kind: 'list', list: 'nordic' } }],
    )
  })

  test('when unlocked: off, anywhere, countries with counts, Tor; the present one is marked', () => {
    const state = sampleState('unlocked')
    const country = state.perspective.countries[0]!.country
    const items = places(trayModel(choosing(state, { kind: 'country', country })).items)
    assert.equal(items.length, state.perspective.countries.length + 3, 'off, anywhere, Tor')
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

describe('what is kept ready', () => {
  const state = sampleState('unlocked')
  const { fingerprint } = state.perspective.relays[3]!
  const ready: AppState = {
    ...state,
    settings: { ...state.settings, favourites: ['jp', fingerprint] },
    perspective: {
      ...state.perspective,
      recents: [{ kind: 'country', country: 'jp' }, { kind: 'off' }, { kind: 'tor', country: 'nl' }],
    },
  }
  test('favourites come first, then what was used last and is not there already', () => {
    const [menu] = trayModel(ready).items.filter(item => item.type === 'submenu')
    const all = labels(menu!.items)
    assert.deepEqual(all.slice(0, 7), [
      'Off',
      'Anywhere',
      'Favourites',
      'Japan',
      'ZytgloggeBern (Switzerland)',
      'Last used',
      'Tor, three hops, Netherlands',
    ])
    assert.equal(all[7], 'Countries')
  })
  test('names from the network are shown harmless', () => {
    const relays = ready.perspective.relays.map(relay => ({ ...relay, nickname: '\u202e\u0000<b>' }))
    const all = labels(trayModel({ ...ready, perspective: { ...ready.perspective, relays } }).items)
    assert.ok(all.includes('<b> (Switzerland)'), all.join('\n'))
    assert.ok(all.every(label => !/[\u0000-\u001f\u202a-\u202e]/.test(label)))
  })
})

describe('breaks and limits', () => {
  const actions = (state: AppState) =>
    flat(trayModel(state).items).flatMap(item =>
      (item.type === 'action' || item.type === 'radio') && item.action.kind === 'call' && item.action.name !== 'perspective.choose'
        ? [[item.label, item.action.name, item.action.argument]]
        : [],
    )
  test('while the relay runs: three breaks, with their price, and four limits', () => {
    assert.deepEqual(actions(sampleState('relaying')), [
      ['30 minutes', 'pause.begin', { span: 'half-hour' }],
      ['Until Thursday 06:00', 'pause.begin', { span: 'tomorrow' }],
      ['Until Vantage starts again', 'pause.begin', { span: 'restart' }],
      ['As set: 10 Mbit/s', 'limit.share', { share: 1 }],
      ['50%: 5 Mbit/s', 'limit.share', { share: 0.5 }],
      ['25%: 2.5 Mbit/s', 'limit.share', { share: 0.25 }],
      ['10%: 1 Mbit/s', 'limit.share', { share: 0.1 }],
    ])
    assert.ok(
      labels(trayModel(sampleState('relaying')).items).includes('A break over about 45 minutes ends the run that counts for Stable.'),
    )
  })
  test('while it rests: why and until when, and a way to go on, unless the cap or a sleep holds it', () => {
    const until = NOON + 18 * 60_000
    const resting = (reason: 'person' | 'cap' | 'battery', end: number | undefined): AppState => ({
      ...sampleState('paused'),
      journey: { step: 'paused', since: NOON, causes: [{ reason, until: end }], until: end },
    })
    assert.equal(labels(trayModel(resting('person', until)).items)[0], 'Resting until 12:18 (You asked for a break)')
    assert.equal(labels(trayModel(resting('battery', undefined)).items)[0], 'Resting (Running on battery)')
    assert.deepEqual(actions(resting('person', until)), [['Go on now', 'pause.end', undefined]])
    assert.deepEqual(actions(resting('cap', until)), [])
  })
  test('a limit for now stands in the first line', () => {
    const state = sampleState('relaying')
    const background = { ...state.background, standing: { state: 'limited', rate: 312_500, by: 'person' } as const, share: 0.25 as const }
    const model = trayModel({ ...state, background })
    assert.equal(labels(model.items)[0], 'Relaying · Limited to 2.5 Mbit/s')
    const chosen = flat(model.items).filter(
      item => item.type === 'radio' && item.checked && item.action.kind === 'call' && item.action.name === 'limit.share',
    )
    assert.deepEqual(
      chosen.map(item => 'label' in item && item.label),
      ['25%: 2.5 Mbit/s'],
    )
  })
  test('stopped: it can be started; without consent nothing can', () => {
    assert.deepEqual(actions(sampleState('stopped')), [['Start relaying', 'relay.start', undefined]])
    assert.deepEqual(actions(sampleState('consent')), [])
  })
})

test('every step in every language: no English is left over, and nothing is undefined', () => {
  for (const language of ['de', 'ar'] as const)
    for (const step of ['consent', 'ports', 'relaying', 'unlocked', 'blocked', 'stopped', 'paused'] as const) {
      const { items, tooltip } = trayModel(sampleState(step), speechFor(language, []))
      for (const label of [...labels(items), tooltip]) {
        assert.doesNotMatch(label, /undefined|NaN/)
        assert.doesNotMatch(label, /\b(the|until|relay goes|Off|Today|Show)\b/)
        if (language === 'ar') assert.match(label, /[\u0600-\u06ff]/)
      }
    }
})

test('hostile names of relays and lists are harmless in the menu and the tooltip', () => {
  const hostile = `\u202ered\u0000\u200b\n${'\u0300'.repeat(30)}=cmd|'!A1${'x'.repeat(9000)}`
  const state = sampleState('unlocked')
  const relays = state.perspective.relays.map(relay => ({ ...relay, nickname: hostile }))
  const { fingerprint } = relays[0]!
  const settings = { ...state.settings, favourites: [fingerprint], lists: [{ id: 'a', name: hostile, places: ['se'] }] }
  const looking = choosing({ ...state, settings, perspective: { ...state.perspective, relays } }, { kind: 'relay', fingerprint })
  const { items, tooltip } = trayModel({ ...looking, relay: { ...looking.relay, nickname: hostile } })
  const lines = tooltip.split('\n')
  assert.equal(lines.length, trayModel(state).tooltip.split('\n').length)
  const all = [...lines, ...labels(items)]
  assert.ok(all.some(text => text.includes('red')))
  for (const text of all) {
    assert.doesNotMatch(text, /[\p{Cc}\u200b-\u200f\u202a-\u202e]|\p{M}{4}/u, text)
    assert.ok(text.length < 200, text)
  }
})

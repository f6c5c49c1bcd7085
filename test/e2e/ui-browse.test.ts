import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { words } from '../../renderer/i18n/words.ts'
import type { AppState, Choice, PerspectiveRelay } from '../../shared/state.ts'
import { catalogues } from '../renderer/catalogues.ts'
import { looking, sampleState } from '../renderer/sample-state.ts'
import { axeViolations } from './axe.ts'
import { lasting, tooWide } from './layout.ts'
import { shotPath, uiWindows } from './ui-window.ts'

const open = uiWindows()

/** A window whose host keeps choices, too. */
async function openWindow(state: AppState = sampleState('unlocked')) {
  const ui = await open(state, 'browse')
  const { host, page } = ui
  host.on('perspective.choose', (choice: Choice) => host.change({ perspective: { ...host.state.perspective, choice } }))
  return {
    ...ui,
    picture: (name: string) => page.screenshot({ path: shotPath(name), fullPage: true }),
    violations: () => axeViolations(page),
  }
}

/** Thousands of members: the first ones as in the sample, the others of one kind. */
function crowded(count: number): AppState {
  const state = sampleState('unlocked')
  const [first] = state.perspective.relays
  const more = Array.from(
    { length: count - state.perspective.relays.length },
    (_, n): PerspectiveRelay => ({
      ...first!,
      fingerprint: n.toString(16).toUpperCase().padStart(40, '0'),
      nickname: `member${String(n).padStart(5, '0')}`,
      latency: { ms: 300 + n, at: Date.now() },
    }),
  )
  return { ...state, perspective: { ...state.perspective, relays: [...state.perspective.relays, ...more] } }
}

describe('a list of thousands', { timeout: 60_000 }, () => {
  test('C11: draws what can be seen, says how many there are and where each stands, and is walked by keys from end to end', async () => {
    await using ui = await openWindow(crowded(3000))
    const { page, window } = ui
    await page.getByRole('radio', { name: words.browse.kinds.relay, exact: true }).check()
    await page.getByText('3,000 relays', { exact: true }).waitFor()
    const options = page.getByRole('listbox', { name: words.browse.relays }).getByRole('option')
    assert.ok((await options.count()) < 40)
    assert.deepEqual(await options.first().evaluate(one => [one.getAttribute('aria-posinset'), one.getAttribute('aria-setsize')]), [
      '1',
      '3000',
    ])
    await options.first().focus()
    await page.keyboard.press('End')
    assert.match(await window.focusedName(), /Uppsala2/, 'it refused us, so it is the last')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-posinset'))
    assert.equal(await focused(), '3000')
    await page.keyboard.press('ArrowUp')
    assert.equal(await focused(), '2999')
    // Scrolled out of sight, the row keeps the focus.
    await page.locator('.list').evaluate(list => list.scrollTo({ top: 0 }))
    await page.getByRole('option', { name: /Grachtengordel/ }).waitFor()
    assert.equal(await focused(), '2999')
    await page.keyboard.press('Home')
    assert.equal(await focused(), '1')
    await window.typeFast('member02')
    assert.match(await window.focusedName(), /member02000/)
    const chosen = ui.host.nextCall('perspective.choose')
    await page.keyboard.press('Enter')
    assert.deepEqual(await chosen, { kind: 'relay', fingerprint: (2000).toString(16).toUpperCase().padStart(40, '0') })

    await page.getByRole('searchbox').fill('member0299 swe')
    await page.getByText('1 of 3,000 relays').or(page.getByText('2 of 3,000 relays')).first().waitFor()
    assert.deepEqual(await ui.violations(), [])
    await ui.picture('browse-thousands')
    assert.deepEqual(window.faults, [])
  })

  test('filters narrow it, a port that is none is named, and they are taken off together', async () => {
    await using ui = await openWindow()
    const { page } = ui
    const text = words.places.filters
    await page.getByRole('radio', { name: words.browse.kinds.relay, exact: true }).check()
    await page.getByText(text.title, { exact: true }).click()
    await page.getByRole('checkbox', { name: text.accepts }).check()
    await page.getByText('7 of 9 relays').waitFor()
    await page.getByRole('checkbox', { name: text.quiet }).check()
    await page.getByText('6 of 9 relays').waitFor()
    await page.getByLabel(text.port).fill('70000')
    await page.getByText(text.portInvalid).waitFor()
    await page.getByText('6 of 9 relays').waitFor()
    await page.getByLabel(text.port).fill('25')
    await page.getByText('0 of 9 relays').waitFor()
    await page.getByLabel(text.port).fill('443')
    await page.getByLabel(text.latency).selectOption('50')
    await page.getByText('4 of 9 relays').waitFor()
    assert.deepEqual(await ui.violations(), [])
    await page.getByRole('button', { name: text.clear }).click()
    await page.getByText('9 relays', { exact: true }).waitFor()
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('lists of places', { timeout: 60_000 }, () => {
  test('C11: one is made, filled, looked through, renamed and deleted; slips are named and lose nothing', async () => {
    await using ui = await openWindow()
    const { page, host } = ui
    const text = words.places.lists
    await page.getByRole('radio', { name: words.browse.kinds.list, exact: true }).check()
    const name = page.getByLabel(text.name)
    for (const [typed, fault] of [
      ['', text.faults.empty],
      ['x'.repeat(41), text.faults['too-long']],
      ['a\u202Eb', text.faults['forbidden-character']],
    ] as const) {
      await name.fill(typed)
      await page.getByRole('button', { name: text.make }).click()
      await page.locator('.where .error').getByText(fault).waitFor()
      assert.equal(await name.inputValue(), typed)
    }
    await name.fill(' Nördic  news ')
    await page.getByRole('button', { name: text.make }).click()
    await page.getByText('Nördic news', { exact: true }).waitFor()
    const place = page.getByLabel(text.add)
    for (const typed of ['Sweden', 'hokusai36']) {
      await place.fill(typed)
      await place.press('Enter')
      await page.getByRole('button', { name: text.remove(typed) }).waitFor()
    }
    await place.fill('Atlantis')
    await place.press('Enter')
    await page.locator('.where .error').getByText(text.unknown).waitFor()
    await place.fill('SE')
    await place.press('Enter')
    await page.locator('.where .error').getByText(text.there).waitFor()
    const { fingerprint } = host.state.perspective.relays[5]!
    assert.deepEqual(host.state.settings.lists, [{ id: 'nordicnews', name: 'Nördic news', places: ['se', fingerprint] }])
    await page.getByText(text.members(3)).waitFor()

    await page.getByRole('button', { name: text.look('Nördic news') }).click()
    await page.getByText(words.browse.lookingList('Nördic news')).first().waitFor()
    assert.deepEqual(host.state.perspective.choice, { kind: 'list', list: 'nordicnews' })
    await page.locator('summary', { hasText: words.browse.userNames }).click()
    await page.getByText('list-nordicnews', { exact: true }).waitFor()
    await ui.picture('browse-list')
    assert.deepEqual(await ui.violations(), [])

    await page.getByRole('button', { name: text.remove('hokusai36') }).click()
    await page.getByText(text.members(2)).waitFor()
    await page.getByRole('button', { name: text.rename, exact: true }).click()
    await page.getByLabel(text.renameTo).fill('North')
    await page.getByRole('dialog').getByRole('button', { name: text.rename }).click()
    await page.getByText(words.browse.lookingList('North')).first().waitFor()
    await page.getByRole('button', { name: text.delete, exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: text.delete }).click()
    await page.getByText(text.none).waitFor()
    assert.deepEqual([host.state.settings.lists, host.state.perspective.choice], [[], { kind: 'off' }])
    assert.deepEqual(ui.window.faults, [])
  })

  test('a file is loaded beside what is there, its bad lines named; what is saved can be loaded again', async () => {
    const state = sampleState('unlocked')
    const own = [{ id: 'nordic', name: 'Nordic', places: ['se'] }]
    await using ui = await openWindow({ ...state, settings: { ...state.settings, lists: own } })
    const { page, host } = ui
    const text = words.places.lists
    await page.getByRole('radio', { name: words.browse.kinds.list, exact: true }).check()
    await page.getByRole('button', { name: text.load, exact: true }).click()
    const dialog = page.getByRole('dialog')
    const content = '[nordic]\nno\nNorway\n[<img src=x onerror=alert(1)>]\nfi\n[\u202Egnp]\nde\n'
    await dialog
      .getByLabel(text.file, { exact: true })
      .setInputFiles({ name: 'lists.txt', mimeType: 'text/plain', buffer: Buffer.from(content) })
    await dialog.getByRole('button', { name: text.loadButton }).click()
    await dialog.getByText(text.loaded(2)).waitFor()
    await dialog.getByText(text.lineFault(3, 'Norway', text.lineFaults['not-a-place'])).waitFor()
    await dialog.getByText(text.lineFault(6, '[gnp]', text.faults['forbidden-character'])).waitFor()
    assert.deepEqual(await ui.violations(), [])
    assert.deepEqual(
      host.state.settings.lists.map(({ name, places }) => [name, places]),
      [
        ['Nordic', ['se']],
        ['nordic 2', ['no']],
        ['<img src=x onerror=alert(1)>', ['fi']],
      ],
    )
    await page.keyboard.press('Escape')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: text.save }).click()])
    assert.equal(await readFile(await download.path(), 'utf8'), '[Nordic]\nse\n\n[nordic 2]\nno\n\n[<img src=x onerror=alert(1)>]\nfi\n')
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('the last choices', { timeout: 30_000 }, () => {
  test('are one press away beside the favourites, and forgotten when their owner wants', async () => {
    const state = sampleState('unlocked')
    const recents: Choice[] = [{ kind: 'country', country: 'nl' }, { kind: 'country', country: 'se' }, { kind: 'any' }]
    await using ui = await openWindow({
      ...state,
      settings: { ...state.settings, favourites: ['se'] },
      perspective: { ...state.perspective, recents },
    })
    const { page, host } = ui
    const quick = page.getByRole('region', { name: words.places.quick.title })
    assert.equal(await quick.getByRole('listitem').count(), 4, 'Sweden is there once, as the favourite')
    const chosen = host.nextCall('perspective.choose')
    await quick.getByRole('button', { name: /Netherlands/ }).click()
    assert.deepEqual(await chosen, { kind: 'country', country: 'nl' })
    await quick.getByRole('button', { name: /Netherlands/, pressed: true }).waitFor()
    host.on('recents.clear', () => host.change({ perspective: { ...host.state.perspective, recents: [] } }))
    await quick.getByRole('button', { name: words.places.quick.forget }).click()
    await quick.getByRole('button', { name: /Netherlands/ }).waitFor({ state: 'detached' })
    await ui.window.go('settings')
    const off = host.nextCall('settings.update')
    await page.getByRole('switch', { name: words.places.settings.recents }).click()
    assert.deepEqual(await off, { keepRecents: false })
    assert.deepEqual(ui.window.faults, [])
  })
})

describe('the world map', { timeout: 60_000 }, () => {
  test('C11: is loaded when it is opened, chosen from by pointer and by keys, zoomed, and says what it leaves out; clean in every language and theme', async () => {
    await using ui = await openWindow()
    const { page, host, window } = ui
    const text = words.places.map
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('world-map')))
    assert.equal(await loaded(), false)
    await page.locator('.map-card summary').click()
    const marks = page.getByRole('listbox', { name: text.label })
    await marks.getByRole('option').first().waitFor()
    assert.equal(await loaded(), true)
    await page.getByText(text.elsewhere(1)).waitFor()
    const sweden = host.nextCall('perspective.choose')
    await marks.getByRole('option', { name: text.mark('Sweden', words.browse.count(2)) }).click()
    assert.deepEqual(await sweden, { kind: 'country', country: 'se' })
    await marks.getByRole('option', { name: /Sweden/, selected: true }).waitFor()

    await marks.getByRole('option', { name: /Brazil/ }).focus()
    await page.keyboard.press('ArrowRight')
    const focused = (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? ''
    assert.match(focused, /, \d+ relay/)
    assert.doesNotMatch(focused, /Brazil/)
    const byKey = host.nextCall('perspective.choose')
    await page.keyboard.press('Enter')
    const { country } = (await byKey) as { country: string }
    assert.ok(focused.includes(new Intl.DisplayNames('en', { type: 'region' }).of(country.toUpperCase())!))

    await page.getByRole('radio', { name: text.regions.europe }).check()
    await marks.getByRole('option', { name: /Brazil/ }).waitFor({ state: 'detached' })
    await page.getByRole('radio', { name: text.regions.world }).check()
    for (const language of ['en', 'de', 'ar'] as const)
      for (const theme of ['light', 'dark'] as const) {
        await window.change({ settings: { ...host.state.settings, language, theme } })
        await page.getByText(catalogues[language].places.map.text).waitFor()
        assert.deepEqual(await ui.violations(), [], `${language}, ${theme}`)
        await ui.picture(`browse-map-${language}-${theme}`)
      }
    await page.setViewportSize({ width: 450, height: 300 })
    assert.deepEqual(await lasting(() => tooWide(page)), [])
    assert.deepEqual(window.faults, [])
  })

  test('locked, it shows where members are and lets nobody be chosen, but favourites be kept', async () => {
    await using ui = await openWindow(sampleState('waiting-for-stable'))
    await ui.page.locator('.map-card summary').click()
    const option = ui.page.getByRole('listbox', { name: words.places.map.label }).getByRole('option').first()
    assert.equal(await option.getAttribute('aria-disabled'), 'true')
    await option.dispatchEvent('click')
    // In the lists a place is kept for later instead.
    await ui.page.getByText(words.browse.keepHint).waitFor()
    const sweden = ui.page.getByRole('option', { name: /Sweden/ }).last()
    await sweden.click()
    await ui.page.locator('.option', { hasText: 'Sweden' }).getByText(words.browse.favourite).waitFor()
    assert.deepEqual(ui.host.state.settings.favourites, ['se'])
    assert.ok(!ui.host.called.some(({ name }) => name === 'perspective.choose'))
  })
})

describe('what is looked through', { timeout: 30_000 }, () => {
  test('an address that is typed while the choice is still on its way is not lost, and the keyboard stays with it', async () => {
    await using ui = await openWindow(sampleState('waiting-for-stable'))
    await ui.page.getByLabel(words.browse.url).fill('news.exa')
    await ui.window.change({ perspective: { ...ui.host.state.perspective, choice: { kind: 'tor' } } })
    await ui.page.keyboard.type('mple')
    const opened = ui.host.nextCall('perspective.open')
    await ui.page.keyboard.press('Enter')
    assert.deepEqual(await opened, { url: 'https://news.example/' })
    assert.deepEqual(ui.window.faults, [])
  })

  test('is told with its way, load as what it is, share, answers and place; a wrong country is corrected, another answer told', async () => {
    const state = sampleState('unlocked')
    await using ui = await openWindow({ ...state, perspective: looking(state) })
    const { page, host } = ui
    const text = words.places.details
    await page.getByText(text.about('Midnattsol')).click()
    const card = page.locator('.view-details')
    const said = () => card.innerText()
    assert.match(await said(), /This computer → \u2068Midnattsol\u2069 · \u2068Sweden\u2069 · \u2068198\.51\.100\.14:9040\u2069 → web site/)
    assert.match(await said(), /3\.1 MB\/s, 4 minutes ago[\s\S]*advertises 2\.5 MB\/s \(its own word\)/)
    assert.ok((await said()).includes(text.loadNow) && (await said()).includes(text.shareUnknown))
    assert.match(await said(), /Sweden, by its address and ip-location-db, 2026-06-17/)
    assert.match(await said(), /Mälardalen Fibre AB \(AS64496\)/)
    const [first, ...others] = host.state.perspective.relays
    const at = Date.now() - 60_000
    host.changeRelays({ changed: [{ ...first!, refusal: { status: 10, at, until: at + 3_600_000 } }], gone: [] })
    await card.getByText(/Used up, it said/).waitFor()
    await card.getByText(/It asked to be left alone until/).waitFor()

    host.on('perspective.whereAmI', () => ({ address: '203.0.113.9', by: 'relay1, relay2', country: 'fi' }))
    await card.getByRole('button', { name: words.browse.whereAmI }).click()
    await card.getByText(text.seenElsewhere('Finland', 'Sweden')).waitFor()
    await card.getByRole('button', { name: text.correct }).click()
    const corrected = host.nextCall('settings.update')
    await card.getByLabel(text.correct).selectOption('fi')
    assert.deepEqual(await corrected, { countryCorrections: [{ fingerprint: first!.fingerprint, country: 'fi' }] })
    host.changeRelays({ changed: [{ ...first!, country: 'fi', corrected: true }], gone: [] })
    await card.getByText(text.placeOwn('Finland')).waitFor()
    await card.getByText(text.seenIn('Finland')).waitFor()
    assert.deepEqual(await ui.violations(), [])
    await ui.picture('browse-details')
    assert.ok(others.length > 0)
    assert.deepEqual(ui.window.faults, [])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LANGUAGES } from '../../shared/settings.ts'
import { catalogues } from '../renderer/catalogues.ts'
import { answerAsServing, servingState } from '../renderer/safety-samples.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { SCENES } from '../renderer/scenes.ts'
import type { TestWindow } from '../renderer/window.ts'
import { axeViolations } from './axe.ts'
import { lasting } from './layout.ts'
import { uiWindows } from './ui-window.ts'

const openWindow = uiWindows()

/** 900 × 600, and the same at 200 %. */
const SIZES = [
  { width: 900, height: 600 },
  { width: 450, height: 300 },
]

/** What is wider than its room, or cut off at a side: in a right-to-left page nothing scrolls there. */
function overflow(window: TestWindow): Promise<string[]> {
  return window.page.evaluate(async () => {
    // What depends on the size of the window is drawn anew in the frame after it.
    for (let frame = 0; frame < 3; frame++) await new Promise(resolve => requestAnimationFrame(resolve))
    const main = document.querySelector('main')!
    const found: string[] = []
    if (main.scrollWidth > main.clientWidth) found.push(`${main.scrollWidth} px wide in ${main.clientWidth} px`)
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} px wide`)
    const box = main.getBoundingClientRect()
    for (const element of main.querySelectorAll('h1, h2, p, button, label, dt, dd, input, select')) {
      const { left, right, width } = element.getBoundingClientRect()
      const inside = left >= box.left - 1 && right <= box.right + 1
      // What is folded away is laid out when it is shown.
      if (
        element.checkVisibility() &&
        width > 1 &&
        !inside &&
        !element.closest('.scroll-table') &&
        getComputedStyle(element).clipPath === 'none'
      )
        found.push(`cut off: ${element.textContent?.slice(0, 40)}`)
    }
    return found
  })
}

describe('every screen in German and Arabic', { timeout: 120_000 }, () => {
  for (const language of ['de', 'ar'] as const)
    test(`${language}: is accessible, and fits 900 × 600, also at twice the size`, async () => {
      await using ui = await openWindow(sampleState('unlocked'))
      const wrong: string[] = []
      for (const scene of SCENES) {
        const state = scene.state()
        await ui.window.show({ ...state, settings: { ...state.settings, language } }, scene.view)
        for (const size of SIZES) {
          await ui.page.setViewportSize(size)
          wrong.push(...(await lasting(() => overflow(ui.window))).map(text => `${scene.name} at ${size.width}: ${text}`))
        }
        await ui.page.setViewportSize({ width: 1180, height: 800 })
        wrong.push(...(await axeViolations(ui.page)).map(text => `${scene.name}: ${text}`))
      }
      assert.deepEqual(wrong, [])
      assert.deepEqual(
        await ui.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
        language === 'ar' ? ['ar', 'rtl'] : ['de', 'ltr'],
      )
      assert.deepEqual(ui.window.faults, [])
    })
})

describe('the Safety page in German and Arabic', { timeout: 120_000 }, () => {
  for (const language of ['de', 'ar'] as const)
    test(`${language}: each part is accessible and fits`, async () => {
      const state = servingState()
      await using ui = await openWindow({ ...state, settings: { ...state.settings, language } })
      answerAsServing(ui.host)
      await ui.window.go('safety')
      const wrong: string[] = []
      for (const name of Object.values(catalogues[language].safety.sections)) {
        await ui.page.setViewportSize({ width: 1180, height: 800 })
        await ui.page.getByRole('radio', { name, exact: true }).check()
        wrong.push(...(await axeViolations(ui.page)).map(text => `${name}: ${text}`))
        for (const size of SIZES) {
          await ui.page.setViewportSize(size)
          wrong.push(...(await lasting(() => overflow(ui.window))).map(text => `${name} at ${size.width}: ${text}`))
        }
      }
      assert.deepEqual(wrong, [])
      assert.deepEqual(ui.window.faults, [])
    })
})

describe('changing the language', { timeout: 60_000 }, () => {
  test('is done at once from the first screen, each language named in itself; what was ticked stays', async () => {
    await using ui = await openWindow(sampleState('consent'))
    await ui.page.getByRole('checkbox', { name: catalogues.en.journey.consent.relay.agree }).check()
    const choice = ui.page.getByRole('combobox', { name: catalogues.en.settings.language })
    assert.deepEqual(await choice.locator('option').allInnerTexts(), ['As the system', 'English', 'Deutsch', 'العربية'])
    await choice.focus()
    await choice.selectOption('ar')
    await ui.page.getByRole('heading', { level: 1, name: catalogues.ar.journey.steps.consent.title }).waitFor()
    assert.equal(await ui.page.getByRole('checkbox', { name: catalogues.ar.journey.consent.relay.agree }).isChecked(), true)
    assert.equal(await ui.page.evaluate(() => document.activeElement?.tagName), 'SELECT', 'the focus stays')
    assert.equal(await ui.page.title(), `${catalogues.ar.nav.home} · Vantage`)
    await ui.page.getByRole('combobox', { name: catalogues.ar.settings.language }).selectOption('de')
    await ui.page.getByRole('heading', { level: 1, name: catalogues.de.journey.steps.consent.title }).waitFor()
    assert.deepEqual(ui.window.faults, [])
  })

  test('tells the rows of relays anew with the rest', async () => {
    const state = sampleState('unlocked')
    await using ui = await openWindow(state, 'browse')
    await ui.page.getByRole('radio', { name: catalogues.en.browse.kinds.relay, exact: true }).check()
    const rows = ui.page.getByRole('listbox')
    assert.match(await rows.innerText(), new RegExp(catalogues.en.browse.policyWeb))
    await ui.window.change({ settings: { ...state.settings, language: 'de' } })
    await ui.page.getByRole('heading', { level: 1, name: catalogues.de.browse.title }).waitFor()
    assert.match(await rows.innerText(), new RegExp(catalogues.de.browse.policyWeb))
    assert.doesNotMatch(await rows.innerText(), new RegExp(catalogues.en.browse.policyWeb))
    assert.deepEqual(ui.window.faults, [])
  })

  test('tells in it why Vantage itself blocked somebody', async () => {
    const state = servingState()
    await using ui = await openWindow({ ...state, settings: { ...state.settings, language: 'de' } }, 'safety', answerAsServing)
    await ui.page.getByRole('radio', { name: catalogues.de.safety.sections.blocks, exact: true }).check()
    await ui.page.getByRole('cell', { name: catalogues.de.safety.blocks.misuses.flood }).waitFor()
  })

  test('keeps what is typed and not yet saved in the settings', async () => {
    await using ui = await openWindow(sampleState('unlocked'))
    await ui.window.go('settings')
    await ui.page.getByLabel(catalogues.en.settings.nickname, { exact: true }).fill('Fernweh')
    await ui.page.getByRole('combobox', { name: catalogues.en.settings.language }).selectOption('de')
    await ui.page.getByText(catalogues.de.settings.unsaved).waitFor()
    assert.equal(await ui.page.getByLabel(catalogues.de.settings.nickname, { exact: true }).inputValue(), 'Fernweh')
  })

  test('in Arabic the page runs from right to left, and addresses and code do not', async () => {
    const state = sampleState('unlocked')
    await using ui = await openWindow({ ...state, settings: { ...state.settings, language: 'ar' } })
    await ui.window.go('relay')
    const sides = await ui.page.evaluate(() => {
      const left = (selector: string) => document.querySelector(selector)!.getBoundingClientRect().left
      return {
        rail: left('.rail') > left('main'),
        code: getComputedStyle(document.querySelector('.copy-line code')!).direction,
        spacing: getComputedStyle(document.querySelector('h1')!).letterSpacing,
      }
    })
    assert.deepEqual(sides, { rail: true, code: 'ltr', spacing: 'normal' })
    assert.match(await ui.page.locator('main').innerText(), /9695 DFC3 5FFE/)
  })
})

describe('a name and a limit', { timeout: 60_000 }, () => {
  test('is accessible in every language and both themes, fits twice the size, keeps borders in forced colours, and stands still', async () => {
    await using ui = await openWindow(sampleState('consent'))
    await ui.page.getByRole('checkbox', { name: catalogues.en.journey.consent.relay.agree }).check()
    await ui.page.getByRole('button', { name: catalogues.en.journey.consent.goOn }).click()
    const wrong: string[] = []
    for (const language of LANGUAGES)
      for (const theme of ['light', 'dark'] as const) {
        const state = sampleState('consent')
        await ui.window.show({ ...state, settings: { ...state.settings, language, theme } })
        await ui.page.getByRole('heading', { level: 1, name: catalogues[language].journey.details.title }).waitFor()
        for (const violation of await axeViolations(ui.page)) wrong.push(`${language}, ${theme}: ${violation}`)
        for (const size of SIZES) {
          await ui.page.setViewportSize(size)
          wrong.push(...(await lasting(() => overflow(ui.window))).map(text => `${language} at ${size.width}: ${text}`))
        }
        await ui.page.setViewportSize({ width: 1180, height: 800 })
      }
    assert.deepEqual(wrong, [])
    assert.equal(await ui.page.evaluate(() => document.getAnimations().length), 0)
    await ui.page.emulateMedia({ forcedColors: 'active' })
    const chosen = ui.page.locator('.choice label', { has: ui.page.locator(':checked') })
    assert.equal(await chosen.evaluate(label => getComputedStyle(label).borderTopWidth), '2px')
    assert.deepEqual(ui.window.faults, [])
  })

  test('can be left at the usual values, and says what the plan means for Stable', async () => {
    await using ui = await openWindow(sampleState('consent'))
    const { consent, details, habits } = catalogues.en.journey
    await ui.page.getByRole('checkbox', { name: consent.relay.agree }).check()
    await ui.page.getByRole('button', { name: consent.goOn }).click()
    await ui.page.getByRole('heading', { level: 1, name: details.title }).waitFor()
    assert.match(await ui.page.locator('main').innerText(), /At most 10 Mbit\/s, about 3.2 TB a month, in each direction\./)
    const plan = async (habit: keyof typeof habits) => {
      await ui.page.getByRole('radio', { name: habits[habit] }).check()
      return ui.page.locator('.notice').innerText()
    }
    assert.match(await plan('nightly-sleep'), /will not call your relay Stable: its time between failures stays at 16 hrs?/)
    assert.match(await plan('weekly-break'), /levels off at 6 days,? 22 hrs?/)
    assert.match(await plan('always'), /can become Stable.*nobody can promise when/s)
    const agreed = ui.host.nextCall('consent.set')
    await ui.page.getByRole('button', { name: details.usual }).click()
    assert.deepEqual(await agreed, { relay: true, perspective: false })
    assert.ok(!ui.host.called.some(({ name }) => name === 'settings.update'), 'nothing was set')
  })

  test('going back keeps what was ticked; a bad value is named and focused', async () => {
    const state = sampleState('consent')
    await using ui = await openWindow({ ...state, settings: { ...state.settings, nickname: 'Unnamed' } })
    const { consent, details } = catalogues.en.journey
    await ui.page.getByRole('checkbox', { name: consent.relay.agree }).check()
    await ui.page.getByRole('button', { name: consent.goOn }).click()
    await ui.page.getByLabel(details.rate).fill('0.1')
    await ui.page.getByRole('button', { name: consent.setUp }).click()
    assert.equal(await ui.window.focusedName(), details.rate)
    await ui.window.hears(/One value/)
    const name = ui.page.getByLabel(catalogues.en.settings.nickname, { exact: true })
    const first = await name.inputValue()
    assert.match(first, /^[A-Z][a-z]+[A-Z][a-z]+\d\d$/)
    await ui.page.getByRole('button', { name: details.suggest }).click()
    assert.match(await name.inputValue(), /^[A-Z][a-z]+[A-Z][a-z]+\d\d$/)
    await ui.page.getByRole('button', { name: catalogues.en.back }).click()
    assert.equal(await ui.page.getByRole('checkbox', { name: consent.relay.agree }).isChecked(), true)
    assert.ok(!ui.host.called.some(call => call.name === 'consent.set'))
  })
})

describe('what if', { timeout: 60_000 }, () => {
  test('gives a range with its assumption for a habit, never a date, and nothing when votes contradict the rule', async () => {
    await using ui = await openWindow(sampleState('waiting-for-stable'))
    const { whatIf, habits } = catalogues.en.journey
    const card = ui.page.locator('.card', { has: ui.page.getByRole('heading', { name: whatIf.title }) })
    const text = () => card.innerText()
    assert.match(await text(), /Estimate from the authorities’ published rules; they decide\./)
    assert.match(await text(), /Until 5 of 9 authorities would say Stable\s+\d+(–\d+)? days?/)
    assert.match(await text(), /If nothing else interrupts it/)
    assert.doesNotMatch(await text(), /20\d\d|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/)
    await card.getByRole('radio', { name: habits['nightly-sleep'] }).check()
    assert.match(await text(), /Not within a year/)
    await card.locator('summary').click()
    await card.getByRole('row', { name: /moria1/ }).waitFor()

    const state = sampleState('waiting-for-stable')
    const entries = state.votes.entries.map((vote, index) => (index === 3 ? { ...vote, mtbf: 99 * 86400 } : vote))
    await ui.window.show({ ...state, votes: { ...state.votes, entries } })
    assert.match(await text(), /No estimate: gabelmoo votes otherwise/)
    assert.doesNotMatch(await text(), /\d days/)
    await ui.window.show({ ...state, votes: { ...state.votes, entries: [] } })
    assert.match(await text(), /No estimate yet/)
    assert.deepEqual(ui.window.faults, [])
  })
})

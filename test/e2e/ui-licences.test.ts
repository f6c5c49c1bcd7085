import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { readNotices } from '../../main/app/notices.ts'
import { words } from '../../renderer/i18n/words.ts'
import { type FakeHost, ScriptedProblem } from '../renderer/fake-host.ts'
import { sampleState } from '../renderer/sample-state.ts'
import type { TestWindow } from '../renderer/window.ts'
import { axeViolations } from './axe.ts'
import { buildApp } from './launch.ts'
import { shotPath, uiWindows } from './ui-window.ts'

const text = words.about

describe('the licences on the About page', () => {
  const openWindow = uiWindows()
  let host: FakeHost
  let window: TestWindow
  before(async () => {
    buildApp()
    ;({ host, window } = await openWindow(sampleState('unlocked'), 'about'))
  })

  test('a failure says so, and leaves the button', async () => {
    host.on('about.licences', () => {
      throw new ScriptedProblem('internal')
    })
    await window.page.getByRole('button', { name: text.licencesShow }).click()
    await window.page.getByRole('alert').or(window.page.locator('.notice')).first().waitFor()
    assert.ok(await window.page.getByRole('button', { name: text.licencesShow }).isVisible())
  })

  test('lists what was really built in, each with its text; readable by keys and by axe in both themes', async () => {
    const notices = await readNotices()
    assert.ok(notices.components.length > 5)
    host.on('about.licences', () => notices)
    await window.page.getByRole('button', { name: text.licencesShow }).click()
    const folds = window.page.locator('.licences details')
    await folds.first().waitFor()
    assert.equal(await folds.count(), notices.components.length)
    const react = folds.filter({ hasText: /^react 1/ })
    await react.locator('summary').press('Enter')
    assert.match(await react.locator('pre').innerText(), /Permission is hereby granted/)
    const country = folds.filter({ hasText: 'country' })
    await country.locator('summary').press('Enter')
    assert.match(await country.locator('pre').innerText(), /Number Resource Organization/)
    for (const theme of ['light', 'dark'] as const) {
      const state = sampleState('unlocked')
      await window.show({ ...state, settings: { ...state.settings, theme } })
      assert.deepEqual(await axeViolations(window.page), [])
      await window.page.screenshot({ path: shotPath(`about-licences-${theme}`), fullPage: true })
    }
    assert.deepEqual(window.faults, [])
  })
})

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { readNotices } from '../../main/app/notices.ts'
import { words } from '../../renderer/i18n/words.ts'
import { buildRenderer } from '../renderer/build-renderer.ts'
import { FakeHost, ScriptedProblem } from '../renderer/fake-host.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { launchChromium, TestWindow } from '../renderer/window.ts'
import { buildApp } from './launch.ts'

const SHOTS = join(resolve(import.meta.dirname, '../..'), 'out/screenshots')
const text = words.about

describe('the licences on the About page', () => {
  let built: Awaited<ReturnType<typeof buildRenderer>>
  let browser: Browser
  let host: FakeHost
  let window: TestWindow
  before(async () => {
    buildApp()
    await mkdir(SHOTS, { recursive: true })
    ;[built, browser] = await Promise.all([buildRenderer(), launchChromium()])
    host = await FakeHost.start(sampleState('unlocked'), built.folder)
    window = await TestWindow.open(browser, host, 'about')
  })
  after(async () => {
    await window?.close()
    await host?.close()
    await browser?.close()
    await built?.remove()
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
    await window.page.evaluate(axe.source)
    for (const theme of ['light', 'dark'] as const) {
      const state = sampleState('unlocked')
      await window.show({ ...state, settings: { ...state.settings, theme } })
      const found = await window.page.evaluate(async () => {
        const { axe: inPage } = globalThis as unknown as { axe: typeof import('axe-core') }
        return (await inPage.run(document)).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`,
        )
      })
      assert.deepEqual(found, [])
      await window.page.screenshot({ path: join(SHOTS, `about-licences-${theme}.png`), fullPage: true })
    }
    assert.deepEqual(window.faults, [])
  })
})

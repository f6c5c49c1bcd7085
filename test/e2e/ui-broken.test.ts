import assert from 'node:assert/strict'
import { test } from 'node:test'
import { words } from '../../renderer/i18n/words.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { uiWindows } from './ui-window.ts'

const open = uiWindows()

test('a part of the window that cannot be drawn says so; the rest goes on, and it comes back when it can be drawn again', async () => {
  const good = sampleState('unlocked')
  const { page, window: ui } = await open(good, 'settings')
  const notice = page.locator('main').getByText(words.problems.internal.title)
  await ui.change({ consents: { ...good.consents, relay: { version: 1, at: 9e15 } } })
  await notice.waitFor()
  assert.match(await page.locator('main').innerText(), new RegExp(words.windowLostText.slice(0, 30)))
  await page.getByRole('link', { name: words.nav.about }).click()
  await page.locator('.page[data-view=about]').waitFor()
  await page.getByRole('link', { name: words.nav.settings }).click()
  await notice.waitFor()
  await ui.change({ consents: good.consents })
  await page.getByRole('button', { name: words.dismiss }).click()
  await page.locator('.page[data-view=settings]').waitFor()
  assert.equal(await notice.count(), 0)
  // What is reported is the fault itself, nothing else.
  assert.ok(ui.faults.length > 0)
  for (const fault of ui.faults.splice(0)) assert.match(fault, /RangeError|Invalid time value|date value is not finite|error occurred in/)
})

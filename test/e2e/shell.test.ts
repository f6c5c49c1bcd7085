import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { PreloadEnds } from '../../shared/ipc.ts'
import type { FakeApp } from '../headless/fake-app.ts'
import { cannotLaunch, type Launched, launchApp } from './launch.ts'

declare global {
  // What the shell's window and the main process of fake-shell.ts hold.
  var vantage: PreloadEnds
  var fakeApp: FakeApp
}
const FAKE_SHELL = join(import.meta.dirname, 'fake-shell.ts')

describe('the desktop shell', { skip: cannotLaunch() }, () => {
  let launched: Launched
  let page: Page
  before(async () => {
    launched = await launchApp({ entry: FAKE_SHELL, args: ['--json'] })
    page = await launched.app.firstWindow()
    await page.waitForFunction(() => document.querySelector('#root')?.childElementCount)
  })
  after(() => launched?.end())

  test('the window shows the UI from app://, and a call of the contract is answered', async () => {
    const answer = await page.evaluate(() => vantage.call('state.get', undefined))
    assert.equal((answer as { result: { product: { host: string } } }).result.product.host, 'electron')
    assert.match(await page.innerText('#root'), /\w/)
  })
})

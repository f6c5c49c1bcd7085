import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { VantageProcess } from '../interop/vantage-process.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** Where the pictures go that a person looks at after a run. */
const SHOTS = join(ROOT, 'out/screenshots')

describe('comparing a page from several places, by clicks, in the practice network', { timeout: 240_000 }, () => {
  let vantage: VantageProcess
  let browser: Browser
  let page: Page
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `compare-${name}.png`), fullPage: true })

  before(async () => {
    await mkdir(SHOTS, { recursive: true })
    execFileSync(process.execPath, [join(ROOT, 'tools/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
    vantage = await VantageProcess.start(['--accept-consent', 'relay,perspective'])
    const { ui } = await vantage.event('listening', event => event.ui !== undefined && event.socks !== undefined)
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    })
    const context = await browser.newContext({ viewport: { width: 1180, height: 820 }, locale: 'en-GB', reducedMotion: 'reduce' })
    page = await context.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(ui as string)
  })
  after(async () => {
    await browser?.close()
    await vantage?.stop()
  })

  /** Runs the comparison that the form holds, to its end. */
  async function compare(places: number): Promise<void> {
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByText(`${places} of ${places} places are through`).waitFor()
    await page.getByRole('button', { name: 'Forget the results' }).waitFor()
  }
  /** The cells of a row of the table, by the row's title. */
  const cells = (title: string) =>
    page
      .locator('tbody', { has: page.locator('th', { hasText: title }) })
      .locator('tr:not(.fact-title)')
      .first()
      .locator('td')
      .allInnerTexts()

  test('before browsing is unlocked the page says what is missing', async () => {
    await page.getByRole('link', { name: /Browse/ }).click()
    await page.getByRole('button', { name: 'Compare places' }).click()
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor()
    await shot('0-locked')
    await vantage.event('unlocked', undefined, 90_000)
  })

  test('the shop says one thing in Sweden, another in Germany, a third through Tor, and nothing in Brazil', async () => {
    for (const country of ['Sweden', 'Germany', 'Brazil']) await page.getByRole('button', { name: country, exact: true }).click()
    await page.getByRole('radio', { name: 'Via Tor' }).check()
    await page.getByLabel('Comes out in').selectOption('jp')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('switch', { name: 'From home, too' }).click()
    await page.getByRole('button', { name: 'The shop' }).click()
    await compare(5)
    assert.deepEqual(
      (await cells('Answer')).map(text => text.trim()),
      ['200', '200', '451', '200', '200'],
    )
    assert.match((await cells('Redirects'))[1]!, /302 http:\/\/127\.44\.0\.80:\d+\/offers\/eu/)
    const text = await page.locator('.text-rows').innerText()
    for (const words of [/Prices for Sweden/, /349 kr/, /€32\.90/, /Japan/, /¥5,400/, /Prices for Norway/, /may not show itself in Brazil/])
      assert.match(text, words)
    assert.match(await page.locator('.place-head').nth(0).innerText(), /via Linnaeus, Sweden/)
    assert.match(await page.locator('.place-head').nth(4).innerText(), /your own line/)
    await page.getByText(/^Different: .*Answer.*Content/).waitFor()
    await shot('1-shop')
  })
})

import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { VantageProcess } from '../interop/vantage-process.ts'

const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
}
const ROOT = resolve(import.meta.dirname, '../..')
/** Where the pictures go that a person looks at after a run. */
const SHOTS = join(ROOT, 'out/screenshots')
const run = promisify(execFile)

describe('from first start to the web seen from two countries, by clicks, in the practice network', { timeout: 180_000 }, () => {
  let vantage: VantageProcess
  let browser: Browser
  let visitor: Browser
  let page: Page
  let site: string
  const shot = (name: string) => page.screenshot({ path: join(SHOTS, `journey-${name}.png`) })

  before(async () => {
    await mkdir(SHOTS, { recursive: true })
    execFileSync(process.execPath, [join(ROOT, 'tools/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
    vantage = await VantageProcess.start([])
    site = (await vantage.event('practice')).site as string
    const { ui, socks } = await vantage.event('listening', event => event.ui !== undefined && event.socks !== undefined)
    browser = await chromium.launch(CHROMIUM)
    visitor = await chromium.launch({ ...CHROMIUM, proxy: { server: `socks5://127.0.0.1:${socks}`, bypass: '<-loopback>' } })
    page = await browser.newPage({ viewport: { width: 1100, height: 760 } })
    await page.goto(ui as string)
  })
  after(async () => {
    await browser?.close()
    await visitor?.close()
    await vantage?.stop()
  })

  test('C7 S4: nothing is ticked or started before the person agrees, and Browse says what is missing', async () => {
    await page.getByRole('heading', { level: 1, name: 'See the web from somewhere else' }).waitFor()
    for (const box of await page.getByRole('checkbox').all()) assert.equal(await box.isChecked(), false)
    assert.equal(vantage.last('listening')?.or, undefined, 'no port is open')
    await shot('1-welcome')
    await page.getByRole('link', { name: /Browse/ }).click()
    await page.getByText('This is exactly what is missing:').waitFor()
    await shot('2-locked')
    await page.getByRole('link', { name: /Home/ }).click()
  })

  test('C7 C8: two consents lead to proved ports, listed, Stable, unlocked', async () => {
    for (const box of await page.getByRole('checkbox').all()) await box.check()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { level: 1, name: 'A name and a limit' }).waitFor()
    await shot('2-name-and-limit')
    await page.getByRole('button', { name: 'Start my relay' }).click()
    await page.getByRole('heading', { level: 1, name: 'Listed. Now prove that you stay' }).waitFor({ timeout: 30_000 })
    await page.getByText('The authorities decide').waitFor()
    await shot('3-waiting')
    await page.getByRole('heading', { level: 1, name: 'Your view is open' }).waitFor({ timeout: 90_000 })
    await shot('4-unlocked')
  })

  for (const [country, address, relay] of [
    ['Sweden', /127\.46\.0\.\d+/, 'Linnaeus'],
    ['Germany', /127\.49\.0\.\d+/, 'Gewandhaus'],
  ] as const) {
    test(`C9 C11 S1 S2: looking from ${country}, the practice site names it, its relay and the relay's address`, async () => {
      await page.getByRole('link', { name: /Browse/ }).click()
      await page.getByRole('option', { name: new RegExp(country) }).click()
      await page.getByText(`Looking from ${country}`).first().waitFor()
      const window = await visitor.newPage()
      await window.goto(site)
      const text = (await window.textContent('body')) ?? ''
      assert.match(text, new RegExp(`You appear to come from ${country}`))
      assert.match(text, new RegExp(relay))
      assert.match(text, address)
      await window.screenshot({ path: join(SHOTS, `journey-5-site-${country}.png`) })
      await window.close()
      await page
        .getByText(new RegExp(`via ${relay}`))
        .first()
        .waitFor()
      await page.getByText('One hop, not anonymous').first().waitFor()
      await shot(`5-${country}`)
    })
  }

  test('two countries and home side by side, without a window; what was found survives a reload', async () => {
    await page.getByRole('button', { name: 'Compare places' }).click()
    await page.getByText('Pictures need the Vantage app').waitFor()
    for (const country of ['Sweden', 'Germany']) await page.getByRole('button', { name: country, exact: true }).click()
    await page.getByRole('switch', { name: 'From home, too' }).click()
    await page.getByRole('button', { name: 'The shop' }).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByText('3 of 3 places are through').waitFor()
    await page.reload()
    const text = () => page.locator('.text-rows').innerText()
    await page.getByText('349 kr').waitFor()
    assert.match(await text(), /Prices for Germany[\s\S]*€32\.90/)
    assert.match(await text(), /Prices for Norway/)
    await shot('5-compare')
    await page.getByRole('button', { name: 'Open in a tab: Sweden' }).click()
    const command = await page.locator('.place-head code').innerText()
    assert.match(command, /^curl -x 'socks5h:\/\/se:x@127\.0\.0\.1:\d+' 'http:/)
    assert.match((await run('sh', ['-c', command.replace('curl ', 'curl -sS -m 20 ')])).stdout, /Prices for Sweden/)
    await page.getByRole('button', { name: 'Forget the results' }).click()
  })

  test('S29: curl chooses by user name; a country nobody offers is refused and connects to nothing', async () => {
    const { socks } = vantage.last('listening')!
    const curl = (user: string) => run('curl', ['-sS', '-m', '20', '-x', `socks5h://${user}@127.0.0.1:${socks}`, site])
    assert.match((await curl('se')).stdout, /Sweden[\s\S]*127\.46\.0\./)
    assert.match((await curl('de')).stdout, /Germany[\s\S]*127\.49\.0\./)
    assert.match((await curl('tor-jp')).stdout, /Japan/)
    const used = (await state()).perspective.used.streams
    await assert.rejects(curl('xx'), (error: { code: number }) => error.code === 97)
    assert.equal((await state()).perspective.used.streams, used)
  })

  async function state() {
    const { stdout } = await run(process.execPath, [join(ROOT, 'main/headless/main.ts'), 'status', '--data', vantage.folder])
    return JSON.parse(stdout)
  }

  test('the relay page shows what was carried, its flags and its publications', async () => {
    await page.getByRole('link', { name: /^Relay/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Your relay' }).waitFor()
    const text = await page.locator('main').innerText()
    for (const flag of ['Running', 'Stable', 'V2Dir', 'Valid']) assert.match(text, new RegExp(flag))
    await shot('6-relay')
  })

  test('S13: stopping the relay locks browsing and ends what is open', async () => {
    await page.getByRole('button', { name: 'Stop the relay' }).click()
    const dialog = page.getByRole('dialog')
    if (await dialog.isVisible()) await dialog.getByRole('button', { name: /Stop/ }).click()
    await vantage.event('locked', event => (event.why as string[]).includes('relay-stopped'))
    const { socks } = vantage.last('listening')!
    await assert.rejects(
      run('curl', ['-sS', '-m', '20', '-x', `socks5h://se@127.0.0.1:${socks}`, site]),
      (error: { code: number }) => error.code === 97,
    )
    await shot('7-stopped')
  })
})

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { tabTo } from '../renderer/window.ts'
import { axeViolations } from './axe.ts'
import { cannotLaunch, type Launched, launchApp } from './launch.ts'
import { lasting, tooWide } from './layout.ts'
import { eventually } from './tab-driver.ts'

/** Where the pictures go that a person looks at after a run. */
const SHOTS = resolve(import.meta.dirname, '../../out/screenshots')

describe('comparing a page from several places in the desktop app, on its practice network', {
  timeout: 240_000,
  skip: cannotLaunch(),
}, () => {
  let launched: Launched
  let page: Page
  const shot = async (name: string) => {
    // All of the page, whose own part scrolls.
    const height = await page.evaluate(() => document.querySelector('main')!.scrollHeight)
    await page.setViewportSize({ width: page.viewportSize()?.width ?? 1120, height: Math.max(780, height) })
    await page.screenshot({ path: join(SHOTS, `compare-${name}.png`) })
    await page.setViewportSize({ width: 1120, height: 780 })
  }

  before(async () => {
    await mkdir(SHOTS, { recursive: true })
    launched = await launchApp({ args: ['--json', '--socks-port', '0', '--http-port', '0', '--accept-consent', 'relay,perspective'] })
    page = await launched.app.firstWindow()
    page.setDefaultTimeout(30_000)
    // Colours on their way from one theme to the other are none of either.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 1120, height: 780 })
  })
  after(() => launched?.end())

  const places = (names: readonly string[]) =>
    Promise.all(names.map(name => page.getByRole('list', { name: 'Chosen' }).getByText(name, { exact: true }).waitFor()))
  /** Until every place is through, and what each saw has come to the window. */
  async function ended(count: number): Promise<void> {
    await page.getByRole('button', { name: 'Forget the results' }).waitFor()
    await page.getByText(`${count} of ${count} places are through`).waitFor()
    await eventually('all answers', async () => {
      const answers = await cells('Answer')
      return answers.length === count && answers.every(Boolean)
    })
  }
  /** Runs the comparison that the form holds, to its end. */
  async function compare(count: number): Promise<void> {
    const before = await compared()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await eventually('another comparison', async () => (await compared()) !== before)
    await ended(count)
  }
  /** The number of the comparison that there is. */
  const compared = () =>
    page.evaluate(
      async () => ((await vantage.call('state.get', undefined)) as { result: { compare: { id: number } | null } }).result.compare?.id,
    )
  /** Forgets it, by a key. */
  async function forget(): Promise<void> {
    await press(/^Forget the results$/)
    await page.getByRole('heading', { name: 'What each place saw' }).waitFor({ state: 'detached' })
  }
  const press = async (name: RegExp, key = 'Enter') => {
    await tabTo(page, name)
    await page.keyboard.press(key)
  }
  /** The cells of the first line of a row of the table, by the row's title. */
  const cells = async (title: string) => {
    const row = page
      .locator('tbody', { has: page.locator('.fact-title th > span:first-child', { hasText: title }) })
      .locator('tr')
      .nth(1)
    return (await row.locator('td').allInnerTexts()).map(text => text.trim())
  }

  /** The numbers of the answers, without what they mean. */
  const codes = async () => (await cells('Answer')).map(text => text.split('\n')[0])

  test('before browsing is unlocked, countries and relays cannot be taken, and the page says what is missing', async () => {
    await page.getByRole('link', { name: /Browse/ }).click()
    await page.getByRole('button', { name: 'Compare places' }).click()
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor()
    await page.getByText('Countries and relays are locked for now').waitFor()
    await page.getByText('This is exactly what is missing:').waitFor()
    await page.getByRole('button', { name: 'Sweden', exact: true }).waitFor({ timeout: 120_000 })
  })

  test('the shop has other prices in Sweden, Germany, through Tor and at home, and none in Brazil, with pictures', async () => {
    for (const country of ['Sweden', 'Germany', 'Brazil']) await page.getByRole('button', { name: country, exact: true }).click()
    await page.getByRole('radio', { name: 'Via Tor' }).check()
    await page.getByLabel('Comes out in').selectOption('jp')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await places(['Sweden', 'Germany', 'Brazil', 'Via Tor, Japan'])
    await page.getByRole('switch', { name: 'From home, too' }).click()
    await page.getByRole('button', { name: 'The shop' }).click()
    await compare(5)
    assert.deepEqual(await codes(), ['200', '200', '451', '200', '200'])
    await page.getByText('barred by law').waitFor()
    assert.match((await cells('Redirects'))[1]!, /302\s+http:\/\/127\.44\.0\.80:\d+\/offers\/eu/)
    assert.deepEqual(await cells('Server'), new Array(5).fill('127.44.0.80'))
    const text = await page.locator('.text-rows').innerText()
    for (const words of [/Prices for Sweden/, /349 kr/, /€32\.90/, /¥5,400/, /Prices for Norway/, /may not show itself in Brazil/])
      assert.match(text, words)
    const heads = await page.locator('.place-head').allInnerTexts()
    assert.match(heads[0]!, /Sweden\s+via Linnaeus, Sweden/)
    assert.match(heads[3]!, /via Dotonbori, Japan/)
    assert.match(heads[4]!, /Home\s+your own line/)
    await page.getByText(/^Different: .*Answer.*Redirects.*Content/).waitFor()
    // Every place has a picture of its own.
    const pictures = page.getByRole('img', { name: /^The page as it looks from/ })
    const sizes = () =>
      pictures.evaluateAll(images =>
        (images as HTMLImageElement[]).filter(image => image.complete).map(({ naturalWidth, src }) => [naturalWidth, src] as const),
      )
    const taken = await eventually(
      'five pictures',
      async () => {
        const all = await sizes()
        return all.length === 5 && all
      },
      60_000,
    )
    assert.ok(taken.every(([width]) => width === 960))
    assert.equal(new Set(taken.map(([, src]) => src)).size, 5)
    await shot('1-shop')
  })

  test('is whole for screen readers, in both themes, at 900 pixels and from right to left', async () => {
    const wrong: string[] = []
    const settings = (patch: object) => page.evaluate(change => vantage.call('settings.update', change), patch as Record<string, unknown>)
    for (const theme of ['light', 'dark']) {
      await settings({ theme })
      await page.locator(`html[data-theme=${theme}]`).waitFor()
      for (const violation of await axeViolations(page)) wrong.push(`${theme}: ${violation}`)
    }
    await shot('2-dark')
    await settings({ theme: 'light', language: 'ar' })
    await page.locator('html[dir=rtl]').waitFor()
    await page.getByRole('heading', { level: 1, name: 'المقارنة' }).waitFor()
    await page.setViewportSize({ width: 900, height: 600 })
    assert.deepEqual(await lasting(() => tooWide(page)), [])
    for (const violation of await axeViolations(page)) wrong.push(`Arabic: ${violation}`)
    await shot('3-arabic')
    await settings({ language: 'en' })
    await page.locator('html[dir=ltr]').waitFor()
    assert.deepEqual(wrong, [])
  })

  test('what was found is still there after another page, until it is forgotten', async () => {
    await page.getByRole('link', { name: /^Relay/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Your relay' }).waitFor()
    await page.getByRole('link', { name: /Browse/ }).click()
    await page.getByRole('button', { name: 'Compare places' }).click()
    await eventually('the results', async () => (await codes()).join() === '200,200,451,200,200')
    await page.getByRole('button', { name: 'Forget the results' }).click()
    await page.getByRole('heading', { name: 'What each place saw' }).waitFor({ state: 'detached' })
  })

  test('T18: a relay that leads to an imposter is found out by its certificate, loudly, and can be left out', async () => {
    for (const place of ['Germany', 'Via Tor, Japan']) await page.getByRole('button', { name: `Leave out: ${place}` }).click()
    await page.getByRole('button', { name: 'One relay tampers' }).click()
    await compare(3)
    const notice = page.locator('.notice[data-kind=bad]')
    assert.match(await notice.innerText(), /Brazil: the certificate for tampered\.practice\.test:\d+ is not to be trusted/)
    assert.match(await notice.innerText(), /Its issuer is unknown/)
    const [sweden, brazil, home] = await cells('Certificate: tampered.practice.test')
    assert.match(brazil!, /Its issuer is unknown[\s\S]*CN=Imposter/)
    assert.match(sweden!, /CN=Practice web authority/)
    assert.equal(sweden, home)
    assert.deepEqual(
      (await cells('Answer')).map(text => /trusted/.test(text)),
      [false, true, false],
    )
    await shot('4-imposter')
    await notice.getByRole('button', { name: 'Never look through this relay: Capibaribe' }).click()
    await notice.getByRole('button', { name: /Never look/ }).waitFor({ state: 'detached' })
    const { excluded } = await page.evaluate(
      async () => ((await vantage.call('state.get', undefined)) as { result: { settings: { excluded: string[] } } }).result.settings,
    )
    assert.equal(excluded.length, 1)
  })

  test('a column opens in a tab that looks from there', async () => {
    await page.getByRole('button', { name: 'Compare something else' }).click()
    await page.getByRole('button', { name: 'Where am I?' }).click()
    await compare(3)
    const opened: Page[] = []
    launched.app.on('window', window => opened.push(window))
    await page.getByRole('button', { name: 'Open in a tab: Sweden' }).click()
    await eventually('the page from Sweden', async () => {
      for (const window of opened) if (/You appear to come from Sweden/.test(await window.innerText('body').catch(() => ''))) return true
      return false
    })
  })

  test('by keyboard alone: begun, stopped, forgotten, begun again, and a picture is seen large', async () => {
    // The practice site answers nobody until it is let go.
    await launched.app.evaluate(() => {
      const { Server } = process.getBuiltinModule('node:http')
      const emit = Server.prototype.emit
      const held: (() => void)[] = []
      Server.prototype.emit = function (this: unknown, name: string, ...rest: unknown[]) {
        const pass = () => Reflect.apply(emit, this, [name, ...rest])
        return name === 'request' ? held.push(pass) > 0 : pass()
      } as typeof emit
      Object.assign(globalThis, {
        letGo: () => {
          Server.prototype.emit = emit
          for (const pass of held) pass()
        },
      })
    })
    await page.locator('h1').focus()
    await forget()
    await tabTo(page, /^Web address/, { back: true })
    await page.keyboard.press('Enter')
    // Of Brazil's relays none is left, which is said at once.
    await page.getByText(/^[01] of 3 places are through/).waitFor()
    await press(/^Stop$/)
    await ended(3)
    const [sweden, , home] = await cells('Answer')
    assert.deepEqual([sweden, home], ['Stopped', 'Stopped'])
    await launched.app.evaluate(() => (globalThis as unknown as { letGo(): void }).letGo())
    await forget()
    await tabTo(page, /^Web address/, { back: true })
    await page.keyboard.press('Enter')
    await ended(3)
    await page.getByRole('button', { name: /^The page as it looks from Sweden/ }).waitFor()
    await press(/^The page as it looks from Sweden/)
    const large = page.locator('.large-picture img')
    await large.waitFor()
    await eventually('it is drawn', () => large.evaluate(image => (image as HTMLImageElement).complete))
    const [width, room] = await large.evaluate(image => [image.clientWidth, document.querySelector('main')!.clientWidth] as const)
    assert.ok(width > 500 && width <= room, `${width} px of ${room}`)
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded')), 'true')
    assert.deepEqual(await axeViolations(page), [])
    await shot('6-large')
    await page.keyboard.press('Enter')
    await large.waitFor({ state: 'detached' })
    await forget()
  })

  test('what is wrong is said', async () => {
    await page.getByLabel('Web address').fill('')
    await page.keyboard.press('Enter')
    await page.getByText('Enter the address to compare.').waitFor()
    await page.getByLabel('Web address').fill('http://practice.test:1/')
    await page.keyboard.press('Enter')
    await page.getByText('A port that is not for web pages').first().waitFor()
    await page.getByRole('button', { name: 'Compare something else' }).click()
    await page.getByLabel('Web address').fill('http://127.0.0.1:80/')
    await page.keyboard.press('Enter')
    await page.getByText('An address of a private network: never asked for from home').waitFor()
    await page.getByText('The relay does not let this out: its policy, or an address of a private network').first().waitFor()
    await shot('5-failures')
  })
})

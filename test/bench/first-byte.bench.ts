import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { chromium, type Locator } from 'playwright-core'
import type { AppState } from '../../shared/state.ts'
import { connectSocks } from '../interop/socks.ts'
import { until } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { busySeconds, median } from './cpu.ts'
import { UiClient } from './ui-client.ts'

/*
 * From a click on a country to the first byte of a page seen from there, on the practice network, for every country that can be had both ways: through one
 * hop without a link (cold), with a link kept because the country is a favourite (warm), through three Tor hops that come out there (a new circuit), and
 * once more through that circuit; in turns, in one run. The click is a real one in Chromium; the page is asked for over the SOCKS port as soon as that has
 * taken the new choice.
 */
const ROOT = resolve(import.meta.dirname, '../..')
const MAX_MS = 20_000
/** A page should be seen within this time of the first click (C9). */
const GOAL_MS = 3000

execFileSync(process.execPath, [join(ROOT, 'tools/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
const vantage = await VantageProcess.start(['--accept-consent', 'relay,perspective'])
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
})
let owner: UiClient | undefined
try {
  const site = new URL((await vantage.event('practice')).site as string)
  await vantage.event('unlocked', undefined, 120_000)
  const { ui, socks } = await vantage.event('listening', event => event.ui !== undefined && event.socks !== undefined)
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } })
  await page.addInitScript(() => {
    window.addEventListener('click', event => Object.assign(window, { clickedAt: performance.timeOrigin + event.timeStamp }), true)
  })
  await page.goto(ui as string)
  await page.getByRole('link', { name: /Browse/ }).click()
  // The address in `ui` is used up; a running host gives new ones.
  const status = execFileSync(process.execPath, [join(ROOT, 'main/headless/main.ts'), 'status', '--data', vantage.folder], {
    encoding: 'utf8',
  })
  owner = await UiClient.open(/http:\S+token=[\w-]+/.exec(status)![0])
  const state = () => owner!.call('state.get') as Promise<AppState>

  /** The site's page over the SOCKS port, as the UI's choice has it; and when its first byte came. */
  const fetchPage = async () => {
    const socket = await connectSocks(socks as number, site.hostname, Number(site.port))
    socket.write(`GET / HTTP/1.1\r\nHost: ${site.host}\r\nConnection: close\r\n\r\n`)
    let firstByteAt: number | undefined
    let text = ''
    for await (const chunk of socket) {
      firstByteAt ??= performance.timeOrigin + performance.now()
      text += chunk
    }
    return { firstByteAt: firstByteAt ?? 0, text }
  }

  /** From the click, as the browser saw it, to the first byte, ms. */
  const measure = async (target: Locator, country: string): Promise<number> => {
    const began = performance.now()
    await target.click()
    for (;;) {
      try {
        const { firstByteAt, text } = await fetchPage()
        if (!text.includes(country)) throw new Error(`the page was not seen from ${country}: ${text.slice(-500)}`)
        return firstByteAt - (await page.evaluate(() => (window as { clickedAt?: number }).clickedAt!))
      } catch (error) {
        // Refused: the choice has not been taken yet, and nothing goes any other way.
        if (performance.now() - began > MAX_MS || !/SOCKS error/.test((error as Error).message)) throw error
        await delay(2)
      }
    }
  }

  const sessions = async (code: string) => {
    const { perspective } = await state()
    return perspective.relays.filter(({ country, session }) => country === code && session !== undefined).map(({ session }) => session)
  }
  const off = () => owner!.call('perspective.choose', { kind: 'off' })
  const ways = {
    'one hop, cold': async (code: string, name: string) => {
      // To exclude a country closes its links; taken back at once, it is as if it had never been looked from.
      await owner!.call('settings.update', { favourites: [], excluded: [code] })
      await until('no link', async () => (await sessions(code)).length === 0, 20_000)
      await owner!.call('settings.update', { excluded: [] })
      await page.getByRole('radio', { name: 'Country' }).check()
      return measure(page.getByRole('option', { name: new RegExp(name) }).first(), name)
    },
    'one hop, warm': async (code: string, name: string) => {
      await owner!.call('settings.update', { favourites: [code] })
      await until('a link', async () => (await sessions(code)).includes('open'), 20_000)
      return measure(page.getByRole('option', { name: new RegExp(name) }).first(), name)
    },
    'three hops, new circuit': async (code: string, name: string) => {
      await page.getByRole('radio', { name: 'Via Tor' }).check()
      await page.getByLabel('Comes out in').selectOption(code)
      return measure(page.getByRole('button', { name: 'Go through Tor' }), name)
    },
    'three hops, same circuit': async (_code: string, name: string) => measure(page.getByRole('button', { name: 'Go through Tor' }), name),
  }
  type Way = keyof typeof ways
  const names = Object.keys(ways) as Way[]
  const times = Object.fromEntries(names.map(way => [way, [] as number[]])) as Record<Way, number[]>
  const { perspective } = await until(
    'countries',
    async () => {
      const now = await state()
      return now.perspective.torFallback.length > 0 && now.perspective.countries.length > 0 ? now : undefined
    },
    30_000,
  )
  const english = new Intl.DisplayNames('en', { type: 'region' })
  const both = perspective.countries.filter(({ country }) => perspective.torFallback.some(exit => exit.country === country))
  const before = { busy: busySeconds(), at: performance.now() }
  for (const { country } of both) {
    const name = english.of(country.toUpperCase())!
    for (const way of names) {
      await off()
      times[way].push(await ways[way](country, name))
    }
  }
  const machine = (busySeconds() - before.busy) / ((performance.now() - before.at) / 1000)
  for (const way of names)
    console.log(
      `${way.padEnd(25)} click to first byte: median ${median(times[way]).toFixed(0)} ms (${times[way].map(ms => ms.toFixed(0)).join(', ')})`,
    )
  const ratio = (a: Way, b: Way) => (median(times[a]) / median(times[b])).toFixed(1)
  console.log(
    `ratio three hops : one hop = ${ratio('three hops, new circuit', 'one hop, cold')} cold, ${ratio('three hops, same circuit', 'one hop, warm')} warm; ` +
      `${both.length} countries, machine ${machine.toFixed(2)} cores`,
  )
  const slowest = Math.max(...times['one hop, cold'])
  console.log(
    `first page through perspective access: slowest ${slowest.toFixed(0)} ms, ${slowest < GOAL_MS ? 'under' : 'NOT under'} the goal of ${GOAL_MS} ms`,
  )
} finally {
  await owner?.close()
  await browser.close()
  await vantage.stop()
}

// The computer of somebody with the desktop app, run inside a host: starts it, and steers it as its owner would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import type { LookChoice } from '../../shared/state.ts'
import { type Launched, launchApp } from '../e2e/launch.ts'
import { TabDriver } from '../e2e/tab-driver.ts'
import { until } from '../interop/stock-node.ts'
import { type EvilTargets, tryEverything } from './evil-page.ts'

let launched: Launched | undefined
let folder: string
let ui: Page
let tabs: TabDriver

interface Event {
  readonly event: string
  readonly [fact: string]: unknown
}

export async function startDesktop(args: string[], chromiumSwitch: string, settings: object): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'vantage-desktop-'))
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings))
  launched = await launchApp({ args: ['--json', ...args], env: { STAND_IN_SWITCHES: chromiumSwitch }, data: folder })
  ui = await launched.app.firstWindow()
  tabs = new TabDriver(launched, ui)
}

/** The first event of a name, once it has come. */
export function event(name: string, ms: number): Promise<Event> {
  const find = () => {
    const events = launched!.output.out
      .split('\n')
      .flatMap(line => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Event] : []))
    return events.find(one => one.event === name)
  }
  return until(`the event ${name}`, find, ms, 100).catch(error => {
    throw new Error(`${error.message}\n${launched!.output.out.slice(-3000)}\n${launched!.output.err.slice(-3000)}`)
  })
}

/** Opens a tab; answers with its title when the page stands. */
export async function openTab(url: string, choice: LookChoice): Promise<string> {
  const answer = await tabs.open(url, choice)
  const view = await tabs.front(url).catch(async error => {
    const toolbar = await tabs.toolbar()
    throw new Error(`${error.message}: ${JSON.stringify(answer)} ${await toolbar.innerText('main')}`)
  })
  await view.waitForSelector('h1')
  return view.title()
}

/** Lets the page of the tab in front try everything; then what opens windows, which takes the page elsewhere. */
export async function attack(url: string, targets: EvilTargets): Promise<string[]> {
  const view = await tabs.front(url)
  const told = await view.evaluate(tryEverything, targets)
  for (const to of [
    `http://${targets.lan[0]}/popup`,
    `http://127.0.0.1:${targets.localPorts[0]}/popup`,
    `https://popup.${targets.names}/`,
  ]) {
    await tabs.open(url, { kind: 'country', country: 'de' })
    const page = await tabs.front(url)
    await page.waitForSelector('h1')
    await page.evaluate(address => void open(address), to)
    await until(`${to} in its place, or why not`, async () => (await tabs.shown()) !== url, 30_000, 50)
  }
  return told
}

/** The same in a Chromium of everybody's, which knows no proxy. */
export async function attackWithoutUs(url: string, chromiumSwitch: string, targets: EvilTargets): Promise<string[]> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', chromiumSwitch],
  })
  try {
    const page = await browser.newPage()
    await page.goto(url)
    return await page.evaluate(tryEverything, targets)
  } finally {
    await browser.close()
  }
}

/** Whether a SOCKS5 proxy without a password listens there. */
export function isSocks(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.of(5, 1, 0)))
    socket.once('data', data => {
      socket.destroy()
      resolve(data.equals(Buffer.of(5, 0)))
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

export async function stopDesktop(): Promise<void> {
  await launched?.end()
  launched = undefined
  await rm(folder, { recursive: true, force: true })
}

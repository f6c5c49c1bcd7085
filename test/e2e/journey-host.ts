// The two programs that the same journey is walked in: the headless host with a browser beside it, and the desktop app.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type JsonEvent, VantageProcess } from '../interop/vantage-process.ts'
import { type Launched, launchApp } from './launch.ts'
import { eventually } from './tab-driver.ts'

const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
}
const SIZE = { width: 1100, height: 760 }

/** What a journey needs of a program. */
export interface JourneyHost {
  /** The data folder. */
  readonly data: string
  readonly page: Page
  readonly events: readonly JsonEvent[]
  /** The first event, past or future, for which `match` holds; fails after a minute, or when the program ends. */
  event(name: string, match?: (event: JsonEvent) => boolean): Promise<JsonEvent>
  /** Opens an address through what is chosen, as a person does here; the page is there when it is answered. */
  look(url: string): Promise<Page>
  /** The exit code, when the program ends by itself. */
  exited(): Promise<number | null>
  /** Starts it again, after its end, on the same data. */
  startAgain(): Promise<void>
  /** Loads the window's page anew. */
  reloadWindow(): Promise<void>
  /** Takes the window away, as a crash of its process would, and waits until there is one again. */
  loseWindow(): Promise<void>
  end(): Promise<void>
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-journey-'))
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ bandwidthRate: 1e9, bandwidthBurst: 1e9, language: 'en' }))
  return folder
}

/** The newest of the events that have this name. */
export const lastEvent = (host: JourneyHost, name: string) => host.events.findLast(event => event.event === name)

export class HeadlessJourney implements JourneyHost {
  readonly data: string
  readonly #browser: Browser
  #vantage: VantageProcess
  #visitor: Browser | undefined
  page: Page

  private constructor(folder: string, browser: Browser, vantage: VantageProcess, page: Page) {
    this.data = folder
    this.#browser = browser
    this.#vantage = vantage
    this.page = page
  }

  static async start(): Promise<HeadlessJourney> {
    const folder = await newFolder()
    const [vantage, browser] = await Promise.all([VantageProcess.start([], folder), chromium.launch(CHROMIUM)])
    const host = new HeadlessJourney(folder, browser, vantage, await browser.newPage({ viewport: SIZE }))
    await host.#goto()
    return host
  }

  async #goto(): Promise<void> {
    const { ui } = await this.event('listening', event => event.ui !== undefined)
    await this.page.goto(ui as string)
  }

  get events() {
    return this.#vantage.events
  }

  event(name: string, match?: (event: JsonEvent) => boolean): Promise<JsonEvent> {
    return this.#vantage.event(name, match)
  }

  async look(url: string): Promise<Page> {
    this.#visitor ??= await chromium.launch({
      ...CHROMIUM,
      proxy: { server: `socks5://127.0.0.1:${this.#vantage.socksPort}`, bypass: '<-loopback>' },
    })
    const page = await this.#visitor.newPage()
    await page.goto(url)
    return page
  }

  exited(): Promise<number | null> {
    const { child } = this.#vantage
    return child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise(resolve => child.once('exit', resolve))
  }

  async startAgain(): Promise<void> {
    await this.#visitor?.close()
    this.#visitor = undefined
    this.#vantage = await VantageProcess.start([], this.data)
    await this.#goto()
  }

  async reloadWindow(): Promise<void> {
    await this.page.reload()
  }

  async loseWindow(): Promise<void> {
    const { page } = this
    this.page = await this.#browser.newPage({ viewport: SIZE })
    // The address of the window holds a token that is spent; a window that is opened again has the cookie.
    await this.page.context().addCookies(await page.context().cookies())
    const url = page.url()
    const crashed = page.waitForEvent('crash')
    await page.goto('chrome://crash').catch(() => {})
    await crashed
    await this.page.goto(url)
  }

  async end(): Promise<void> {
    await this.#visitor?.close()
    await this.#browser.close()
    await this.#vantage.stop()
  }
}

export class DesktopJourney implements JourneyHost {
  readonly data: string
  #launched: Launched
  #seen = new Set<Page>()
  page: Page

  private constructor(folder: string, launched: Launched, page: Page) {
    this.data = folder
    this.#launched = launched
    this.page = page
  }

  static async start(): Promise<DesktopJourney> {
    const folder = await newFolder()
    const launched = await DesktopJourney.#launch(folder)
    return new DesktopJourney(folder, launched, await launched.app.firstWindow())
  }

  static #launch(data: string): Promise<Launched> {
    return launchApp({ args: ['--json', '--socks-port', '0', '--http-port', '0'], data })
  }

  get events(): JsonEvent[] {
    const lines = this.#launched.output.out.split('\n')
    return lines.slice(0, -1).map(line => JSON.parse(line))
  }

  async event(name: string, match: (event: JsonEvent) => boolean = () => true): Promise<JsonEvent> {
    const { stdout } = this.#launched.app.process()
    const late = AbortSignal.timeout(60_000)
    for (;;) {
      const found = this.events.find(event => event.event === name && match(event))
      if (found) return found
      await new Promise<void>((resolve, reject) => {
        stdout!.once('data', () => resolve())
        stdout!.once('close', () => reject(new Error(`it ended without "${name}": ${this.#launched.output.err.slice(-3000)}`)))
        late.addEventListener('abort', () => reject(new Error(`no event "${name}"; there were ${this.#launched.output.out.slice(-3000)}`)))
      })
    }
  }

  async look(url: string): Promise<Page> {
    const { app } = this.#launched
    const page = this.page
    await page.getByRole('link', { name: /Browse/ }).click()
    await page.getByLabel('Web address').fill(url)
    await page.getByLabel('Web address').press('Enter')
    const window = await eventually(
      `a page at ${url}`,
      () => app.windows().find(other => !this.#seen.has(other) && !other.isClosed() && other.url().startsWith(url)),
      30_000,
    ).catch(async error => {
      throw new Error(`${error.message}; ${await this.#shown()}`)
    })
    this.#seen.add(window)
    await window.waitForSelector('h1')
    return window
  }

  /** What our own pages say, for whoever wonders why something did not come. */
  async #shown(): Promise<string> {
    const own = this.#launched.app.windows().filter(window => !window.isClosed() && window.url().startsWith('https://bundle.app'))
    const texts = await Promise.all(own.map(window => window.innerText('body').catch(String)))
    const others = this.#launched.app.windows().map(window => window.url())
    const fields = await Promise.all(
      own.map(window => window.locator('input').evaluateAll(all => all.map(one => (one as HTMLInputElement).value))),
    )
    const main = await this.#launched.app.evaluate(({ BaseWindow }) =>
      BaseWindow.getAllWindows().map(window => {
        const { contentView } = window as unknown as { contentView?: { children: { webContents: { getURL(): string } }[] } }
        return contentView?.children.map(({ webContents }) => webContents.getURL())
      }),
    )
    return `open: ${others.join(' ')}; fields: ${JSON.stringify(fields)}; views: ${JSON.stringify(main)}; shown: ${texts.join(' | ').replace(/\s+/g, ' ').slice(0, 3000)}`
  }

  exited(): Promise<number | null> {
    return this.#launched.exited
  }

  async startAgain(): Promise<void> {
    this.#seen.clear()
    this.#launched = await DesktopJourney.#launch(this.data)
    this.page = await this.#launched.app.firstWindow()
  }

  async reloadWindow(): Promise<void> {
    await this.#launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.reload())
  }

  async loseWindow(): Promise<void> {
    const { app } = this.#launched
    const again = app.waitForEvent('window')
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer())
    this.page = await again
  }

  async end(): Promise<void> {
    await this.#launched.end()
    await rm(this.data, { recursive: true, force: true, maxRetries: 5 })
  }
}

import assert from 'node:assert/strict'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { View } from '../../renderer/navigation.ts'
import type { AppState } from '../../shared/state.ts'
import type { FakeHost } from './fake-host.ts'

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']

/** How long is waited for what must come, in ms. */
const PATIENCE = 8000

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS })
}

/** The window in a real browser, with everything that must never happen in it collected. */
export class TestWindow {
  readonly page: Page
  readonly host: FakeHost
  readonly context: BrowserContext
  /** Script errors, console errors, policy violations, requests to anywhere else. */
  readonly faults: string[] = []

  private constructor(context: BrowserContext, page: Page, host: FakeHost) {
    this.context = context
    this.page = page
    this.host = host
    page.on('pageerror', error => this.faults.push(`error: ${error.message}`))
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') this.faults.push(`console: ${message.text()}`)
    })
    page.on('request', request => {
      if (!request.url().startsWith(host.url)) this.faults.push(`request: ${request.url()}`)
    })
    page.on('dialog', dialog => {
      this.faults.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  static async open(browser: Browser, host: FakeHost, view: View = 'home'): Promise<TestWindow> {
    const context = await browser.newContext({ viewport: { width: 1180, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    const window = new TestWindow(context, page, host)
    await page.goto(`${host.url}#${view}`)
    await window.#shown()
    return window
  }

  /** Shows a state on a page, and waits until it is on the screen. */
  async show(state: AppState, view?: View): Promise<void> {
    if (view) await this.go(view)
    this.host.show(state)
    await this.#shown()
  }

  /** Sends some sections and waits until they are on the screen. */
  async change(sections: Partial<Omit<AppState, 'revision'>>): Promise<void> {
    this.host.change(sections)
    await this.#shown()
  }

  async go(view: View): Promise<void> {
    await this.page.evaluate(hash => {
      location.hash = hash
    }, view)
    await this.page.locator(`.page[data-view=${view}]`).waitFor()
  }

  /** Waits until the live region says this, or something like it. */
  async hears(text: string | RegExp): Promise<void> {
    const region = this.page.locator('[aria-live=polite]')
    const said = async () => ((await region.textContent()) ?? '').trim()
    const end = Date.now() + PATIENCE
    for (let now = await said(); typeof text === 'string' ? now !== text : !text.test(now); now = await said()) {
      if (Date.now() > end) assert.fail(`“${text}” was not announced, but “${now}”`)
      await this.page.evaluate(() => new Promise(resolve => requestAnimationFrame(resolve)))
    }
  }

  /** Types as somebody does who does not look: each key follows the last one at once, however long the page takes for it. */
  async typeFast(text: string): Promise<void> {
    const devtools = await this.context.newCDPSession(this.page)
    const strokes = [...text].flatMap(key => [{ type: 'keyDown', key, text: key } as const, { type: 'keyUp', key } as const])
    await Promise.all(strokes.map(stroke => devtools.send('Input.dispatchKeyEvent', stroke)))
    await devtools.detach()
  }

  /** See {@link tabTo}. */
  tabTo(name: RegExp, options?: { limit?: number; back?: boolean }): Promise<void> {
    return tabTo(this.page, name, options)
  }

  /** See {@link focusedName}. */
  focusedName(): Promise<string> {
    return focusedName(this.page)
  }

  async close(): Promise<void> {
    await this.context.close()
  }

  async #shown(): Promise<void> {
    await this.page.waitForFunction(revision => document.documentElement.dataset['revision'] === revision, String(this.host.state.revision))
  }
}

/** Presses Tab until the focused control's name fits; fails when that takes more than `limit`. */
export async function tabTo(page: Page, name: RegExp, { limit = 60, back = false } = {}): Promise<void> {
  for (let presses = 0; presses < limit; presses++) {
    if (name.test(await focusedName(page))) return
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab')
  }
  assert.fail(`Tab did not reach ${name} within ${limit} presses; focus is on "${await focusedName(page)}"`)
}

/** The accessible name of what has the focus, as near as a test needs it. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return ''
    const byId = (ids: string | null) => (ids ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '')
    const label = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels?.[0]?.textContent : undefined
    const picture = element.querySelector('img')?.alt
    return (
      element.getAttribute('aria-label') ??
      (byId(element.getAttribute('aria-labelledby')).join(' ').trim() || label || element.textContent || picture || '').trim()
    )
  })
}

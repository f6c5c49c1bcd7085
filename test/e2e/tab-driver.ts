import type { Page } from 'playwright-core'
import type { LookChoice } from '../../shared/state.ts'
import type { Launched } from './launch.ts'

/** What of a tab window is laid out, as the stand-in remembers it. */
export interface LaidOut {
  readonly targetId: string
  readonly url: string
  readonly visible: boolean
  readonly bounds: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/** Waits until something is there; what is asked changes by events of the app. */
export async function eventually<T>(
  what: string,
  find: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 10_000,
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const found = await find()
    if (found) return found
    if (Date.now() > end) throw new Error(`never came: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Steers the window in which one looks through others, as a person does. */
export class TabDriver {
  readonly #launched: Launched
  readonly #ui: Page
  readonly #targets = new WeakMap<Page, string>()

  constructor(launched: Launched, ui: Page) {
    this.#launched = launched
    this.#ui = ui
  }

  open(url?: string, choice?: LookChoice): Promise<unknown> {
    return this.#ui.evaluate(argument => vantage.call('perspective.open', argument), { url, choice })
  }

  /** The page of ours around the others. */
  toolbar(): Promise<Page> {
    return eventually('the toolbar', () =>
      this.#launched.app.windows().find(window => !window.isClosed() && window.url().includes('/toolbar/')),
    )
  }

  /** The newest page at an address that begins so. */
  view(start: string): Promise<Page> {
    return eventually(`a page at ${start}`, () =>
      this.#launched.app.windows().findLast(window => !window.isClosed() && window.url().startsWith(start)),
    )
  }

  /** Pages laid over ours, in the order of their making. */
  async laidOut(): Promise<LaidOut[]> {
    const all = await this.#launched.app.evaluate(({ BaseWindow }) => {
      type View = { webContents: { getURL(): string; targetId: string }; visible: boolean; bounds: LaidOut['bounds'] }
      const windows = BaseWindow.getAllWindows() as unknown as { contentView?: { children: View[] } }[]
      return windows
        .flatMap(window => window.contentView?.children ?? [])
        .map(({ webContents, visible, bounds }) => ({ targetId: webContents.targetId, url: webContents.getURL(), visible, bounds }))
    })
    return all.filter(({ url }) => !url.startsWith('app:'))
  }

  /** The address of the page that is to be seen; none while ours says why. */
  async shown(): Promise<string | undefined> {
    return (await this.laidOut()).find(({ visible }) => visible)?.url
  }

  /** The page that is to be seen, once it is at an address that begins so. */
  front(start: string): Promise<Page> {
    return eventually(`${start} in front`, async () => {
      const seen = (await this.laidOut()).find(({ visible, url }) => visible && url.startsWith(start))
      for (const window of this.#launched.app.windows()) if (seen && (await this.#targetId(window)) === seen.targetId) return window
      return undefined
    })
  }

  async #targetId(page: Page): Promise<string | undefined> {
    if (!this.#targets.has(page) && !page.isClosed()) {
      const devtools = await page.context().newCDPSession(page)
      const { targetInfo } = await devtools.send('Target.getTargetInfo')
      this.#targets.set(page, targetInfo.targetId)
    }
    return this.#targets.get(page)
  }
}

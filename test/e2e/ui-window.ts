// What every test of a screen begins with: the window built once for a file of tests, one browser, and windows in it, each beside a host of its own.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { View } from '../../renderer/navigation.ts'
import type { Settings } from '../../shared/settings.ts'
import type { AppState } from '../../shared/state.ts'
import { buildRenderer } from '../renderer/build-renderer.ts'
import { FakeHost } from '../renderer/fake-host.ts'
import { launchChromium, TestWindow } from '../renderer/window.ts'

/** Where the pictures go that a person looks at after a run. */
export const SHOTS = resolve(import.meta.dirname, '../../out/screenshots')
/** Of one picture. */
export const shotPath = (name: string) => join(SHOTS, `${name}.png`)

/** A window and the host that it is shown; both end with `await using`, or else with the tests of their file. */
export interface OpenWindow extends AsyncDisposable {
  readonly host: FakeHost
  readonly window: TestWindow
  readonly page: Page
}

function keepSettings(host: FakeHost, patch: Partial<Settings>): Settings {
  const settings = { ...host.state.settings, ...patch }
  host.change({ settings })
  return settings
}

/** From now on a host keeps settings, and answers, only once what this answers with is called. */
export function holdSettings(host: FakeHost): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  host.on('settings.update', async patch => {
    await promise
    return keepSettings(host, patch)
  })
  return resolve
}

/**
 * To be called outside of tests: answers with what opens a window within them. The hosts keep settings, as the real one does; `prepare` has them answer
 * other calls before the first one comes.
 */
export function uiWindows(): (state: AppState, view?: View, prepare?: (host: FakeHost) => void) => Promise<OpenWindow> {
  const open = new Set<OpenWindow>()
  let built: Awaited<ReturnType<typeof buildRenderer>>
  let browser: Browser
  before(async () => {
    ;[built, browser] = await Promise.all([buildRenderer(), launchChromium(), mkdir(SHOTS, { recursive: true })])
  })
  after(async () => {
    for (const window of open) await window[Symbol.asyncDispose]()
    await browser?.close()
    await built?.remove()
  })
  return async (state, view, prepare) => {
    const host = await FakeHost.start(state, built.folder)
    host.on('settings.update', patch => keepSettings(host, patch))
    prepare?.(host)
    const window = await TestWindow.open(browser, host, view)
    const opened: OpenWindow = {
      host,
      window,
      page: window.page,
      async [Symbol.asyncDispose]() {
        open.delete(opened)
        await window.close()
        await host.close()
      },
    }
    open.add(opened)
    return opened
  }
}

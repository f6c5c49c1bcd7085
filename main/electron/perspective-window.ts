import { join } from 'node:path'
import { BaseWindow, type IpcMainInvokeEvent, ipcMain, type Session, session, type WebContents, WebContentsView } from 'electron'
import { plainText } from '../../shared/format.ts'
import {
  TOOLBAR_ACTION_CHANNEL,
  TOOLBAR_HEIGHT,
  TOOLBAR_STATE_CHANNEL,
  type ToolbarAction,
  type ToolbarState,
  toolbarAction,
} from '../../shared/toolbar.ts'
import type { PerspectiveProxy } from '../app/hosted-app.ts'
import type { ScopedLog } from '../lib/log.ts'
import { isTrusted } from './ipc.ts'
import { denyPermissions, preventNavigation, UI_ORIGIN } from './lock-down.ts'

/** Chromium's codes for loads that ended because another began, or because we stopped them. */
const ABORTED = -3

export interface PerspectiveWindowOptions {
  /** Where the bundled preload of the toolbar lies. */
  readonly folder: string
  /** A SOCKS5 port of its own, closed with the window. */
  readonly proxy: PerspectiveProxy
  /** What is looked through, in words. */
  readonly through: string
  readonly oneHop: boolean
  readonly url?: string
  readonly log: ScopedLog
  readonly onClosed: () => void
}

let count = 0

/**
 * A window onto the untrusted web through one perspective: our toolbar above, the page below. The page has a session of its own, in
 * memory, that knows no way out but its proxy; no preload; no permission. Closing the window forgets all of it.
 */
export class PerspectiveWindow {
  readonly #options: PerspectiveWindowOptions
  readonly #session: Session
  readonly #window: BaseWindow
  readonly #toolbar: WebContentsView
  readonly #page: WebContentsView
  #failed: string | undefined
  #closed = false

  /** Resolves when the window stands; the page is then on its way. Rejects, with nothing left behind, when the session cannot be confined. */
  static async open(options: PerspectiveWindowOptions): Promise<PerspectiveWindow> {
    // Without "persist:" the partition lives in memory; the number makes it new.
    const own = session.fromPartition(`perspective:${++count}`)
    denyPermissions(own, { fullscreen: true })
    own.setUserAgent(own.getUserAgent().replace(/ (?:Vantage|vantage|Electron)\/\S+/g, ''))
    // No "direct://" behind it: a dead proxy must be an error page. "<-loopback>": Chromium would reach this very machine by itself.
    await own.setProxy({
      mode: 'fixed_servers',
      proxyRules: `socks5://${options.proxy.host}:${options.proxy.port}`,
      proxyBypassRules: '<-loopback>',
    })
    return new PerspectiveWindow(options, own)
  }

  private constructor(options: PerspectiveWindowOptions, own: Session) {
    this.#options = options
    this.#session = own
    this.#window = new BaseWindow({ width: 1100, height: 800, title: `Vantage: ${options.through}`, autoHideMenuBar: true })
    this.#toolbar = new WebContentsView({
      webPreferences: { preload: join(options.folder, 'toolbar-preload.cjs'), sandbox: true, contextIsolation: true, spellcheck: false },
    })
    this.#page = new WebContentsView({ webPreferences: { session: own, sandbox: true, contextIsolation: true, spellcheck: false } })
    this.#window.contentView.addChildView(this.#page)
    this.#window.contentView.addChildView(this.#toolbar)
    this.#window.on('resize', () => this.#layOut())
    this.#window.once('closed', () => void this.#onClosed())
    this.#layOut()
    this.#watch(this.#page.webContents)
    preventNavigation(this.#toolbar.webContents)
    ipcHandlers.add(this)
    this.#toolbar.webContents
      .loadURL(`${UI_ORIGIN}/toolbar/toolbar.html`)
      .catch(error => options.log.error(`the toolbar did not load: ${(error as Error).message}`))
    if (options.url !== undefined) this.#go(options.url)
  }

  close(): void {
    if (!this.#closed) this.#window.destroy()
  }

  /** An action of the toolbar; `undefined` when it is not ours to answer. */
  act(event: IpcMainInvokeEvent, argument: unknown): boolean | undefined {
    if (event.sender !== this.#toolbar.webContents) return undefined
    const parsed = isTrusted(event, this.#toolbar.webContents) ? toolbarAction.safeParse(argument) : undefined
    if (!parsed?.success) return false
    this.#do(parsed.data)
    this.#tell()
    return true
  }

  #do(action: ToolbarAction): void {
    const contents = this.#page.webContents
    switch (action.do) {
      case 'go':
        return this.#go(action.url)
      case 'back':
        return contents.navigationHistory.goBack()
      case 'forward':
        return contents.navigationHistory.goForward()
      case 'reload':
        return contents.reload()
      case 'stop':
        return contents.stop()
      default:
        return action satisfies never
    }
  }

  #go(text: string): void {
    if (!isWebAddress(text)) return
    this.#failed = undefined
    // A failed load is told by did-fail-load.
    this.#page.webContents.loadURL(text).catch(() => {})
  }

  #watch(contents: WebContents): void {
    const tell = () => this.#tell()
    // Pages may go where they like on the web, and nowhere else: not to files, not to our own pages.
    for (const name of ['will-navigate', 'will-redirect'] as const)
      contents.on(name as 'will-navigate', event => {
        if (!isWebAddress(event.url)) event.preventDefault()
      })
    // There are no tabs yet: what a page opens replaces it.
    contents.setWindowOpenHandler(({ url }) => {
      this.#go(url)
      return { action: 'deny' }
    })
    contents.on('did-start-navigation', details => {
      if (details.isMainFrame && !details.isSameDocument) this.#failed = undefined
      tell()
    })
    contents.on('did-navigate', tell)
    contents.on('did-navigate-in-page', tell)
    contents.on('did-start-loading', tell)
    contents.on('did-stop-loading', tell)
    contents.on('did-fail-load', (_event, code, name, _url, isMainFrame) => {
      if (isMainFrame && code !== ABORTED) this.#failed = name
      tell()
    })
    contents.on('page-title-updated', (event, title) => {
      event.preventDefault()
      this.#window.setTitle(`${plainText(title, 80)} (${this.#options.through})`)
      tell()
    })
  }

  #tell(): void {
    const toolbar = this.#toolbar.webContents
    if (this.#closed || toolbar.isDestroyed()) return
    const contents = this.#page.webContents
    const state: ToolbarState = {
      through: this.#options.through,
      oneHop: this.#options.oneHop,
      url: contents.getURL().slice(0, 5000),
      title: plainText(contents.getTitle()),
      loading: contents.isLoading(),
      canGoBack: contents.navigationHistory.canGoBack(),
      canGoForward: contents.navigationHistory.canGoForward(),
      failed: this.#failed,
    }
    toolbar.send(TOOLBAR_STATE_CHANNEL, state)
  }

  #layOut(): void {
    const { width, height } = this.#window.getContentBounds()
    this.#toolbar.setBounds({ x: 0, y: 0, width, height: TOOLBAR_HEIGHT })
    this.#page.setBounds({ x: 0, y: TOOLBAR_HEIGHT, width, height: Math.max(0, height - TOOLBAR_HEIGHT) })
  }

  async #onClosed(): Promise<void> {
    this.#closed = true
    ipcHandlers.delete(this)
    // A BaseWindow does not end its views.
    this.#page.webContents.close()
    this.#toolbar.webContents.close()
    this.#options.onClosed()
    await Promise.allSettled([
      this.#options.proxy.close(),
      this.#session.closeAllConnections(),
      this.#session.clearStorageData(),
      this.#session.clearCache(),
    ])
  }
}

/** The open windows: toolbars share one channel, and each window knows its own toolbar. */
const ipcHandlers = new Set<PerspectiveWindow>()

/** Once, before the first window. */
export function handleToolbars(): void {
  ipcMain.handle(TOOLBAR_ACTION_CHANNEL, (event, argument: unknown) => {
    for (const window of ipcHandlers) {
      const answer = window.act(event, argument)
      if (answer !== undefined) return answer
    }
    return false
  })
}

/** http, https, or an empty page. */
function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return text === 'about:blank' || url?.protocol === 'http:' || url?.protocol === 'https:'
}

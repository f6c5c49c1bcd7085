import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import type * as Electron from 'electron'
import { app, chromium } from './app.ts'
import type { Message } from './chromium.ts'
import { capturedImage } from './desktop.ts'
import { watchDownloads } from './downloads.ts'
import { electronType, preventable } from './events.ts'
import { handlers, plain } from './ipc-main.ts'
import { askFirst, endpoint, findText, type PageNames, type PageWish, runPreload } from './page-side.ts'
import { innerUrl, outerUrl, type RequestAnswer, type StandInSession, session as sessions } from './session.ts'
import { type NothingInvented, strict } from './strict.ts'

const PRELOAD_WORLD = 'electron-preload'
let nextId = 1

/** One page: a Chromium window of its own, whether it stands for a window or for a view in one. */
class WebContents extends EventEmitter {
  readonly id = nextId++
  readonly session: StandInSession
  targetId = ''
  /** Resolves when the page stands, empty. */
  readonly ready: Promise<void>
  #devtools = ''
  #url = ''
  #title = ''
  #loading = false
  #destroyed = false
  #loadingFromMain = false
  /** Chromium's names of what went wrong with documents, by the id of their request. */
  readonly #failures = new Map<string, string>()
  #openHandler: ((details: { url: string; disposition: string }) => { action: string }) | undefined
  #size: { width: number; height: number } | undefined
  #zoom = 1
  #found = { text: '', at: 0 }
  #findings = 0
  /** Of the newest page, once Chromium has said it. */
  #certificate: Message | undefined
  readonly #signs = new EventEmitter()
  readonly #preferences: Electron.WebPreferences
  readonly #names: PageNames
  /** The contexts of the preload's world, one a frame, with the frame's id and origin. */
  readonly #worlds = new Map<number, { frameId: string; origin: string }>()
  readonly navigationHistory = strict(
    'webContents.navigationHistory',
    {
      goBack: () => void this.#step(-1).catch(() => {}),
      goForward: () => void this.#step(1).catch(() => {}),
      canGoBack: () => this.#history.index > 0,
      canGoForward: () => this.#history.index + 1 < this.#history.length,
    },
    () => this.#destroyed,
  )
  #history = { index: 0, length: 1 }

  constructor(preferences: Electron.WebPreferences, bounds: { width: number; height: number }) {
    super()
    this.setMaxListeners(0)
    if (!preferences.sandbox || !preferences.contextIsolation)
      throw new Error('electron: pages without sandbox and isolation are not in the stand-in')
    this.#preferences = preferences
    this.session = (preferences.session as unknown as StandInSession | undefined) ?? sessions.defaultSession
    const secret = randomUUID().replaceAll('-', '')
    this.#names = { toPage: `g${secret}`, toPreload: `p${secret}`, binding: `b${secret}`, receive: `r${secret}` }
    this.ready = this.#open(bounds)
    this.ready.catch(error => process.stderr.write(`stand-in: a page could not be made: ${error.message}\n`))
  }

  /** Of a page that is gone only that is told, whatever Chromium still says. */
  override emit(name: string | symbol, ...args: unknown[]): boolean {
    return (!this.#destroyed || name === 'destroyed') && super.emit(name, ...args)
  }

  async #open(bounds: { width: number; height: number }): Promise<void> {
    const { targetId } = await chromium().send('Target.createTarget', {
      url: 'about:blank',
      browserContextId: await this.session.contextId(),
      newWindow: true,
      ...bounds,
    })
    this.targetId = targetId
    const { sessionId } = await chromium().send('Target.attachToTarget', { targetId, flatten: true })
    this.#devtools = sessionId
    this.#listen()
    await this.#do('Page.enable')
    await this.#do('Runtime.enable')
    await this.#do('Network.enable')
    await this.#do('Security.enable')
    await this.#do('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    if (this.session.userAgent) await this.#do('Emulation.setUserAgentOverride', { userAgent: this.session.userAgent })
    const opener = `o${this.#names.binding}`
    await this.#do('Runtime.addBinding', { name: opener })
    await this.#do('Page.addScriptToEvaluateOnNewDocument', { source: `(${askFirst})(${JSON.stringify(opener)})` })
    if (this.#preferences.preload) await this.#installPreload(this.#preferences.preload)
  }

  async #installPreload(file: string): Promise<void> {
    const { toPage, toPreload, binding } = this.#names
    await this.#do('Runtime.addBinding', { name: binding, executionContextName: PRELOAD_WORLD })
    // Frames within the page get none, as in Electron.
    const page = `if (window === top) (${endpoint})(${JSON.stringify(toPreload)}, ${JSON.stringify(toPage)})`
    const preload = `if (window === top) (${runPreload})(${JSON.stringify(this.#names)}, ${endpoint}, require => {${readFileSync(file, 'utf8')}\n})`
    await this.#do('Page.addScriptToEvaluateOnNewDocument', { source: page })
    await this.#do('Page.addScriptToEvaluateOnNewDocument', { source: preload, worldName: PRELOAD_WORLD })
  }

  #listen(): void {
    const on = (method: string, listener: (params: Message) => void) => chromium().on(`${this.#devtools}/${method}`, listener)
    on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData
      if (context.name === PRELOAD_WORLD) this.#worlds.set(context.id, { frameId, origin: innerUrl(context.origin) })
    })
    on('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#worlds.delete(executionContextId))
    on('Runtime.executionContextsCleared', () => this.#worlds.clear())
    on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === this.#names.binding) void this.#answer(JSON.parse(payload), executionContextId)
      else this.#wish(JSON.parse(payload))
    })
    on('Network.loadingFailed', ({ requestId, type, errorText }) => {
      if (type === 'Document') this.#failures.set(requestId, errorText.replace('net::', ''))
    })
    on('Security.visibleSecurityStateChanged', ({ visibleSecurityState }) => {
      this.#certificate = visibleSecurityState.certificateSecurityState
      if (this.#certificate) this.#signs.emit('certificate')
    })
    on('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }))
    watchDownloads(on, item => {
      const event = preventable()
      this.session.emit('will-download', event, item, this.proxy)
      return event.defaultPrevented
    })
    on('Page.frameStartedLoading', ({ frameId }) => this.#setLoading(frameId, true))
    on('Page.frameStoppedLoading', ({ frameId }) => this.#setLoading(frameId, false))
    on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId) return
      this.#url = innerUrl(frame.unreachableUrl ?? frame.url + (frame.urlFragment ?? ''))
      const failure = frame.unreachableUrl && (this.#failures.get(frame.loaderId) ?? 'ERR_FAILED')
      this.#failures.clear()
      void this.#readHistory().then(async () => {
        if (failure?.startsWith('ERR_CERT_')) await this.#tellCertificate(failure)
        if (failure) this.emit('did-fail-load', {}, -1, failure, this.#url, true)
        else this.emit('did-navigate', {}, this.#url)
      })
    })
    on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId !== this.targetId) return
      this.#url = innerUrl(url)
      void this.#readHistory().then(() => this.emit('did-navigate-in-page', {}, this.#url, true))
    })
    on('Page.loadEventFired', () => {
      this.emit('did-finish-load')
      this.emit('ready-to-show')
      void this.#readTitle()
    })
    on('Fetch.requestPaused', params => void this.#request(params).catch(() => {}))
    chromium().on('Target.targetDestroyed', ({ targetId }) => {
      if (targetId === this.targetId) this.#gone()
    })
  }

  #wish(wish: PageWish): void {
    if (wish.kind === 'open') {
      this.#openHandler?.({ url: innerUrl(wish.url), disposition: wish.beside ? 'background-tab' : 'foreground-tab' })
      return
    }
    if (wish.kind === 'title') {
      void this.#readTitle()
      return
    }
    if (wish.kind === 'close') {
      // Only a page that has no other behind it may; then it is gone, and nobody is asked.
      if (this.#history.length > 1) return
      this.emit('close', {})
      setImmediate(() => this.close())
      return
    }
    if (wish.kind === 'key') {
      this.emit('before-input-event', preventable(), { type: 'keyDown', ...wish.input })
      return
    }
    const { url } = wish
    const event = preventable({ url, isMainFrame: true })
    this.emit('will-frame-navigate', event, url)
    this.emit('will-navigate', event, url)
    if (!event.defaultPrevented) process.stderr.write(`stand-in: ${url} would have been opened by another program\n`)
  }

  /** Chromium says what the certificate was after the page with the error stands; Electron asks before. */
  async #tellCertificate(code: string): Promise<void> {
    if (!this.#certificate) await once(this.#signs, 'certificate')
    const facts = this.#certificate
    const certificate = {
      subjectName: facts.subjectName,
      issuerName: facts.issuer,
      validStart: facts.validFrom,
      validExpiry: facts.validTo,
    }
    const event = preventable()
    this.emit(
      'certificate-error',
      event,
      this.#url,
      `net::${code}`,
      strict('certificate', certificate),
      (accept: boolean) => {
        if (accept) throw new Error('electron: accepting a bad certificate is not in the stand-in')
      },
      true,
    )
  }

  /** Every request of the page: navigations ask the app first, own schemes are answered by their handlers. */
  async #request({ requestId, request, resourceType, frameId, redirectedRequestId }: Message): Promise<void> {
    const url = innerUrl(request.url)
    const isMainFrame = resourceType === 'Document' && frameId === this.targetId
    if (isMainFrame) this.#certificate = undefined
    if (isMainFrame && !redirectedRequestId) this.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false })
    const fail = (reason: string) => this.#do('Fetch.failRequest', { requestId, errorReason: reason })
    if (resourceType === 'Document' && !this.#loadingFromMain && url !== this.#url.replace(/#.*$/, '')) {
      const names = ['will-frame-navigate', ...(isMainFrame ? [redirectedRequestId ? 'will-redirect' : 'will-navigate'] : [])]
      for (const name of names) {
        const event = preventable({ url, isMainFrame })
        this.emit(name, event, url)
        if (event.defaultPrevented) return fail('Aborted')
      }
    }
    const { beforeRequest, schemes } = this.session
    if (beforeRequest) {
      const { promise, resolve } = Promise.withResolvers<RequestAnswer>()
      beforeRequest({ url, method: request.method, resourceType: isMainFrame ? 'mainFrame' : electronType(resourceType) }, resolve)
      const { cancel, redirectURL } = await promise
      if (cancel) return fail('BlockedByClient')
      if (redirectURL !== undefined) {
        const responseHeaders = [{ name: 'location', value: redirectURL }]
        return this.#do('Fetch.fulfillRequest', { requestId, responseCode: 307, responseHeaders })
      }
    }
    const scheme = url.slice(0, url.indexOf(':'))
    const handler = schemes.get(scheme)
    if (!handler) return this.#do('Fetch.continueRequest', { requestId })
    // fetch's Request knows http only by its class, not by what may stand in `url`.
    const asked = Object.defineProperty(new Request(`http://x/`, { method: request.method }), 'url', { value: url })
    const response = await handler(asked)
    return this.#do('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    })
  }

  /** An invoke of the preload. */
  async #answer({ id, channel, args }: { id: number; channel: string; args: [unknown?][] }, context: number): Promise<void> {
    const handler = handlers.get(channel)
    const world = this.#worlds.get(context)
    const frame = world && { origin: world.origin, parent: world.frameId === this.targetId ? null : {}, url: this.#url }
    const event = strict('event', { sender: this.proxy, senderFrame: frame ? strict('frame', frame) : null })
    let reply: object
    try {
      if (!handler) throw new Error(`No handler registered for '${channel}'`)
      reply = { id, value: plain(await handler(event, ...args.map(([value]) => value))) }
    } catch (error) {
      reply = { id, error: `Error invoking remote method '${channel}': ${error}` }
    }
    this.#toPreload(reply)
  }

  #toPreload(message: object): void {
    const expression = `globalThis.${this.#names.receive}?.(${JSON.stringify(message)})`
    for (const contextId of this.#worlds.keys()) this.#do('Runtime.evaluate', { contextId, expression }).catch(() => {})
  }

  #do(method: string, params: object = {}): Promise<Message> {
    return chromium().send(method, params, this.#devtools)
  }

  #setLoading(frameId: string, loading: boolean): void {
    if (frameId !== this.targetId || this.#loading === loading) return
    this.#loading = loading
    if (loading) this.emit('did-start-loading')
    else void this.#readHistory().then(() => this.emit('did-stop-loading'))
  }

  /** While the page moves from one renderer process to another, Chromium does not say ("Not attached to an active page"). */
  async #readHistory(): Promise<void> {
    const history = await this.#do('Page.getNavigationHistory').catch(() => undefined)
    if (!history) return
    // Electron's pages begin with their first address, Chromium's targets with an empty page.
    const first = history.entries[0].url === 'about:blank' && history.entries.length > 1 ? 1 : 0
    this.#history = { index: history.currentIndex - first, length: history.entries.length - first }
  }

  async #readTitle(): Promise<void> {
    const answer = await this.#do('Runtime.evaluate', { expression: 'document.title', returnByValue: true }).catch(() => undefined)
    if (!answer || answer.result.value === this.#title) return
    this.#title = answer.result.value
    this.emit('page-title-updated', preventable(), this.#title, true)
  }

  async #step(by: number): Promise<void> {
    const { currentIndex, entries } = await this.#do('Page.getNavigationHistory')
    const entry = entries[currentIndex + by]
    if (entry) await this.#do('Page.navigateToHistoryEntry', { entryId: entry.id })
  }

  #gone(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    all.delete(this)
    this.emit('destroyed')
  }

  /** Ourselves as the app knows us. */
  get proxy(): WebContents {
    return proxies.get(this)!
  }

  async loadURL(url: string): Promise<void> {
    await this.ready
    this.#loadingFromMain = true
    const failed = (code: string) => Object.assign(new Error(`${code} loading '${url}'`), { code, url })
    const other = Promise.withResolvers<never>()
    other.promise.catch(() => {})
    let begun = false
    // Electron gives a load up as soon as the page goes on to another.
    const onBegin = () => {
      if (begun) other.reject(failed('ERR_ABORTED'))
      begun = true
    }
    this.on('did-start-navigation', onBegin)
    const onGone = () => other.reject(failed('ERR_FAILED'))
    this.once('destroyed', onGone)
    try {
      const finished = once(this, 'did-finish-load')
      const result = await this.#do('Page.navigate', { url: outerUrl(url, this.session.schemes) })
      const code = result.errorText?.replace('net::', '')
      if (code === 'ERR_ABORTED') {
        // Became a download, or was stopped: Electron says so when nothing loads any more, and gives no reason.
        if (this.#loading) await Promise.race([once(this, 'did-stop-loading'), other.promise])
        throw failed('ERR_FAILED')
      }
      if (code) throw failed(code)
      this.#loadingFromMain = false
      await Promise.race([finished, other.promise])
    } finally {
      this.off('did-start-navigation', onBegin)
      this.off('destroyed', onGone)
      this.#loadingFromMain = false
    }
  }

  send(channel: string, ...args: unknown[]): void {
    this.#toPreload({ channel, args: args.map(plain) })
  }
  getURL(): string {
    return this.#url
  }
  getTitle(): string {
    return this.#title
  }
  isLoading(): boolean {
    return this.#loading
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  forcefullyCrashRenderer(): void {
    // The page that crashes can no longer answer.
    void this.#do('Page.crash').catch(() => {})
  }
  reload(): void {
    void this.#do('Page.reload').catch(() => {})
  }
  stop(): void {
    void this.#do('Page.stopLoading').catch(() => {})
  }
  setWebRTCIPHandlingPolicy(policy: string): void {
    if (policy !== 'disable_non_proxied_udp') throw new Error('electron: other WebRTC policies are not in the stand-in')
  }
  setAudioMuted(): void {}
  /** What the page shows, without anything of a window around it. */
  async capturePage(
    rectangle?: Electron.Rectangle,
    options: Parameters<Electron.WebContents['capturePage']>[1] = {},
  ): Promise<Electron.NativeImage> {
    if (rectangle || options.stayHidden || !this.#preferences.offscreen)
      throw new Error('electron: only whole pages that are drawn off the screen can be taken in the stand-in')
    await this.ready
    const { data } = await this.#do('Page.captureScreenshot', { format: 'png' })
    return capturedImage(Buffer.from(data, 'base64')) as unknown as Electron.NativeImage
  }
  focus(): void {
    this.emit('focus')
  }
  findInPage(text: string, { forward = true, findNext = false }: Electron.FindInPageOptions = {}): number {
    const again = !findNext && this.#found.text === text
    this.#found = { text, at: again ? this.#found.at + (forward ? 1 : -1) : 0 }
    const requestId = ++this.#findings
    this.#do('Runtime.evaluate', { expression: `(${findText})(${JSON.stringify(text)}, ${this.#found.at})`, returnByValue: true })
      .then(({ result }) => {
        const { at, of } = result.value
        this.emit('found-in-page', {}, { requestId, activeMatchOrdinal: at, matches: of, finalUpdate: true })
      })
      .catch(() => {})
    return requestId
  }
  stopFindInPage(): void {
    this.#found = { text: '', at: 0 }
  }
  setZoomFactor(factor: number): void {
    if (factor === this.#zoom) return
    this.#zoom = factor
    this.#applySize()
  }
  /** Only in the stand-in: a view's bounds are its page's. */
  resize(size: { width: number; height: number }): void {
    if (size.width === this.#size?.width && size.height === this.#size.height) return
    this.#size = { width: size.width, height: size.height }
    this.#applySize()
  }
  /** A page that is zoomed has less room, of finer pixels. */
  #applySize(): void {
    const { width, height } = this.#size ?? { width: 800, height: 600 }
    const part = (pixels: number) => Math.max(1, Math.round(pixels / this.#zoom))
    const metrics = { width: part(width), height: part(height), deviceScaleFactor: this.#zoom, mobile: false }
    void this.ready.then(() => this.#do('Emulation.setDeviceMetricsOverride', metrics)).catch(() => {})
  }
  setWindowOpenHandler(handler: (details: { url: string; disposition: string }) => { action: string }): void {
    this.#openHandler = details => {
      const answer = handler(details)
      if (answer.action !== 'deny') throw new Error('electron: pages that open windows are not in the stand-in')
      return answer
    }
  }
  close(): void {
    void this.ready.then(() => chromium().send('Target.closeTarget', { targetId: this.targetId })).catch(() => {})
    this.#gone()
  }
}
export type StandInWebContents = WebContents

type Own = 'targetId' | 'ready' | 'proxy' | 'resize'
true satisfies NothingInvented<WebContents, Electron.WebContents, Own>

const all = new Set<WebContents>()
const proxies = new WeakMap<WebContents, WebContents>()

export function makeWebContents(preferences: Electron.WebPreferences = {}, bounds = { width: 800, height: 600 }): WebContents {
  const contents = new WebContents(preferences, bounds)
  const proxy = strict('webContents', contents, () => contents.isDestroyed())
  all.add(contents)
  proxies.set(contents, proxy)
  app.emit('web-contents-created', {}, proxy)
  return proxy
}

/** Playwright looks pages up by their DevTools target. */
export const webContents = strict('webContents', {
  fromDevToolsTargetId: (targetId: string) => [...all].find(contents => contents.targetId === targetId)?.proxy,
})

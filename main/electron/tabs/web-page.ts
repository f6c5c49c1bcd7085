import { type Input, type OnBeforeRequestListenerDetails, type WebContents, WebContentsView } from 'electron'
import { plainText } from '../../../shared/format.ts'
import { type Obstacle, ZOOM_STEPS } from '../../../shared/toolbar.ts'
import { UNTRUSTED } from '../lock-down.ts'
import { confineToWeb, HttpsFirst, isCertificateError, isWebAddress, mayAskForPlain, withoutCredentials } from './https-first.ts'
import type { Identity } from './identity.ts'

/** Chromium's number for loads that ended because another began, because we stopped them, or because they became a download. */
const ABORTED = -3
/** What a page may be made of. */
const SCHEMES = new Set(['http:', 'https:', 'ws:', 'wss:', 'data:', 'blob:', 'about:'])

type Certificate = NonNullable<Extract<Obstacle, { kind: 'certificate' }>['certificate']>

export interface WebPageOptions {
  /** Ended with the page. */
  readonly identity: Identity
  /** Origins that are known to speak plain http only, and that this is no risk for. */
  readonly plain: readonly string[]
  readonly onChange: () => void
  readonly onKey: (event: { preventDefault(): void }, input: Input) => void
  /** The person asked for a link to be opened beside the page. */
  readonly onOpenBeside: (url: string) => void
  /** The page is being destroyed: we closed it, or it closed itself, as one without a history may. */
  readonly onGone: () => void
}

/** One untrusted page, with all that may happen to it: no preload, no permission, no way but its identity's proxy. */
export class WebPage {
  readonly identity: Identity
  readonly view: WebContentsView
  /** Kept, since a view whose page has closed itself has none any more. */
  readonly contents: WebContents
  readonly #options: WebPageOptions
  readonly #https = new HttpsFirst()
  #obstacle: Obstacle | undefined = { kind: 'empty' }
  /** What the obstacle stands before. */
  #refusedUrl = ''
  #plainUrl: string | undefined
  /** A plain address that its own encrypted one sent back to. */
  #circle: string | undefined
  #certificate: { readonly url: string; readonly facts: Certificate } | undefined
  #found: { at: number; of: number } | undefined
  #zoom = 100

  constructor(options: WebPageOptions) {
    const { identity, plain } = options
    this.#options = options
    this.identity = identity
    for (const url of plain) this.#https.allowPlain(url)
    identity.session.webRequest.onBeforeRequest((details, callback) => callback(this.#request(details)))
    // Electron's dialogs of pages do not say whose they are: they could pass for ours.
    this.view = new WebContentsView({ webPreferences: { ...UNTRUSTED, session: identity.session, disableDialogs: true } })
    this.contents = this.view.webContents
    this.#watch(this.contents)
  }

  /** Shown instead of the page. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacle
  }
  /** What is shown, or refused. Never what is only on its way: the old page could pass for it. */
  get url(): string {
    const url = this.#obstacle ? this.#refusedUrl : this.contents.getURL()
    return url === 'about:blank' ? '' : withoutCredentials(url)
  }
  /** The page's own, or the site that does not show any. */
  get title(): string {
    return this.#obstacle ? hostOf(this.#refusedUrl).slice(0, 200) : plainText(this.contents.getTitle())
  }
  get found(): { at: number; of: number } | undefined {
    return this.#found
  }
  /** Percent. */
  get zoom(): number {
    return this.#zoom
  }

  /** Goes nowhere but on the web. */
  go(url: string): void {
    if (!isWebAddress(url)) return
    // A failed load is told by did-fail-load.
    this.contents.loadURL(this.#https.aim(url)).catch(() => {})
  }

  /** A page that failed did not get into the contents' own address, so it is asked for again by its name. */
  reload(): void {
    if (this.#obstacle && this.#refusedUrl !== '') this.go(this.#plainUrl ?? this.#refusedUrl)
    else this.contents.reload()
  }

  /** What was refused may come without encryption, from this origin, as long as this identity lasts. */
  loadPlain(): void {
    if (this.#obstacle?.kind !== 'plain' || this.#plainUrl === undefined) return
    this.#https.allowPlain(this.#plainUrl)
    this.go(this.#plainUrl)
  }

  /** `next`: the same text again, at the next place. */
  find(text: string, forward: boolean, next: boolean): void {
    this.contents.findInPage(text, { forward, findNext: !next })
  }

  endFind(): void {
    this.#found = undefined
    this.contents.stopFindInPage('keepSelection')
  }

  zoomBy(by: 'in' | 'out' | 'reset'): void {
    const steps: readonly number[] = ZOOM_STEPS
    const at = steps.indexOf(this.#zoom) + (by === 'in' ? 1 : -1)
    this.#zoom = by === 'reset' ? 100 : (steps[at] ?? this.#zoom)
    this.#applyZoom()
  }

  /** Ends the page, then all that its identity held. */
  async close(): Promise<void> {
    if (!this.contents.isDestroyed()) this.contents.close()
    await this.identity.end()
  }

  /** Chromium keeps zoom by site; a tab keeps it whatever it shows. */
  #applyZoom(): void {
    this.contents.setZoomFactor(this.#zoom / 100)
  }

  /** Every request of the session comes by here. */
  #request({ url, resourceType }: Pick<OnBeforeRequestListenerDetails, 'url' | 'resourceType'>): {
    cancel?: boolean
    redirectURL?: string
  } {
    if (!SCHEMES.has(URL.parse(url)?.protocol ?? '')) return { cancel: true }
    if (resourceType !== 'mainFrame') return {}
    const upgrade = this.#https.decide(url)
    switch (upgrade.kind) {
      case 'as-it-is':
        return {}
      case 'upgrade':
        return { redirectURL: upgrade.url }
      case 'ask':
        this.#circle = url
        return { cancel: true }
      default:
        return upgrade satisfies never
    }
  }

  #askForPlain(url: string, code: string): void {
    this.#plainUrl = url
    this.#stop({ kind: 'plain', host: hostOf(url), code }, url)
  }

  #stop(obstacle: Obstacle, url: string): void {
    this.#obstacle = obstacle
    this.#refusedUrl = url.slice(0, 5000)
    this.#found = undefined
    this.#options.onChange()
  }

  #onFailed(code: string, url: string): void {
    const host = hostOf(url)
    const refusal = this.identity.proxy.refusal(
      URL.parse(url)
        ?.hostname.replace(/^\[|\]$/g, '')
        .toLowerCase() ?? '',
    )
    const plain = this.#https.plainOf(url)
    if (this.#circle !== undefined && code === 'ERR_BLOCKED_BY_CLIENT') this.#askForPlain(this.#circle, 'ERR_TOO_MANY_REDIRECTS')
    else if (isCertificateError(code)) {
      const certificate = this.#certificate?.url === url ? this.#certificate.facts : undefined
      this.#stop({ kind: 'certificate', host, code, certificate }, url)
    } else if (plain !== undefined && mayAskForPlain(code, refusal)) this.#askForPlain(plain, code)
    else this.#stop({ kind: 'failed', host, code, refusal }, url)
  }

  #watch(contents: WebContents): void {
    const { onChange, onKey, onOpenBeside, onGone } = this.#options
    contents.on('will-frame-navigate', confineToWeb)
    contents.on('will-redirect', confineToWeb)
    contents.setWindowOpenHandler(({ url, disposition }) => {
      // What a page opens replaces it: another tab would have another identity, and be no part of it any more. Unless that was asked for.
      if (disposition === 'background-tab') onOpenBeside(url)
      // An empty one is what a script means to fill, which it cannot here.
      else if (url !== 'about:blank') this.go(url)
      return { action: 'deny' }
    })
    contents.once('destroyed', onGone)
    // A page has no say in whether it is left.
    contents.on('will-prevent-unload', event => event.preventDefault())
    contents.on('certificate-error', (event, url, _error, { subjectName, issuerName, validStart, validExpiry }, callback, isMainFrame) => {
      event.preventDefault()
      callback(false)
      const facts = { subject: plainText(subjectName), issuer: plainText(issuerName), from: validStart * 1000, until: validExpiry * 1000 }
      if (isMainFrame) this.#certificate = { url, facts }
    })
    contents.on('did-start-navigation', ({ url, isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) {
        this.#https.begin(url)
        this.#circle = undefined
      }
      onChange()
    })
    contents.on('did-navigate', () => {
      this.#obstacle = undefined
      this.#plainUrl = undefined
      this.#found = undefined
      this.#applyZoom()
      onChange()
    })
    contents.on('did-fail-load', (_event, code, name, url, isMainFrame) => {
      // Cancelled by us: that is said already.
      if (isMainFrame && code !== ABORTED && !(name === 'ERR_BLOCKED_BY_CLIENT' && this.#obstacle?.kind === 'plain'))
        this.#onFailed(name, url)
      onChange()
    })
    contents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') this.#stop({ kind: 'crashed' }, contents.getURL())
    })
    contents.on('found-in-page', (_event, { activeMatchOrdinal, matches }) => {
      this.#found = { at: activeMatchOrdinal, of: matches }
      onChange()
    })
    contents.on('zoom-changed', (_event, direction) => {
      this.zoomBy(direction)
      onChange()
    })
    contents.on('before-input-event', onKey)
    contents.on('did-navigate-in-page', onChange)
    contents.on('did-start-loading', onChange)
    contents.on('did-stop-loading', onChange)
    contents.on('page-title-updated', onChange)
  }
}

/** Host and port of an address, as text to show. */
function hostOf(url: string): string {
  return plainText(URL.parse(url)?.host ?? '', 260)
}

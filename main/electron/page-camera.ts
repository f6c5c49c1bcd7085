import { BrowserWindow, type NativeImage, type WebContents } from 'electron'
import { NoPicture, type PageCamera, type PagePicture } from '../app/compare/camera.ts'
import type { PerspectiveProxy } from '../app/hosted-app.ts'
import { UNTRUSTED } from './lock-down.ts'
import { confineToWeb, isWebAddress } from './tabs/https-first.ts'
import { Identity } from './tabs/identity.ts'

/** CSS pixels of the window that nobody sees, and most pixels across a picture. */
const WIDTH = 960
const HEIGHT = 600
/** A page that still loads after so long is taken as it is, in ms. */
const LOAD_MS = 20_000
/** For what pages still draw when they have loaded, in ms. */
const SETTLE_MS = 500
/** Bytes; a larger picture is made smaller once. */
const MAX_BYTES = 2_000_000

/**
 * Takes pictures of untrusted pages in a window that is never shown, and drawn all the same: off the screen. The page is confined as one in a tab is: a
 * session of its own in memory, no preload, no permission, no way but its proxy; and it can open, save and ask for nothing. When the picture is taken
 * nothing of it is left.
 */
export class WindowCamera implements PageCamera {
  readonly #loadMs: number

  /** `loadMs`: see {@link LOAD_MS}. */
  constructor(loadMs = LOAD_MS) {
    this.#loadMs = loadMs
  }

  async take({ url, proxy }: { readonly url: string; readonly proxy: PerspectiveProxy }, signal: AbortSignal): Promise<PagePicture> {
    signal.throwIfAborted()
    if (!isWebAddress(url)) throw new NoPicture('ERR_INVALID_URL')
    const identity = await Identity.begin(proxy)
    try {
      return await this.#look(url, identity, signal)
    } finally {
      await identity.end()
    }
  }

  async #look(url: string, identity: Identity, signal: AbortSignal): Promise<PagePicture> {
    identity.session.on('will-download', event => event.preventDefault())
    const window = new BrowserWindow({
      show: false,
      width: WIDTH,
      height: HEIGHT,
      skipTaskbar: true,
      webPreferences: { ...UNTRUSTED, session: identity.session, disableDialogs: true, offscreen: true },
    })
    const contents = window.webContents
    const onAbort = () => window.destroy()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      contents.setAudioMuted(true)
      contents.on('will-frame-navigate', confineToWeb)
      contents.on('will-redirect', confineToWeb)
      contents.on('will-prevent-unload', event => event.preventDefault())
      const gone = new Promise<never>((_resolve, reject) => {
        contents.once('render-process-gone', () => reject(new NoPicture('crashed')))
        window.once('closed', () => reject(signal.aborted ? signal.reason : new NoPicture('closed')))
      })
      gone.catch(() => {})
      await Promise.race([gone, load(contents, url), pause(this.#loadMs, signal)])
      await Promise.race([gone, pause(SETTLE_MS, signal)])
      signal.throwIfAborted()
      return picture(await Promise.race([gone, contents.capturePage().catch(cannotDraw)]))
    } finally {
      signal.removeEventListener('abort', onAbort)
      window.destroy()
    }
  }
}

/** Until the page has loaded, or another that it went on to before that. */
function load(contents: WebContents, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    contents.loadURL(url).then(resolve, (error: { code?: unknown }) => {
      const code = String(error.code ?? 'ERR_FAILED')
      if (code !== 'ERR_ABORTED' || contents.isDestroyed() || !contents.isLoading()) return reject(new NoPicture(code, { cause: error }))
      contents.once('did-stop-loading', () => resolve())
      contents.on('did-fail-load', (_event, _code, name, _url, isMainFrame) => {
        if (isMainFrame) reject(new NoPicture(name))
      })
    })
  })
}

function cannotDraw(cause: unknown): never {
  throw new NoPicture('empty', { cause })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  })
}

function picture(image: NativeImage): PagePicture {
  if (image.isEmpty()) throw new NoPicture('empty')
  const fitting = image.getSize().width > WIDTH ? image.resize({ width: WIDTH }) : image
  let png = fitting.toPNG()
  let { width, height } = fitting.getSize()
  if (png.length > MAX_BYTES) {
    const smaller = fitting.resize({ width: Math.round(width / 2) })
    png = smaller.toPNG()
    ;({ width, height } = smaller.getSize())
  }
  return { png, width, height }
}

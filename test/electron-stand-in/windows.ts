import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { app } from './app.ts'
import { preventable } from './events.ts'
import { type NothingInvented, strict } from './strict.ts'
import { makeWebContents, type StandInWebContents } from './web-contents.ts'

/** Open windows, in the order of their making. */
const windows = new Set<BaseWindow>()

/** A window without content of its own. Chromium shows each view of it as a window; its frame is only remembered. */
export class BaseWindow extends EventEmitter {
  readonly options: Electron.BaseWindowConstructorOptions
  readonly #views: WebContentsView[] = []
  #title: string
  #visible: boolean
  #minimized = false
  #destroyed = false
  #maximized = false
  #bounds: Electron.Rectangle
  readonly contentView = strict('window.contentView', {
    addChildView: (view: WebContentsView) => void this.#views.push(view),
    removeChildView: (view: WebContentsView) => void this.#views.splice(this.#views.indexOf(view), 1),
    /** Only in the stand-in the children's own class is known. */
    children: this.#views,
  })

  constructor(options: Electron.BaseWindowConstructorOptions = {}) {
    super()
    this.options = options
    this.#title = options.title ?? ''
    this.#visible = options.show !== false
    const { x = 100, y = 100, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    windows.add(this)
    // biome-ignore lint/correctness/noConstructorReturn: the app is to meet the strict one only
    return strict('window', this, () => this.#destroyed)
  }

  getContentBounds() {
    return { x: 0, y: 0, width: this.options.width ?? 800, height: this.options.height ?? 600 }
  }
  getNormalBounds(): Electron.Rectangle {
    return { ...this.#bounds }
  }
  /** Moves the frame only: the page's window stays. */
  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.#bounds = { ...this.#bounds, ...bounds }
  }
  maximize(): void {
    this.#maximized = true
    this.emit('maximize')
  }
  isMaximized(): boolean {
    return this.#maximized
  }
  getTitle(): string {
    return this.#title
  }
  setTitle(title: string): void {
    this.#title = title
  }
  show(): void {
    this.#visible = true
    this.emit('show')
  }
  focus(): void {
    this.emit('focus')
  }
  minimize(): void {
    this.#minimized = true
    this.emit('minimize')
  }
  restore(): void {
    this.#minimized = false
    this.emit('restore')
  }
  isVisible(): boolean {
    return this.#visible
  }
  isMinimized(): boolean {
    return this.#minimized
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  close(): void {
    const event = preventable()
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }
  destroy(): void {
    if (this.#destroyed) return
    // Electron's, too, can be asked for nothing any more by whoever hears that it is closed.
    this.#destroyed = true
    windows.delete(this)
    this.emit('closed')
    if (windows.size === 0 && !app.emit('window-all-closed')) app.quit()
  }
  static getAllWindows(): BaseWindow[] {
    return [...windows]
  }
}
true satisfies NothingInvented<BaseWindow, Electron.BaseWindow, 'options'>

export class BrowserWindow extends BaseWindow {
  readonly webContents: StandInWebContents

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super(options)
    const contents = makeWebContents(options.webPreferences, { width: options.width ?? 800, height: options.height ?? 600 })
    this.webContents = contents
    // As under Wayland, where what is not shown is not drawn.
    contents.on('ready-to-show', () => {
      if (!this.isDestroyed() && this.isVisible()) this.emit('ready-to-show')
    })
    contents.on('destroyed', () => this.destroy())
    this.on('closed', () => {
      if (!contents.isDestroyed()) contents.close()
    })
    // biome-ignore lint/correctness/noConstructorReturn: the app is to meet the strict one only
    return strict('window', this, () => this.isDestroyed())
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }
  static fromWebContents(contents: StandInWebContents | undefined): BrowserWindow | null {
    return (
      [...windows].find((window): window is BrowserWindow => window instanceof BrowserWindow && window.webContents === contents) ?? null
    )
  }
}
true satisfies NothingInvented<BrowserWindow, Electron.BrowserWindow, 'options'>

export class WebContentsView {
  readonly #contents: StandInWebContents
  bounds: Electron.Rectangle | undefined
  visible = true

  constructor(options: Electron.WebContentsViewConstructorOptions = {}) {
    this.#contents = makeWebContents(options.webPreferences)
    // biome-ignore lint/correctness/noConstructorReturn: the app is to meet the strict one only
    return strict('view', this)
  }

  /** Electron's types do not say so, but a view outlives its contents, and then has none. */
  get webContents(): StandInWebContents {
    return this.#contents.isDestroyed() ? (undefined as never) : this.#contents
  }
  setBounds(bounds: Electron.Rectangle): void {
    this.bounds = bounds
    if (!this.#contents.isDestroyed()) this.#contents.resize(bounds)
  }
  setVisible(visible: boolean): void {
    this.visible = visible
  }
}
true satisfies NothingInvented<WebContentsView, Electron.WebContentsView, 'bounds' | 'visible'>

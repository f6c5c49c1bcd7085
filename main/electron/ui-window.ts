import { join } from 'node:path'
import { BrowserWindow, type WebContents } from 'electron'
import { preventNavigation, UI_ORIGIN } from './lock-down.ts'

/** The app's own window; at most one, made anew when it was closed. */
export class UiWindow {
  readonly #folder: string
  readonly #onClosed: () => void
  #window: BrowserWindow | undefined

  /** `folder`: where the bundled preload lies. */
  constructor(folder: string, onClosed: () => void) {
    this.#folder = folder
    this.#onClosed = onClosed
  }

  get contents(): WebContents | undefined {
    return this.#window?.webContents
  }

  /** Brings the window to the front, making it first if need be. Resolves when its page has loaded. */
  async show(): Promise<void> {
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore()
      this.#window.show()
      this.#window.focus()
      return
    }
    const window = new BrowserWindow({
      width: 1120,
      height: 780,
      minWidth: 640,
      minHeight: 480,
      show: false,
      autoHideMenuBar: true,
      title: 'Vantage',
      webPreferences: {
        preload: join(this.#folder, 'preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
      },
    })
    this.#window = window
    preventNavigation(window.webContents)
    window.once('ready-to-show', () => window.show())
    window.once('closed', () => {
      this.#window = undefined
      this.#onClosed()
    })
    await window.loadURL(`${UI_ORIGIN}/index.html`)
  }

  close(): void {
    this.#window?.destroy()
  }
}

import { join } from 'node:path'
import { BrowserWindow, screen, type WebContents } from 'electron'
import type { Speech } from '../../shared/words/speech.ts'
import type { ScopedLog } from '../lib/log.ts'
import { offerContextMenu } from './context-menu.ts'
import { windowIcon } from './desktop-identity.ts'
import { LOCKED_DOWN, preventNavigation } from './lock-down.ts'
import { Reviver, uiUrl } from './revive.ts'
import { fitBounds, LEAST, type WindowMemory } from './window-state.ts'

export interface UiWindowOptions {
  /** Where the bundled preload lies. */
  readonly folder: string
  readonly iconFile: string
  readonly memory: WindowMemory
  /** The person closes the window; `false` keeps it for now. */
  readonly mayClose: () => boolean
  readonly speech: () => Speech
  readonly log: ScopedLog
}

/** The app's own window; at most one, made anew when it was closed, where it was. */
export class UiWindow {
  readonly #o: UiWindowOptions
  #window: BrowserWindow | undefined
  readonly #reviver: Reviver

  constructor(options: UiWindowOptions) {
    this.#o = options
    const { log } = options
    this.#reviver = new Reviver(
      url => void this.show(url).catch(error => log.error(`the window did not open: ${(error as Error).message}`)),
      text => log.error(text),
    )
  }

  get contents(): WebContents | undefined {
    return this.#window?.webContents
  }

  /** Brings the window to the front, making it first if need be. Resolves when its page has loaded. */
  async show(url: string = uiUrl()): Promise<void> {
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore()
      this.#window.show()
      this.#window.focus()
      return
    }
    const { memory, folder, iconFile, mayClose, speech } = this.#o
    const main = screen.getPrimaryDisplay()
    const areas = [main, ...screen.getAllDisplays().filter(({ id }) => id !== main.id)].map(({ workArea }) => workArea)
    const window = new BrowserWindow({
      ...fitBounds(memory.state.bounds, areas),
      minWidth: LEAST.width,
      minHeight: LEAST.height,
      show: false,
      autoHideMenuBar: true,
      title: 'Vantage',
      ...windowIcon(iconFile),
      webPreferences: { ...LOCKED_DOWN, preload: join(folder, 'preload.cjs') },
    })
    this.#window = window
    preventNavigation(window.webContents)
    offerContextMenu(window.webContents, speech)
    this.#reviver.follow(window)
    const reveal = () => {
      if (window.isDestroyed() || window.isVisible()) return
      if (memory.state.maximized) window.maximize()
      window.show()
    }
    window.once('ready-to-show', reveal)
    window.on('blur', () => this.#remember())
    window.on('close', event => {
      this.#remember()
      if (!mayClose()) event.preventDefault()
    })
    window.once('closed', () => {
      this.#window = undefined
    })
    await window.loadURL(url)
    // Under Wayland what was never shown is never drawn, and so never says that it could be shown.
    reveal()
  }

  /** Where it is when it is neither maximized nor minimized. */
  #remember(): void {
    const window = this.#window
    if (!window || window.isDestroyed()) return
    const { x, y, width, height } = window.getNormalBounds()
    this.#o.memory.keep({ bounds: { x, y, width, height }, maximized: window.isMaximized() })
  }

  /** Closes it whatever anybody says. */
  close(): void {
    this.#remember()
    this.#window?.destroy()
  }
}

import type { BrowserWindow } from 'electron'
import { UI_ORIGIN } from './lock-down.ts'
import { Losses } from './losses.ts'

/** Where the window is loaded from; after a loss the page says that it was lost. */
export const uiUrl = (lost?: { readonly hash: string }): string => `${UI_ORIGIN}/index.html${lost ? `?lost${lost.hash}` : ''}`

/**
 * Opens the window again when the process that draws it has ended. Everything else lives in the main process and goes on. Lost too often, it is left
 * closed, and can be opened by hand.
 */
export class Reviver {
  readonly #open: (url: string) => void
  readonly #tell: (text: string) => void
  readonly #losses = new Losses()

  /** `open`: makes a new window of that page. */
  constructor(open: (url: string) => void, tell: (text: string) => void) {
    this.#open = open
    this.#tell = tell
  }

  follow(window: BrowserWindow): void {
    const contents = window.webContents
    contents.once('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit') return
      const hash = URL.parse(contents.getURL())?.hash ?? ''
      const again = this.#losses.add()
      this.#tell(`the window was lost (${reason})${again ? ' and is opened again' : ' too often to open it again by itself'}`)
      window.destroy()
      if (again) this.#open(uiUrl({ hash }))
    })
  }
}

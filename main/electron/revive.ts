import type { BrowserWindow } from 'electron'
import { steadyNow } from '../lib/steady-clock.ts'
import { UI_ORIGIN } from './lock-down.ts'

/** So many losses within this time, ms, are no accident: the window is then left closed, and can be opened by hand. */
const MOST = 3
const WITHIN_MS = 60_000

/** Where the window is loaded from; after a loss the page says that it was lost. */
export const uiUrl = (lost?: { readonly hash: string }): string => `${UI_ORIGIN}/index.html${lost ? `?lost${lost.hash}` : ''}`

/** Opens the window again when the process that draws it has ended. Everything else lives in the main process and goes on. */
export class Reviver {
  readonly #open: (url: string) => void
  readonly #tell: (text: string) => void
  #losses: number[] = []

  /** `open`: makes a new window of that page. */
  constructor(open: (url: string) => void, tell: (text: string) => void) {
    this.#open = open
    this.#tell = tell
  }

  follow(window: BrowserWindow): void {
    const contents = window.webContents
    contents.once('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit') return
      const now = steadyNow()
      this.#losses = [...this.#losses.filter(at => now - at < WITHIN_MS), now]
      const hash = URL.parse(contents.getURL())?.hash ?? ''
      const again = this.#losses.length <= MOST
      this.#tell(`the window was lost (${reason})${again ? ' and is opened again' : ' too often to open it again by itself'}`)
      window.destroy()
      if (again) this.#open(uiUrl({ hash }))
    })
  }
}

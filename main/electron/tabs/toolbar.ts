import { join } from 'node:path'
import { type WebContents, WebContentsView } from 'electron'
import { TOOLBAR_STATE_CHANNEL, type ToolbarFrame, type ToolbarState } from '../../../shared/toolbar.ts'
import type { ScopedLog } from '../../lib/log.ts'
import { LOCKED_DOWN, preventNavigation, UI_ORIGIN } from '../lock-down.ts'
import { Losses } from '../losses.ts'

/** It is told at most so often, in ms: pages can change their titles faster than anybody reads. */
const TELL_MS = 40

interface ToolbarOptions {
  /** Where its bundled preload lies. */
  readonly folder: string
  readonly log: ScopedLog
  /** What it is to show; nothing before there is a tab. */
  state(): ToolbarState | undefined
  /** It was lost too often to be begun again. */
  onLost(): void
}

/** The page of ours in a window of tabs: tabs, address and frame. Begun again when the process that draws it ends. */
export class Toolbar {
  readonly view: WebContentsView
  /** Kept, since a view has none any more when they are destroyed. */
  readonly contents: WebContents
  readonly #o: ToolbarOptions
  readonly #losses = new Losses()
  #telling: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: ToolbarOptions) {
    this.#o = options
    this.view = new WebContentsView({
      webPreferences: { ...LOCKED_DOWN, preload: join(options.folder, 'toolbar-preload.cjs') },
    })
    this.contents = this.view.webContents
    preventNavigation(this.contents)
    // Its process may be that of our other window, which is opened again, too. The tabs go on meanwhile.
    this.contents.on('render-process-gone', (_event, { reason }) => {
      if (this.#ended || reason === 'clean-exit') return
      options.log.error(`the toolbar was lost (${reason})`)
      if (this.#losses.add()) this.load()
      else options.onLost()
    })
  }

  load(): void {
    this.contents
      .loadURL(`${UI_ORIGIN}/toolbar/toolbar.html`)
      .then(() => this.tell())
      .catch(error => this.#o.log.error(`the toolbar did not load: ${(error as Error).message}`))
  }

  /** Something that it shows has changed. */
  tell(): void {
    if (this.#ended) return
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      const state = this.#o.state()
      if (state) this.#send({ state })
    }, TELL_MS)
  }

  /** Takes the keyboard there. */
  focus(on: 'address' | 'find'): void {
    if (this.#ended) return
    this.contents.focus()
    this.#send({ focus: on })
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#telling)
    // A BaseWindow does not end its views.
    if (!this.contents.isDestroyed()) this.contents.close()
  }

  #send(frame: ToolbarFrame): void {
    if (!this.#ended && !this.contents.isDestroyed()) this.contents.send(TOOLBAR_STATE_CHANNEL, frame)
  }
}

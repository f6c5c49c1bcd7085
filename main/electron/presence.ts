import { app as electron, type WebContents } from 'electron'
import type { Speech } from '../../shared/words/speech.ts'
import type { CallAnswer, HostedApp } from '../app/hosted-app.ts'
import { noticeText } from '../app/notice-text.ts'
import { type TrayAction, trayModel } from '../app/tray-menu.ts'
import type { Log } from '../lib/log.ts'
import { keepAwake } from './keep-awake.ts'
import { isStartedByLogin, LoginItem } from './login-item.ts'
import { notify } from './notifications.ts'
import { followPower } from './power.ts'
import { askHowToClose, askToQuit } from './questions.ts'
import { speechOf } from './speech.ts'
import { AppTray } from './tray.ts'
import { hasTrayHost } from './tray-host.ts'
import { UiWindow } from './ui-window.ts'
import type { WindowMemory } from './window-state.ts'

/** The tray is drawn anew at most so often, in ms. */
const TRAY_MS = 1000

export interface PresenceOptions {
  readonly app: HostedApp
  readonly log: Log
  /** Where the bundled preload lies. */
  readonly folder: string
  readonly trayFolder: string
  readonly iconFile: string
  readonly memory: WindowMemory
  /** The app's own arguments, for the next login. */
  readonly own: readonly string[]
  /** Begin in the tray, without the window. */
  readonly hidden: boolean
  /** Opens a page through what is chosen. */
  readonly openPage: () => void
  /** Ends the program in good order. */
  readonly end: () => void
}

/**
 * The app's place on the desktop: window, tray, notifications, login item, power. The relay goes on without the window; where no tray shows it, closing
 * the window asks.
 */
export class Presence {
  readonly #o: PresenceOptions
  readonly #ui: UiWindow
  readonly #login: LoginItem
  readonly #ends: (() => void)[] = []
  #tray: AppTray | undefined
  #trayTimer: NodeJS.Timeout | undefined
  /** Somebody shows the tray's icon. */
  #seen = false
  #asking = false
  #ended = false

  constructor(options: PresenceOptions) {
    this.#o = options
    const log = options.log.scoped('window')
    const { folder, iconFile, memory } = options
    this.#ui = new UiWindow({ folder, iconFile, memory, mayClose: () => this.#mayClose(), speech: () => this.#speech, log })
    this.#login = new LoginItem(options.app, options.own, options.log.scoped('login'))
  }

  get contents(): WebContents | undefined {
    return this.#ui.contents
  }
  /** Program and arguments that start the app again. */
  get command(): readonly [string, ...string[]] {
    return this.#login.command
  }

  get #speech(): Speech {
    return speechOf(this.#o.app.state.settings.language)
  }

  /** Everything that needs the app's state to be there already; the app may start meanwhile. */
  async begin(): Promise<void> {
    const { app, log, hidden, end } = this.#o
    this.#ends.push(
      followPower(app, log.scoped('power'), end),
      keepAwake(app),
      app.onNotice.add(notice => notify(noticeText(notice, this.#speech), () => this.show())),
    )
    electron.on('second-instance', () => this.show())
    // A click on the Dock brings what there is to the front by itself.
    electron.on('activate', (_event, hasVisibleWindows) => {
      if (!hasVisibleWindows) this.show()
    })
    this.#startTray()
    this.#seen = this.#tray !== undefined && (await hasTrayHost())
    if (this.#ended) return
    if (!((hidden || isStartedByLogin()) && this.#seen)) this.show()
    await this.#login.begin()
  }

  show(): void {
    if (this.#ended) return
    this.#ui.show().catch(error => this.#o.log.write('error', 'window', `the window did not open: ${(error as Error).message}`))
  }

  setLogin(argument: { on: boolean }): Promise<CallAnswer> {
    return this.#login.set(argument)
  }

  #startTray(): void {
    const { app, log, trayFolder } = this.#o
    try {
      this.#tray = new AppTray(trayFolder, action => this.#act(action))
    } catch (error) {
      // No tray on this desktop: the window and a second start do everything, too.
      log.write('info', 'tray', `no tray: ${(error as Error).message}`)
      return
    }
    const draw = () => {
      this.#trayTimer = undefined
      this.#tray?.show(trayModel(app.state, this.#speech, Date.now()))
    }
    draw()
    this.#ends.push(
      app.onPatch.add(() => {
        this.#trayTimer ??= setTimeout(draw, TRAY_MS)
      }),
    )
  }

  #act(action: TrayAction): void {
    switch (action.kind) {
      case 'call':
        void this.#o.app.call(action.name, action.argument)
        return
      case 'show-window':
        return this.show()
      case 'open-page':
        return this.#o.openPage()
      case 'quit':
        void this.quit()
        return
      default:
        return action satisfies never
    }
  }

  /** Quitting ends the run of a relay, so it asks; once at a time. */
  async quit(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const sure = !this.#o.app.state.relay.running || (await askToQuit(this.#speech))
    this.#asking = false
    if (sure) this.#o.end()
  }

  /** Whether the window may go when its owner closes it. */
  #mayClose(): boolean {
    if (this.#ended) return true
    const { running } = this.#o.app.state.relay
    if (this.#seen) {
      if (running) this.#explain()
      return true
    }
    if (!running) this.#o.end()
    else void this.#askHowToClose()
    return false
  }

  async #askHowToClose(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    // The desktop may have got a place for icons meanwhile.
    this.#seen = this.#tray !== undefined && (await hasTrayHost())
    const answer = this.#seen ? 'run-on' : await askHowToClose(this.#speech)
    this.#asking = false
    if (answer === 'run-on') this.#ui.close()
    else if (answer === 'quit') this.#o.end()
  }

  /** That the relay goes on is said once and for all: the first time that the window is closed. */
  #explain(): void {
    const { memory } = this.#o
    if (memory.state.explained) return
    memory.keep({ explained: true })
    notify(this.#speech.words.runsOn, () => this.show())
  }

  /** Takes everything off the desktop. */
  async end(): Promise<void> {
    this.#ended = true
    for (const end of this.#ends) end()
    clearTimeout(this.#trayTimer)
    this.#tray?.destroy()
    this.#tray = undefined
    this.#ui.close()
    await this.#o.memory.settled()
  }
}

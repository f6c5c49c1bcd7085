import { join } from 'node:path'
import { dialog, app as electron, Notification, protocol, session } from 'electron'
import type { Choice } from '../../shared/state.ts'
import type { AppOptions } from '../app/app-options.ts'
import { AppStartError } from '../app/app-start-error.ts'
import { choiceWords } from '../app/choice-words.ts'
import type { CommandLine } from '../app/command-line.ts'
import { bindContract } from '../app/contract.ts'
import { ControlServer } from '../app/control.ts'
import { beginHost, problemText, type Terminal } from '../app/host-commands.ts'
import { endOnFatalError, hostEnvironment, onEndSignal } from '../app/host-environment.ts'
import type { CallAnswer, HostedApp } from '../app/hosted-app.ts'
import { JsonEvents } from '../app/json-events.ts'
import { canLook, type TrayAction, trayModel } from '../app/tray-menu.ts'
import { Log } from '../lib/log.ts'
import { applicationArguments } from './arguments.ts'
import { ipcTransport } from './ipc.ts'
import { confineToUi, lockDownBeforeReady, lockDownResolver } from './lock-down.ts'
import { handleToolbars, PerspectiveWindow } from './perspective-window.ts'
import { followPower } from './power.ts'
import { systemKeeper } from './system-keeper.ts'
import { AppTray } from './tray.ts'
import { serveUi, UI_SCHEME } from './ui-protocol.ts'
import { UiWindow } from './ui-window.ts'

/** The tray is drawn anew at most so often, in ms. */
const TRAY_MS = 1000

export interface ShellOptions {
  /** Where the bundled preloads lie. */
  readonly folder: string
  /** The built renderer. */
  readonly uiFolder: string
  readonly trayFolder: string
  createApp(options: AppOptions & { log: Log }): HostedApp
}

const terminal: Terminal = {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
}

/** The Electron host from start to end. To be called at once, without an await before it: much of it must precede Chromium's start. */
export async function runShell(options: ShellOptions): Promise<void> {
  // A reader of our output that goes away must not take the relay with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  endOnFatalError(terminal.stderr)
  lockDownBeforeReady()
  protocol.registerSchemesAsPrivileged([UI_SCHEME])
  // The relay runs on when the last window is closed.
  electron.on('window-all-closed', () => {})
  const line = await beginHost(
    applicationArguments(process.argv, electron.isPackaged),
    electron.isPackaged ? hostEnvironment('tor', 'vantage') : hostEnvironment('practice', 'npm start --'),
    terminal,
  )
  if (typeof line === 'number') return electron.exit(line)
  electron.setPath('userData', join(line.app.dataFolder, 'window'))
  // The first instance on this data folder shows its window; we have nothing to do.
  if (!electron.requestSingleInstanceLock()) return electron.exit(0)
  await electron.whenReady()
  await new Shell(options, line).start()
}

/** Everything between Chromium's start and the end. */
class Shell {
  readonly #options: ShellOptions
  readonly #line: CommandLine & { command: 'run' }
  readonly #log = new Log()
  readonly #events: JsonEvents
  readonly #app: HostedApp
  readonly #ui: UiWindow
  readonly #perspectives = new Set<PerspectiveWindow>()
  #tray: AppTray | undefined
  #trayTimer: NodeJS.Timeout | undefined
  #control: ControlServer | undefined
  #starting: Promise<void> | undefined
  #ending: Promise<void> | undefined
  #saidThatItRunsOn = false

  constructor(options: ShellOptions, line: CommandLine & { command: 'run' }) {
    this.#options = options
    this.#line = line
    this.#log.addSink(({ time, level, scope, text }) => terminal.stderr(`${new Date(time).toISOString()} ${level} ${scope}: ${text}\n`))
    this.#events = new JsonEvents(line.json ? terminal.stdout : () => {})
    this.#app = options.createApp({
      ...line.app,
      host: 'electron',
      version: electron.getVersion(),
      keyKeeper: systemKeeper,
      log: this.#log,
    })
    this.#app.onEvent.add(event => this.#events.emit(event))
    this.#ui = new UiWindow(options.folder, () => this.#sayThatItRunsOn())
  }

  async start(): Promise<void> {
    const app = this.#app
    onEndSignal(() => void this.#end(0))
    electron.on('before-quit', event => {
      event.preventDefault()
      void this.#end(0)
    })
    electron.on('second-instance', () => this.#show())
    electron.on('activate', () => this.#show())
    lockDownResolver()
    confineToUi(session.defaultSession)
    await serveUi(session.defaultSession, this.#options.uiFolder)
    handleToolbars()
    bindContract(
      app,
      ipcTransport(() => this.#ui.contents),
      { 'perspective.open': (argument: { url?: string }) => this.#openPerspective(argument.url) },
    )
    followPower(app, this.#log.scoped('power'))
    this.#startTray()
    this.#show()
    try {
      this.#starting = app.start()
      await this.#starting
      this.#control = await ControlServer.start(this.#line.app.dataFolder, { status: () => app.state, stop: () => app.stop() })
    } catch (error) {
      return this.#fail(error)
    }
    await app.whenStopped
    await this.#end(0)
  }

  #show(): void {
    this.#ui.show().catch(error => this.#log.write('error', 'window', `the window did not open: ${(error as Error).message}`))
  }

  #fail(error: unknown): Promise<void> {
    const problem =
      error instanceof AppStartError ? error.problem : { code: 'internal' as const, detail: { message: String(error).slice(0, 500) } }
    this.#events.addProblem(problem)
    terminal.stderr(`vantage: ${problemText(problem)}\n`)
    dialog.showErrorBox('Vantage cannot start', problemText(problem))
    return this.#end(1)
  }

  /** Orderly: the app first, then what shows it. Once. */
  #end(code: number): Promise<void> {
    this.#ending ??= (async () => {
      await this.#starting?.catch(() => {})
      await this.#app.stop()
      await this.#control?.stop()
      clearTimeout(this.#trayTimer)
      this.#tray?.destroy()
      for (const window of this.#perspectives) window.close()
      this.#ui.close()
      this.#events.end()
      electron.exit(code || Number(process.exitCode ?? 0))
    })()
    return this.#ending
  }

  #startTray(): void {
    try {
      this.#tray = new AppTray(this.#options.trayFolder, action => this.#act(action))
    } catch (error) {
      // No tray on this desktop: the window and a second start do everything, too.
      this.#log.write('info', 'tray', `no tray: ${(error as Error).message}`)
      return
    }
    const draw = () => {
      this.#trayTimer = undefined
      this.#tray?.show(trayModel(this.#app.state))
    }
    draw()
    this.#app.onPatch.add(() => {
      this.#trayTimer ??= setTimeout(draw, TRAY_MS)
    })
  }

  #act(action: TrayAction): void {
    switch (action.kind) {
      case 'call':
        void this.#app.call(action.name, action.argument)
        return
      case 'show-window':
        return this.#show()
      case 'open-page':
        void this.#openPerspective(this.#app.state.network.site)
        return
      case 'quit':
        return electron.quit()
      default:
        return action satisfies never
    }
  }

  async #openPerspective(url: string | undefined): Promise<CallAnswer> {
    const { state } = this.#app
    const { choice, relays, locks } = state.perspective
    if (choice.kind === 'off' || !canLook(state))
      return { ok: false, problem: { code: 'perspective-locked', detail: locks[0] === undefined ? {} : { why: locks[0] } } }
    const proxy = await this.#app.openPerspectiveProxy(choice)
    try {
      const window: PerspectiveWindow = await PerspectiveWindow.open({
        folder: this.#options.folder,
        proxy,
        through: choiceWords(choice satisfies Choice, relays),
        oneHop: choice.kind !== 'tor',
        url,
        log: this.#log.scoped('window'),
        onClosed: () => this.#perspectives.delete(window),
      })
      this.#perspectives.add(window)
    } catch (error) {
      await proxy.close()
      throw error
    }
    return { ok: true, result: { opened: true } }
  }

  /** The first time the window is closed while the relay goes on, once a run: nobody should have to guess that. */
  #sayThatItRunsOn(): void {
    if (this.#ending || this.#saidThatItRunsOn || !this.#app.state.relay.running || !Notification.isSupported()) return
    this.#saidThatItRunsOn = true
    new Notification({
      title: 'Vantage goes on relaying',
      body: 'Start it again, or use its icon, to see the window. Quit is in the icon’s menu.',
    }).show()
  }
}

import { join } from 'node:path'
import { app as electron, protocol, session } from 'electron'
import type { CallArgument } from '../../shared/ipc.ts'
import type { Choice } from '../../shared/state.ts'
import type { AppOptions } from '../app/app-options.ts'
import { AppStartError } from '../app/app-start-error.ts'
import { freeBuffersHere } from '../app/buffer-sweeping.ts'
import type { CommandLine } from '../app/command-line.ts'
import { bindContract } from '../app/contract.ts'
import { ControlServer } from '../app/control.ts'
import { beginHost, problemText, type Terminal } from '../app/host-commands.ts'
import { endOnFatalError, hostEnvironment, onEndSignal } from '../app/host-environment.ts'
import type { CallAnswer, HostedApp } from '../app/hosted-app.ts'
import { JsonEvents } from '../app/json-events.ts'
import { canLook } from '../app/tray-menu.ts'
import { Log } from '../lib/log.ts'
import { applicationArguments } from './arguments.ts'
import { startCommand } from './autostart.ts'
import { takeIdentity } from './desktop-identity.ts'
import { ipcTransport } from './ipc.ts'
import { confineToUi, lockDownBeforeReady, lockDownMenu, lockDownResolver } from './lock-down.ts'
import { WindowCamera } from './page-camera.ts'
import { Presence } from './presence.ts'
import { tellStartProblem } from './questions.ts'
import { speechOf } from './speech.ts'
import { SystemKeeper } from './system-keeper.ts'
import { handleToolbar, TabWindow } from './tabs/tab-window.ts'
import { serveUi, UI_SCHEME } from './ui-protocol.ts'
import { WindowMemory } from './window-state.ts'

export interface ShellOptions {
  /** Where the bundled preloads lie. */
  readonly folder: string
  /** The built renderer. */
  readonly uiFolder: string
  readonly trayFolder: string
  /** A picture of the app, 512 pixels wide. */
  readonly iconFile: string
  createApp(options: AppOptions & { log: Log }): HostedApp
}

const terminal: Terminal = {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
}

/**
 * The Electron host from start to end. To be awaited at the top level of the program's file, without an await before it: it settles when all is done
 * that must precede Chromium's start, and the rest goes on by itself.
 */
export async function runShell(options: ShellOptions): Promise<void> {
  // A reader of our output that goes away must not take the relay with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  freeBuffersHere()
  endOnFatalError(terminal.stderr)
  lockDownBeforeReady()
  protocol.registerSchemesAsPrivileged([UI_SCHEME])
  takeIdentity()
  // The relay runs on when the last window is closed.
  electron.on('window-all-closed', () => {})
  const own = applicationArguments(process.argv, electron.isPackaged)
  const line = await beginHost(
    own,
    electron.isPackaged ? hostEnvironment('tor', 'vantage') : hostEnvironment('practice', 'npm start --'),
    terminal,
  )
  if (typeof line === 'number') return electron.exit(line)
  const userData = join(line.app.dataFolder, 'window')
  electron.setPath('userData', userData)
  // The first instance on this data folder shows its window; we have nothing to do.
  if (!electron.requestSingleInstanceLock()) return electron.exit(0)
  void electron.whenReady().then(async () => new Shell(options, line, own, await WindowMemory.load(userData, Date.now())).start())
}

/** Everything between Chromium's start and the end. */
class Shell {
  readonly #options: ShellOptions
  readonly #line: CommandLine & { command: 'run' }
  readonly #log = new Log()
  readonly #events: JsonEvents
  readonly #app: HostedApp
  readonly #presence: Presence
  #tabs: TabWindow | undefined
  #control: ControlServer | undefined
  #starting: Promise<void> | undefined
  #ending: Promise<void> | undefined
  /** Somebody started the app while it was ending. */
  #again = false

  constructor(options: ShellOptions, line: CommandLine & { command: 'run' }, own: readonly string[], memory: WindowMemory) {
    this.#options = options
    this.#line = line
    this.#log.addSink(({ time, level, scope, text }) => terminal.stderr(`${new Date(time).toISOString()} ${level} ${scope}: ${text}\n`))
    this.#events = new JsonEvents(line.json ? terminal.stdout : () => {})
    this.#app = options.createApp({
      ...line.app,
      host: 'electron',
      version: electron.getVersion(),
      keyKeeper: new SystemKeeper(),
      camera: new WindowCamera(),
      log: this.#log,
    })
    this.#app.onEvent.add(event => this.#events.emit(event))
    const { folder, trayFolder, iconFile } = options
    this.#presence = new Presence({
      app: this.#app,
      log: this.#log,
      folder,
      trayFolder,
      iconFile,
      memory,
      own,
      hidden: line.hidden,
      openPage: () => void this.#openTab(this.#app.state.network.site),
      end: () => void this.#end(0),
    })
  }

  async start(): Promise<void> {
    const app = this.#app
    onEndSignal(() => void this.#end(0))
    electron.on('second-instance', () => {
      if (this.#ending) this.#again = true
    })
    electron.on('before-quit', event => {
      event.preventDefault()
      // On macOS that is ⌘Q or the Dock; the end of a session comes by another way.
      if (process.platform === 'darwin') void this.#presence.quit()
      else void this.#end(0)
    })
    lockDownResolver()
    lockDownMenu()
    confineToUi(session.defaultSession)
    await serveUi(session.defaultSession, this.#options.uiFolder)
    handleToolbar(() => this.#tabs)
    bindContract(
      app,
      ipcTransport(() => this.#presence.contents),
      {
        'perspective.open': (argument: CallArgument<'perspective.open'>) => this.#openTab(argument.url, argument.choice),
        'login.set': (argument: { on: boolean }) => this.#presence.setLogin(argument),
      },
    )
    this.#presence.begin().catch(error => this.#log.write('error', 'window', `the desktop side did not begin: ${(error as Error).message}`))
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

  #fail(error: unknown): Promise<void> {
    const problem =
      error instanceof AppStartError ? error.problem : { code: 'internal' as const, detail: { message: String(error).slice(0, 500) } }
    this.#events.addProblem(problem)
    terminal.stderr(`vantage: ${problemText(problem)}\n`)
    tellStartProblem(speechOf(this.#app.state.settings.language), problem, problemText(problem))
    return this.#end(1)
  }

  /** Orderly: the app first, then what shows it. Once. */
  #end(code: number): Promise<void> {
    this.#ending ??= (async () => {
      await this.#starting?.catch(() => {})
      await this.#app.stop()
      await this.#control?.stop()
      this.#tabs?.close()
      await this.#presence.end()
      this.#events.end()
      // Whoever started it a second time saw nothing, since that one had left the rest to us.
      if (this.#again) electron.relaunch(startCommand(this.#presence.command))
      electron.exit(code || Number(process.exitCode ?? 0))
    })()
    return this.#ending
  }

  /** Opens a tab, in a window that is made if there is none. */
  async #openTab(url: string | undefined, through: Choice = this.#app.state.perspective.choice): Promise<CallAnswer> {
    const { state } = this.#app
    if (through.kind === 'off' || !canLook({ perspective: { ...state.perspective, choice: through } })) {
      const [why] = state.perspective.locks
      return { ok: false, problem: { code: 'perspective-locked', detail: why === undefined ? {} : { why } } }
    }
    const { folder, iconFile } = this.#options
    this.#tabs ??= new TabWindow({ folder, iconFile, app: this.#app, log: this.#log.scoped('tabs') }, () => {
      this.#tabs = undefined
    })
    this.#tabs.show()
    await this.#tabs.open(through, url)
    return { ok: true, result: { opened: true } }
  }
}

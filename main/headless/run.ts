import type { Problem } from '../../shared/problem.ts'
import type { AppEvent, AppOptions } from '../app/app-options.ts'
import { AppStartError } from '../app/app-start-error.ts'
import { type CommandLine, type CommandLineEnvironment, parseCommandLine, USAGE, UsageError } from '../app/command-line.ts'
import { askRunningApp, ControlServer, NotRunningError } from '../app/control.ts'
import type { HostedApp } from '../app/hosted-app.ts'
import { Log } from '../lib/log.ts'
import { JsonEvents } from './json-events.ts'
import { UiServer } from './ui-server.ts'

/** How long `stop` waits for a running app, and `status` for its answer. */
const STOP_MS = 15_000
const STATUS_MS = 5_000

/** The outside world of the headless host. */
export interface HeadlessWorld {
  readonly argv: readonly string[]
  readonly version: string
  readonly environment: CommandLineEnvironment
  /** The built renderer. */
  readonly uiFolder: string
  createApp(options: AppOptions & { log: Log }): HostedApp
  /** Standard output and error; each call is whole lines. */
  stdout(text: string): void
  stderr(text: string): void
  /** Calls back for every wish of the system that we end (SIGINT, SIGTERM, SIGHUP); answers with the end of the listening. */
  onSignal(listener: () => void): () => void
  /** Ends the process without any further step. */
  exitNow(code: number): void
}

/** The headless host from start to end. Resolves with the exit code: 0 done, 1 a problem, 2 a wrong command line. */
export async function runHeadless(world: HeadlessWorld): Promise<number> {
  let line: CommandLine
  try {
    line = parseCommandLine(world.argv, world.environment)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    world.stderr(`vantage: ${error.message} (--help lists the options)\n`)
    return 2
  }
  switch (line.command) {
    case 'help':
      world.stdout(USAGE)
      return 0
    case 'status':
    case 'stop':
      return ask(world, line.command, line.dataFolder)
    case 'run':
      return run(world, line)
    default:
      return line satisfies never
  }
}

async function ask(world: HeadlessWorld, command: 'status' | 'stop', folder: string): Promise<number> {
  try {
    const result = await askRunningApp(folder, command, command === 'stop' ? STOP_MS : STATUS_MS)
    world.stdout(`${JSON.stringify(result ?? { stopped: true }, undefined, 2)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error
    world.stderr(`vantage: nothing runs on ${folder}: ${error.message}\n`)
    return 1
  }
}

async function run(world: HeadlessWorld, line: CommandLine & { command: 'run' }): Promise<number> {
  const log = new Log()
  log.addSink(({ time, level, scope, text }) => world.stderr(`${new Date(time).toISOString()} ${level} ${scope}: ${text}\n`))
  const events = new JsonEvents(line.json ? world.stdout : () => {})
  const report = (problem: Problem) => {
    if (!events.has('problem', problem.code)) events.emit(eventNow('problem', { code: problem.code, ...problem.detail }))
    world.stderr(`vantage: ${problemText(problem)}\n`)
  }
  const app = world.createApp({ ...line.app, host: 'headless', version: world.version, log })
  app.onEvent.add(event => events.emit(event))
  let starting: Promise<void> | undefined
  let wishes = 0
  const endSignals = world.onSignal(() => {
    wishes++
    // Whoever asks twice does not want to wait for good manners.
    if (wishes > 1) world.exitNow(130)
    else void (starting ?? Promise.resolve()).catch(() => {}).then(() => app.stop())
  })
  const ui = new UiServer({ app, folder: world.uiFolder, port: line.uiPort })
  let control: ControlServer | undefined
  try {
    await startUi(ui, line.uiPort)
    const address = ui.issueAddress()
    app.setUiAddress(address)
    starting = app.start()
    await starting
    control = await ControlServer.start(line.app.dataFolder, {
      status: () => ({ ui: ui.issueAddress(), ...app.state }),
      stop: () => app.stop(),
    })
    if (!line.json) world.stdout(`Vantage runs. Its window: ${address}\n`)
    await app.whenStopped
    return 0
  } catch (error) {
    report(error instanceof AppStartError ? error.problem : { code: 'internal', detail: { message: String(error).slice(0, 500) } })
    return 1
  } finally {
    await app.stop()
    await Promise.all([control?.stop(), ui.stop()])
    endSignals()
    if (!events.has('stopped')) events.emit(eventNow('stopped', {}))
  }
}

async function startUi(ui: UiServer, port: number): Promise<void> {
  try {
    await ui.start()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code === 'EACCES' ? 'port-not-permitted' : 'port-in-use'
    throw new AppStartError(code, { port, of: 'ui' }, { cause: error })
  }
}

function eventNow(event: 'problem' | 'stopped', facts: Record<string, unknown>): AppEvent {
  return { event, time: new Date().toISOString(), ...facts }
}

/** A problem for the terminal: its code with the facts, "port-in-use (port: 9001)". */
function problemText({ code, detail }: Problem): string {
  const facts = Object.entries(detail).map(([name, value]) => `${name}: ${value}`)
  return facts.length === 0 ? code : `${code} (${facts.join(', ')})`
}

import type { AppOptions } from '../app/app-options.ts'
import { AppStartError } from '../app/app-start-error.ts'
import type { CommandLine, CommandLineEnvironment } from '../app/command-line.ts'
import { ControlServer } from '../app/control.ts'
import { beginHost, problemText, type Terminal } from '../app/host-commands.ts'
import type { HostedApp } from '../app/hosted-app.ts'
import { JsonEvents } from '../app/json-events.ts'
import { Log } from '../lib/log.ts'
import { UiServer } from './ui-server.ts'

/** The outside world of the headless host. */
export interface HeadlessWorld extends Terminal {
  readonly argv: readonly string[]
  readonly version: string
  readonly environment: CommandLineEnvironment
  /** The built renderer. */
  readonly uiFolder: string
  createApp(options: AppOptions & { log: Log }): HostedApp
  /** Calls back for every wish of the system that we end (SIGINT, SIGTERM, SIGHUP); answers with the end of the listening. */
  onSignal(listener: () => void): () => void
  /** Ends the process without any further step. */
  exitNow(code: number): void
}

/** The headless host from start to end. Resolves with the exit code: 0 done, 1 a problem, 2 a wrong command line. */
export async function runHeadless(world: HeadlessWorld): Promise<number> {
  const begun = await beginHost(world.argv, world.environment, world)
  return typeof begun === 'number' ? begun : run(world, begun)
}

async function run(world: HeadlessWorld, line: CommandLine & { command: 'run' }): Promise<number> {
  const log = new Log()
  log.addSink(({ time, level, scope, text }) => world.stderr(`${new Date(time).toISOString()} ${level} ${scope}: ${text}\n`))
  const events = new JsonEvents(line.json ? world.stdout : () => {})
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
  const ui = new UiServer({ app, folder: world.uiFolder, port: line.uiPort, program: world.environment.program })
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
    const problem =
      error instanceof AppStartError ? error.problem : { code: 'internal' as const, detail: { message: String(error).slice(0, 500) } }
    events.addProblem(problem)
    world.stderr(`vantage: ${problemText(problem)}\n`)
    return 1
  } finally {
    await app.stop()
    await Promise.all([control?.stop(), ui.stop()])
    endSignals()
    events.end()
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

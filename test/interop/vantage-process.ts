import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = resolve(import.meta.dirname, '../../main/headless/main.ts')
/** What Node has made of our sources, kept by their content: a start then costs a third. */
const COMPILED = resolve(import.meta.dirname, '../../out/compile-cache')

/** One line of `--json`. */
export interface JsonEvent {
  readonly event: string
  readonly time: string
  readonly [fact: string]: unknown
}

export interface VantageProcessOptions {
  /** Of a new folder. */
  readonly settings?: Record<string, unknown>
  /** In front of the command: makes it run in a network namespace. */
  readonly spawnPrefix?: readonly string[]
  /** Instead of this checkout's: another one's main/headless/main.ts, to compare with. */
  readonly main?: string
}

/** A Vantage of its own process, headless, driven by its command line as anybody outside would. */
export class VantageProcess {
  readonly events: JsonEvent[] = []
  readonly folder: string
  readonly child: ChildProcess
  log = ''
  #wake = Promise.withResolvers<void>()

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder
    this.child = child
    createInterface({ input: child.stdout! }).on('line', line => {
      this.events.push(JSON.parse(line))
      this.#wake.resolve()
      this.#wake = Promise.withResolvers()
    })
    child.stderr!.on('data', text => {
      this.log = (this.log + text).slice(-200_000)
    })
    child.once('exit', () => this.#wake.resolve())
  }

  /**
   * Adds --headless, --json, --data (a new folder with no bandwidth limit worth the name, unless one is given) and free ports for the UI and
   * the proxies.
   */
  static async start(
    options: readonly string[],
    folder?: string,
    { settings = {}, spawnPrefix = [], main = MAIN }: VantageProcessOptions = {},
  ): Promise<VantageProcess> {
    const data = folder ?? (await mkdtemp(join(tmpdir(), 'vantage-')))
    if (!folder) await writeFile(join(data, 'settings.json'), JSON.stringify({ bandwidthRate: 1e9, bandwidthBurst: 1e9, ...settings }))
    const ports = ['--socks-port', '--http-port', '--ui-port'].flatMap(name => (options.includes(name) ? [] : [name, '0']))
    const command = [process.execPath, main, '--headless', '--json', '--data', data, ...ports, ...options]
    const [file, ...args] = [...spawnPrefix, ...command]
    const child = spawn(file!, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
    })
    return new VantageProcess(data, child)
  }

  /** The first event, past or future, for which `match` holds. */
  async event(name: string, match: (event: JsonEvent) => boolean = () => true, ms = 60_000): Promise<JsonEvent> {
    const deadline = Date.now() + ms
    for (;;) {
      const found = this.events.find(event => event.event === name && match(event))
      if (found) return found
      const left = deadline - Date.now()
      if (left <= 0 || this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(
          `no event "${name}" came; events:\n${this.events.map(e => JSON.stringify(e)).join('\n')}\nlog:\n${this.log.slice(-5000)}`,
        )
      }
      let timer: NodeJS.Timeout | undefined
      const timeout = new Promise<void>(resolve => {
        timer = setTimeout(resolve, left)
      })
      await Promise.race([this.#wake.promise, timeout])
      clearTimeout(timer)
    }
  }

  /** The newest facts of a repeated event. */
  last(name: string): JsonEvent | undefined {
    return this.events.findLast(event => event.event === name)
  }

  get socksPort(): number {
    return this.last('listening')!.socks as number
  }

  port(name: 'or' | 'dir' | 'pa'): number {
    return (this.last('listening')![name] as { port: number }).port
  }

  get fingerprint(): string {
    return this.last('listed')!.fingerprint as string
  }

  /** Orderly stop; the folder goes too, unless it is to be used again. */
  async stop(options: { keepFolder?: boolean } = {}): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit')
      this.child.kill('SIGTERM')
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
      await exit
      clearTimeout(timer)
    }
    if (!options.keepFolder) await rm(this.folder, { recursive: true, force: true })
  }
}

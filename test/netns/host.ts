import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Capture } from './capture.ts'

/** The functions of a module, called in another process: arguments and results are copied. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never
}

/** One host of an {@link IsolatedWorld}: a network namespace with addresses of its own. */
export class Host {
  readonly name: string
  readonly namespace: string
  /** IPv4 first. */
  readonly addresses: readonly string[]
  #agent: ChildProcess | undefined
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #captures: Capture[] = []
  #calling = 0

  constructor(name: string, namespace: string, addresses: readonly string[]) {
    this.name = name
    this.namespace = namespace
    this.addresses = addresses
  }

  get address(): string {
    return this.addresses[0]!
  }

  /** In front of a command, it makes that command run on this host. */
  get spawnPrefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace]
  }

  /** The functions that a module exports, to be run on this host; all modules of a host share one process. `url`: of the module. */
  use<T>(url: URL): Remote<T> {
    const module = url.href
    return new Proxy({} as Remote<T>, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          this.#call(module, String(name), args),
    })
  }

  #call(module: string, name: string, args: unknown[]): Promise<unknown> {
    const child = this.#start()
    const call = Promise.withResolvers<unknown>()
    const id = ++this.#calling
    this.#calls.set(id, call)
    child.send({ id, module, name, args }, error => {
      if (error) this.#settle(id, { error: error.message })
    })
    return call.promise
  }

  #settle(id: number, { result, error }: { result?: unknown; error?: string }): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(`on ${this.name}: ${error}`))
  }

  #start(): ChildProcess {
    if (this.#agent) return this.#agent
    const [file, ...prefix] = this.spawnPrefix
    const agent = new URL('./agent.ts', import.meta.url).pathname
    // Nothing of it may get into this process's stdout, over which a test file reports.
    const child = spawn(file!, [...prefix, process.execPath, agent], { stdio: ['ignore', 2, 2, 'ipc'], serialization: 'advanced' })
    child.on('message', (answer: { id: number; result?: unknown; error?: string }) => this.#settle(answer.id, answer))
    child.on('exit', code => {
      for (const id of this.#calls.keys()) this.#settle(id, { error: `its process ended (${code})` })
    })
    this.#agent = child
    return child
  }

  /** Process id of what runs the functions given to use(). */
  get agentPid(): number {
    return this.#start().pid!
  }

  /** Notes from now on every connection attempt and end, and every datagram, that this host sends or gets, on loopback too. */
  async capture(filter?: string): Promise<Capture> {
    const capture = await Capture.start(this.spawnPrefix, filter)
    this.#captures.push(capture)
    return capture
  }

  async stop(): Promise<void> {
    await Promise.all(this.#captures.map(capture => capture.stop()))
    const child = this.#agent
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.disconnect()
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(timer)
  }
}

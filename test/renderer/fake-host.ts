import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { applyPatch } from '../../renderer/store.ts'
import { type CallName, calls, clientFrame } from '../../shared/ipc.ts'
import type { Problem } from '../../shared/problem.ts'
import type { AppState, StatePatch } from '../../shared/state.ts'

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
/** As strict as the real hosts: a page that needs more fails here first. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What a scripted call answers: a result, or a problem thrown. */
export type Script = (argument: never) => unknown
export class ScriptedProblem extends Error {
  readonly problem: Problem
  constructor(code: Problem['code'], detail: Problem['detail'] = {}) {
    super(code)
    this.problem = { code, detail }
  }
}

/** A host without a relay: serves a folder and speaks the contract over `/ws`, with a state and answers that a test sets. */
export class FakeHost {
  state: AppState
  /** Every call that came, in order, with its argument as parsed by the contract. */
  readonly called: { name: string; argument: unknown }[] = []
  /** Whether connections are taken. */
  there = true
  readonly #waiting = new Set<{ name: string; resolve: (argument: unknown) => void }>()
  readonly #scripts = new Map<string, Script>()
  readonly #sockets = new Set<WebSocket>()
  readonly #server = createServer()
  readonly #webSockets: WebSocketServer

  private constructor(state: AppState, folder: string | undefined) {
    this.state = state
    this.#webSockets = new WebSocketServer({ server: this.#server, path: '/ws', maxPayload: 1 << 20, verifyClient: () => this.there })
    this.#webSockets.on('connection', socket => this.#serve(socket))
    this.#server.on('request', async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://host').pathname
      try {
        if (!folder) throw new Error('no folder to serve')
        const file = join(folder, normalize(path === '/' ? '/index.html' : path))
        const body = await readFile(file)
        response.setHeader('content-security-policy', CSP)
        response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(body)
      } catch {
        response.writeHead(404).end()
      }
    })
  }

  /** Listens at a free loopback port. */
  static async start(state: AppState, folder?: string): Promise<FakeHost> {
    const host = new FakeHost(state, folder)
    host.#server.listen(0, '127.0.0.1')
    await once(host.#server, 'listening')
    return host
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  /** Sets what a call answers from now on; without a script it answers with nothing. */
  on(name: CallName, script: Script): void {
    this.#scripts.set(name, script)
  }

  /** The argument of the next call of a name; to be asked for before what makes the call. */
  nextCall(name: CallName): Promise<unknown> {
    return new Promise(resolve => this.#waiting.add({ name, resolve }))
  }

  /** The next state: sent as a patch of all its sections, as the app would after a change of everything. */
  show(state: AppState): void {
    const revision = this.state.revision + 1
    this.state = { ...state, revision }
    const { revision: _, ...sections } = state
    this.send({ revision, sections })
  }

  /** Changes sections and sends just them. */
  change(sections: StatePatch['sections']): void {
    const revision = this.state.revision + 1
    this.state = applyPatch(this.state, { revision, sections })
    this.send({ revision, sections })
  }

  /** Changes rows of relays and sends just them, with the sections. */
  changeRelays(relays: NonNullable<StatePatch['relays']>, sections: StatePatch['sections'] = {}): void {
    const patch = { revision: this.state.revision + 1, sections, relays }
    this.state = applyPatch(this.state, patch)
    this.send(patch)
  }

  /** Sends any patch, also a wrong one. */
  send(patch: unknown): void {
    this.sendRaw(JSON.stringify({ event: 'state', payload: patch }))
  }

  sendRaw(text: string): void {
    for (const socket of this.#sockets) socket.send(text)
  }

  /** Cuts every connection, as a crashed host would; new ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate()
  }

  async close(): Promise<void> {
    this.cut()
    this.#webSockets.close()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #serve(socket: WebSocket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('message', async data => {
      const frame = clientFrame.parse(JSON.parse(String(data)))
      socket.send(JSON.stringify({ id: frame.id, ...(await this.#answer(frame.call, frame.argument)) }))
    })
  }

  async #answer(name: string, argument: unknown): Promise<{ result: unknown } | { problem: Problem }> {
    const call = Object.hasOwn(calls, name) ? calls[name as CallName] : undefined
    const parsed = call?.argument.safeParse(argument)
    if (!parsed?.success) return { problem: { code: 'bad-request', detail: {} } }
    this.called.push({ name, argument: parsed.data })
    for (const waiter of this.#waiting) {
      if (waiter.name !== name) continue
      this.#waiting.delete(waiter)
      waiter.resolve(parsed.data)
    }
    if (name === 'state.get' && !this.#scripts.has(name)) return { result: this.state }
    try {
      return { result: await this.#scripts.get(name)?.(parsed.data as never) }
    } catch (error) {
      return { problem: error instanceof ScriptedProblem ? error.problem : { code: 'internal', detail: {} } }
    }
  }
}

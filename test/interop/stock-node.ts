import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ControlClient } from './control-client.ts'

export const TOR = '/usr/bin/tor'
const run = promisify(execFile)

/** Waits until `check` gives something that is not undefined or false; it is asked again and again, and may throw until then. */
export async function until<T>(what: string, check: () => Promise<T> | T, ms: number, everyMs = 100): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms
  let last: unknown
  for (;;) {
    try {
      const found = await check()
      if (found !== undefined && found !== null && found !== false) return found as NonNullable<T>
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`not in ${ms} ms: ${what}${last instanceof Error ? ` (${last.message})` : ''}`)
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}

/**
 * Ports that nobody listens on. They are kept bound until release(), so that two askers never get the same; below the range from which the system takes
 * the ports of outgoing connections, so that none of those slips in between release() and the use.
 */
export class FreePorts {
  readonly #held: Server[] = []

  async take(address: string): Promise<number> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const port = 10_000 + Math.floor(Math.random() * 22_000)
      const server = createServer()
      const bound = await new Promise<boolean>(resolve => {
        server.once('error', () => resolve(false))
        server.listen({ host: address, port, exclusive: true }, () => resolve(true))
      })
      if (!bound) continue
      this.#held.push(server)
      return port
    }
    throw new Error(`no free port on ${address}`)
  }

  async release(): Promise<void> {
    await Promise.all(this.#held.splice(0).map(server => new Promise(resolve => server.close(resolve))))
  }
}

export interface StockNodeFields {
  readonly name: string
  readonly folder: string
  readonly address: string
  readonly orPort: number
  readonly dirPort: number
  readonly socksPort: number
  readonly controlPort: number
  readonly host?: NodeHost
}

/** Where a node runs when that is a network namespace, into which this process cannot connect by itself. */
export interface NodeHost {
  readonly address: string
  /** In front of a command, it makes that command run there. */
  readonly spawnPrefix: readonly string[]
  /** Asks a DirPort of that network. */
  fetch(request: DirRequest): Promise<{ status: number; body: Buffer }>
}

export interface DirRequest {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: Record<string, string>
  /** With it, it is a POST. */
  readonly body?: string
}

/** One HTTP exchange with a DirPort. */
export function fetchDir({ host, port, path, headers, body }: DirRequest): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const where = { host, port, path, method: body === undefined ? 'GET' : 'POST' }
    const call = httpRequest({ ...where, headers, agent: false, timeout: 10_000 }, response => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }))
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error('no answer from the DirPort')))
    call.on('error', reject)
    call.end(body)
  })
}

/** One process of stock tor, in a folder of its own. Ports it has not are 0. */
export class StockNode {
  readonly name: string
  readonly folder: string
  readonly address: string
  readonly orPort: number
  readonly dirPort: number
  readonly socksPort: number
  readonly controlPort: number
  readonly host: NodeHost | undefined
  /** 40 upper-case hex digits; empty for clients. */
  fingerprint = ''
  /** 32 bytes; undefined for clients and before the start. */
  ed25519Identity: Buffer | undefined
  #process: ChildProcess | undefined
  #control: ControlClient | undefined

  constructor(fields: StockNodeFields) {
    this.name = fields.name
    this.folder = fields.folder
    this.address = fields.address
    this.orPort = fields.orPort
    this.dirPort = fields.dirPort
    this.socksPort = fields.socksPort
    this.controlPort = fields.controlPort
    this.host = fields.host
  }

  get rsaIdentity(): Buffer {
    return Buffer.from(this.fingerprint, 'hex')
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Has tor make the relay's keys without starting it, and reads its identities. */
  async makeKeys(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const never = 'x 127.0.0.1:1 0000000000000000000000000000000000000000'
    const args = [
      '--list-fingerprint',
      '--ignore-missing-torrc',
      '-f',
      '/dev/null',
      '--defaults-torrc',
      '/dev/null',
      '--DataDirectory',
      this.folder,
    ]
    const relay = [
      '--Nickname',
      this.name,
      '--ORPort',
      String(this.orPort),
      '--Address',
      this.address,
      '--DirAuthority',
      never,
      '--TestingTorNetwork',
      '1',
    ]
    await run(TOR, [...args, ...relay, '--quiet'])
    await this.#readIdentities()
  }

  async #readIdentities(): Promise<void> {
    const rsa = await readFile(join(this.folder, 'fingerprint'), 'latin1')
    this.fingerprint = rsa.trim().split(' ')[1]!
    const ed = await readFile(join(this.folder, 'fingerprint-ed25519'), 'latin1')
    this.ed25519Identity = Buffer.from(ed.trim().split(' ')[1]!, 'base64')
  }

  /** Starts tor with these lines and waits until its control port answers. */
  async start(torrc: readonly string[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const file = join(this.folder, 'torrc')
    const own = [
      `DataDirectory ${this.folder}`,
      `Log notice file ${join(this.folder, 'notice.log')}`,
      `ControlPort ${this.host ? `unix:${this.#controlSocket}` : `127.0.0.1:${this.controlPort}`}`,
      'CookieAuthentication 1',
      // tor ends by itself when this process is gone, however that happened.
      `__OwningControllerProcess ${process.pid}`,
    ]
    await writeFile(file, `${[...own, ...torrc].join('\n')}\n`)
    const [program, ...args] = [...(this.host?.spawnPrefix ?? []), TOR, '-f', file, '--defaults-torrc', '/dev/null']
    this.#process = spawn(program!, args, { stdio: ['ignore', 'ignore', 'ignore'] })
    this.#process.on('error', () => {})
    try {
      this.#control = await until(`${this.name} is up`, () => this.#openControl(), 20_000)
      if (this.orPort) await this.#readIdentities()
    } catch (error) {
      const log = await this.log().catch(() => '')
      await this.stop()
      throw new Error(`${(error as Error).message}\n${log.split('\n').slice(-15).join('\n')}`)
    }
  }

  async #openControl(): Promise<ControlClient> {
    const cookie = await readFile(join(this.folder, 'control_auth_cookie'))
    return ControlClient.connect(this.host ? { path: this.#controlSocket } : { host: '127.0.0.1', port: this.controlPort }, cookie)
  }

  /** Files are the same in every network namespace. */
  get #controlSocket(): string {
    return join(this.folder, 'control')
  }

  get control(): ControlClient {
    if (!this.#control) throw new Error(`${this.name} is not running`)
    return this.#control
  }

  /** The notice log so far. */
  log(): Promise<string> {
    return readFile(join(this.folder, 'notice.log'), 'utf8')
  }

  waitForLog(pattern: RegExp, ms: number): Promise<string> {
    return until(`${this.name} logs ${pattern}`, async () => pattern.exec(await this.log())?.[0], ms)
  }

  /** Waits until tor says that it can build circuits. */
  bootstrapped(ms: number): Promise<unknown> {
    return until(`${this.name} bootstraps`, async () => /PROGRESS=100\b/.test(await this.control.getInfo('status/bootstrap-phase')), ms)
  }

  /** GET from the DirPort, or POST when there is a body: status and body of the answer. */
  fetch(path: string, headers: Record<string, string> = {}, body?: string): Promise<{ status: number; body: Buffer }> {
    const call: DirRequest = { host: this.address, port: this.dirPort, path, headers, body }
    return this.host ? this.host.fetch(call) : fetchDir(call)
  }

  /** Like fetch(), but only the text of an answer 200; rejects otherwise. */
  async fetchText(path: string): Promise<string> {
    const { status, body } = await this.fetch(path, { 'Accept-Encoding': 'identity' })
    if (status !== 200) throw new Error(`${this.name} answers ${status} for ${path}`)
    return body.toString('utf8')
  }

  /** Ends the process and waits for its end. */
  async stop(): Promise<void> {
    this.#control?.close()
    this.#control = undefined
    const child = this.#process
    if (!child || !this.running) return
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 4000)
    await gone
    clearTimeout(timer)
  }
}

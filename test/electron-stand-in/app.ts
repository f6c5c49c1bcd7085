import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { Chromium } from './chromium.ts'
import { DOWNLOADS } from './downloads-folder.ts'
import { type NothingInvented, strict } from './strict.ts'

/** Where the packaged app lies; nothing in a checkout. */
const packaged = process.env['STAND_IN_PACKAGE']
const appFolder = packaged ? join(packaged, 'resources/app.asar') : join(import.meta.dirname, '../..')
const VERSION = (JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as { version: string }).version

class App extends EventEmitter {
  readonly isPackaged = packaged !== undefined
  readonly switches: string[] = []
  readonly commandLine = strict('app.commandLine', {
    appendSwitch: (name: string, value?: string) => {
      this.#onlyBeforeReady()
      this.switches.push(value === undefined ? `--${name}` : `--${name}=${value}`)
    },
  })
  readonly ready = Promise.withResolvers<void>()
  #userData = join(tmpdir(), `vantage-stand-in-user-${process.pid}`)
  #lock: Server | undefined
  #told: Promise<void> | undefined
  exiting = false
  begun = false

  whenReady(): Promise<void> {
    return this.ready.promise
  }
  getVersion(): string {
    return VERSION
  }
  /** As of a system that speaks English; STAND_IN_LANGUAGES names others. */
  getPreferredSystemLanguages(): string[] {
    return (process.env['STAND_IN_LANGUAGES'] ?? 'en-GB').split(',')
  }
  getAppPath(): string {
    return process.cwd()
  }
  enableSandbox(): void {
    this.#onlyBeforeReady()
  }
  configureHostResolver(): void {}
  setPath(name: string, path: string): void {
    this.#onlyBeforeReady()
    if (name !== 'userData') throw new Error(`electron: app.setPath('${name}') is not in the stand-in`)
    this.#userData = path
  }
  getPath(name: string): string {
    if (name === 'userData') return this.#userData
    if (name === 'temp') return tmpdir()
    // Not the person's own: a test is to look into it.
    if (name === 'downloads') return join(this.#userData, 'downloads')
    throw new Error(`electron: app.getPath('${name}') is not in the stand-in`)
  }

  /** As the real one, by a socket whose address lies in the user data folder. */
  requestSingleInstanceLock(): boolean {
    this.#onlyBeforeReady()
    mkdirSync(this.#userData, { recursive: true })
    const file = join(this.#userData, 'stand-in-instance.json')
    try {
      const first = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; socket: string }
      process.kill(first.pid, 0)
      const socket = connect(first.socket)
      socket.on('error', () => {})
      socket.resume().end(JSON.stringify(process.argv))
      // The first one must have heard it before we are gone.
      this.#told = new Promise(resolve => socket.once('close', () => resolve()))
      return false
    } catch {}
    const socket = join(tmpdir(), `vantage-stand-in-${process.pid}.sock`)
    rmSync(socket, { force: true })
    this.#lock = createServer(client => {
      let text = ''
      client.setEncoding('utf8').on('data', part => {
        text += part
      })
      client.on('error', () => {})
      client.on('end', () => this.emit('second-instance', {}, JSON.parse(text), process.cwd()))
    })
      .listen(socket)
      .unref()
    writeFileSync(file, JSON.stringify({ pid: process.pid, socket }))
    return true
  }

  /** Only says so: a test is not to leave anything behind. */
  relaunch({ execPath, args = [] }: Electron.RelaunchOptions): void {
    process.stderr.write(`stand-in: starts again: ${JSON.stringify([execPath, ...args])}\n`)
  }

  /** Electron throws only for some of it; the rest would come to nothing. */
  #onlyBeforeReady(): void {
    if (this.begun) throw new Error('electron: Chromium has started already')
  }

  quit(): void {
    let prevented = false
    this.emit('before-quit', {
      preventDefault: () => {
        prevented = true
      },
    })
    if (!prevented) this.exit(0)
  }

  exit(code = 0): void {
    if (this.exiting) return
    this.exiting = true
    this.#lock?.close()
    void Promise.allSettled([this.#told, browser?.stop()]).then(() => {
      rmSync(DOWNLOADS, { recursive: true, force: true })
      process.exit(code)
    })
  }
}
true satisfies NothingInvented<App, Electron.App, 'switches' | 'ready' | 'exiting' | 'begun'>

export const app = strict('app', new App())
let browser: Chromium | undefined

export function chromium(): Chromium {
  if (!browser) throw new Error('electron: this needs the app to be ready')
  return browser
}

/** Starts Chromium, and tells that it is ready. */
export function start(): void {
  app.begun = true
  setImmediate(async () => {
    if (app.exiting) return
    browser = new Chromium([...app.switches, ...(process.env['STAND_IN_SWITCHES']?.split(' ') ?? [])])
    browser.on('died', code => {
      process.stderr.write(`stand-in: Chromium ended by itself (${code})\n`)
      app.exit(1)
    })
    await browser.send('Target.setDiscoverTargets', { discover: true })
    app.ready.resolve()
  })
}

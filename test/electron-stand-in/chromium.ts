import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

// biome-ignore lint/suspicious/noExplicitAny: messages of the DevTools protocol, whose types are not installed
export type Message = any

const CHROMES_OWN = [
  'AutofillServerCommunication',
  'Translate',
  'MediaRouter',
  'OptimizationHints',
  'HttpsUpgrades',
  'PreconnectToSearch',
  'AimEnabled',
  'AimServerRequestOnStartupEnabled',
]

/** One Chromium of its own profile, driven over --remote-debugging-pipe (descriptors 3 and 4, messages end in NUL). */
export class Chromium extends EventEmitter {
  readonly #profile = mkdtempSync(join(tmpdir(), 'vantage-stand-in-'))
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { method: string; resolve: (result: Message) => void; reject: (error: Error) => void }>()
  #next = 1
  #buffered: Buffer = Buffer.alloc(0)
  #stopping = false

  constructor(switches: readonly string[]) {
    super()
    this.setMaxListeners(0)
    mkdirSync(join(this.#profile, 'Default'))
    // What setWebRTCIPHandlingPolicy sets per page in Electron; the command line's switch does nothing in Chromium.
    writeFileSync(join(this.#profile, 'Default/Preferences'), '{"webrtc":{"ip_handling_policy":"disable_non_proxied_udp"}}')
    this.#child = spawn(
      process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      [
        '--remote-debugging-pipe',
        '--remote-debugging-port=0',
        `--user-data-dir=${this.#profile}`,
        '--no-startup-window',
        '--no-first-run',
        '--no-default-browser-check',
        '--no-sandbox',
        '--test-type',
        '--disable-gpu',
        '--disable-background-networking',
        // Pages of a test lie under each other and must all go on drawing.
        '--disable-background-timer-throttling',
        '--disable-backgrounding-occluded-windows',
        '--disable-renderer-backgrounding',
        '--disable-component-update',
        '--disable-sync',
        // Services of Chrome's own that Electron does not have; the last three ask Google by the proxy of whatever page is open.
        `--disable-features=${CHROMES_OWN.join()}`,
        '--password-store=basic',
        ...(process.env['DISPLAY'] ? [] : ['--headless']),
        ...switches,
      ],
      // Without a locale it takes every name of a file that is not ASCII for none.
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: { LANG: 'C.UTF-8', ...process.env } },
    )
    const [, , errors, commands, answers] = this.#child.stdio as [null, null, Readable, Writable, Readable]
    commands.on('error', () => {})
    answers.on('data', (chunk: Buffer) => this.#receive(chunk))
    let line = ''
    errors.setEncoding('utf8').on('data', (text: string) => {
      const lines = (line + text).split('\n')
      line = lines.pop()!
      // Playwright waits for this one.
      for (const whole of lines) if (whole.startsWith('DevTools listening')) process.stderr.write(`${whole}\n`)
    })
    this.#child.on('exit', code => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium is gone'))
      this.#waiting.clear()
      if (!this.#stopping) this.emit('died', code)
    })
  }

  /** Sends a command, to one target's session where one is named. */
  send(method: string, params: object = {}, sessionId?: string): Promise<Message> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject })
      const commands = this.#child.stdio[3] as Writable
      commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  /** Ends Chromium, with its helpers, in good order where it can within three seconds; then removes its profile. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      this.send('Browser.close').catch(() => {})
      const late = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
      await gone
      clearTimeout(late)
    }
    for (let tries = 0; tries < 50; tries++) {
      try {
        rmSync(this.#profile, { recursive: true, force: true })
        return
      } catch {
        // A helper that was killed late is still writing.
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
  }

  #receive(chunk: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, chunk])
    for (let end = this.#buffered.indexOf(0); end >= 0; end = this.#buffered.indexOf(0)) {
      const message = JSON.parse(this.#buffered.toString('utf8', 0, end))
      this.#buffered = this.#buffered.subarray(end + 1)
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (!waiting) this.emit(message.sessionId ? `${message.sessionId}/${message.method}` : message.method, message.params)
      else if (message.error) waiting.reject(new Error(`${waiting.method}: ${message.error.message}`))
      else waiting.resolve(message.result)
    }
  }
}

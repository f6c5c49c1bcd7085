import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { askRunningApp } from '../../main/app/control.ts'
import type { AppState } from '../../shared/state.ts'
import { blob, fetchOver, sha256Hex } from '../interop/blob-server.ts'
import { connectSocks } from '../interop/socks.ts'
import { VantageProcess } from '../interop/vantage-process.ts'

/** Bytes of the pages that are fetched. */
const SIZES = [1_000, 5_000, 20_000, 50_000, 100_000, 300_000] as const
const HASHES = new Map<number, string>(SIZES.map(size => [size, sha256Hex(blob(size))]))
/** ms until a stream that was refused, or cut by a kill, is tried again. */
const PAUSE_MS = 500

export interface Tally {
  transfers: number
  bytes: number
  wrong: number
  /** By what went wrong. */
  readonly failures: Map<string, number>
}

export interface Measure {
  readonly descriptors: number
  readonly residentMB: number
  readonly circuits: number
  readonly channels: number
  /** Streams of this peer, and of others through it. */
  readonly streams: number
}

/** One Vantage that browses through the others and serves them, with its load; it can be killed and comes back with its folder. */
export class SoakPeer {
  readonly name: string
  readonly tally: Tally = { transfers: 0, bytes: 0, wrong: 0, failures: new Map() }
  kills = 0
  fingerprint = ''
  #process: VantageProcess | undefined
  readonly #options: readonly string[]
  #folder: string | undefined
  #up = false

  constructor(name: string, options: readonly string[]) {
    this.name = name
    this.#options = [...options, '--nickname', name]
  }

  get isUp(): boolean {
    return this.#up
  }

  /** Resolves when it may browse. */
  async start(ms: number): Promise<void> {
    this.#process = await VantageProcess.start(this.#options, this.#folder)
    this.#folder = this.#process.folder
    await this.#process.event('unlocked', undefined, ms)
    this.fingerprint ||= this.#process.fingerprint
    this.#up = true
  }

  /** Ends it as a power cut or as a person would, and starts it again after a while. */
  async interrupt(way: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    this.#up = false
    this.kills++
    const { child } = this.#process!
    const gone = once(child, 'exit')
    child.kill(way)
    await gone
    await wait(awayMs)
    await this.start(120_000)
  }

  /** Keeps so many streams busy through relays that `pick` names, until `done`. */
  async load(streams: number, port: number, pick: () => string | undefined, done: AbortSignal): Promise<void> {
    const worker = async () => {
      while (!done.aborted) {
        const through = pick()
        if (!this.#up || !through || !(await this.#transfer(port, through))) await wait(PAUSE_MS * (0.5 + Math.random()))
      }
    }
    await Promise.all(Array.from({ length: streams }, worker))
  }

  async #transfer(port: number, through: string): Promise<boolean> {
    const size = SIZES[Math.floor(Math.random() * SIZES.length)]!
    try {
      const socket = await connectSocks(this.#process!.socksPort, '127.0.0.1', port, `$${through}`)
      const body = await fetchOver(socket, { host: '127.0.0.1', path: `/${size}` })
      this.tally.transfers++
      this.tally.bytes += body.length
      if (sha256Hex(body) !== HASHES.get(size)) this.tally.wrong++
      return true
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      this.tally.failures.set(reason, (this.tally.failures.get(reason) ?? 0) + 1)
      return false
    }
  }

  async measure(): Promise<Measure> {
    const pid = this.#process!.child.pid!
    const state = (await askRunningApp(this.#folder!, 'status', 5000)) as AppState
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return {
      descriptors: (await readdir(`/proc/${pid}/fd`)).length,
      residentMB: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) / 1024),
      circuits: state.relay.circuits,
      channels: state.relay.channels,
      streams: state.perspective.relays.reduce((sum, relay) => sum + (relay.streams ?? 0), 0),
    }
  }

  /** The newest part of its log, for when something went wrong. */
  get log(): string {
    return this.#process?.log.slice(-3000) ?? ''
  }

  async stop(): Promise<void> {
    this.#up = false
    await this.#process?.stop()
  }
}

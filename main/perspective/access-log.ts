import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MalformedError } from '../lib/bytes.ts'
import { ensurePrivateFolder, writeFileAtomically } from '../lib/files.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { type AccessRecord, decodeSegment, encodePeer, encodeSegmentHeader, encodeStream, HOUR_MS, MAX_PEERS } from './access-record.ts'

/** What the owner decides about the log. */
export interface AccessLogSettings {
  /** Records are kept so many hours, 1 to 2160 (90 days); 0: nothing is kept and nothing written. */
  readonly hours: number
  /** Keep only the /24 or /48 of addresses. */
  readonly truncate: boolean
}

export interface AccessLogOptions {
  /** Of its own: everything in it belongs to the log. */
  readonly folder: string
  readonly now?: () => number
  readonly log: ScopedLog
  /** How often what is waiting is written, and how often what is too old is deleted, ms. */
  readonly flushMs?: number
  readonly sweepMs?: number
  /** Bytes on disk; beyond it the oldest hours go first. */
  readonly maxBytes?: number
}

const FLUSH_MS = 1000
const SWEEP_MS = 60_000
const MAX_BYTES = 256 * 1024 * 1024
/** Records that wait for the disk; it is not keeping up when there are more. */
const MAX_WAITING = 100_000
const SEGMENT = /^(\d{6,7})\.val$/

/** A segment being written: the hour, which peers have a number in it, and how many of those its file names. */
interface OpenSegment {
  readonly hour: number
  readonly peers: Map<string, number>
  named: number
}

/**
 * The owner's record of what went out through the PAPort: off by default, fixed binary records (access-record.ts), a file an hour. What is older than
 * the owner wants is gone from the disk at most a minute later; "off" and "delete now" leave nothing. Host names never come here.
 */
export class AccessLog implements Service {
  readonly #o: AccessLogOptions
  #settings: AccessLogSettings = { hours: 0, truncate: false }
  #segment: OpenSegment | undefined
  #waiting: Buffer[] = []
  #timers: NodeJS.Timeout[] = []
  /** Everything that touches the disk happens one after the other. */
  #disk: Promise<unknown> = Promise.resolve()
  #bytes = 0

  constructor(options: AccessLogOptions) {
    this.#o = options
  }

  get settings(): AccessLogSettings {
    return this.#settings
  }

  /** Bytes on disk after the latest write or sweep. */
  get bytes(): number {
    return this.#bytes
  }

  #now(): number {
    return (this.#o.now ?? Date.now)()
  }

  async start(): Promise<void> {
    this.#timers = [
      setInterval(() => void this.flush(), this.#o.flushMs ?? FLUSH_MS),
      setInterval(() => void this.sweep(), this.#o.sweepMs ?? SWEEP_MS),
    ]
    for (const timer of this.#timers) timer.unref()
    await this.sweep()
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.flush()
    await this.#disk
  }

  /** In force at once; settles when the disk holds no more than the owner wants. */
  configure(settings: AccessLogSettings): Promise<void> {
    this.#settings = settings
    return settings.hours === 0 ? this.deleteAll() : this.sweep()
  }

  /** Takes note of a stream that has ended. Does nothing while the log is off. */
  add(record: AccessRecord): void {
    const { hours, truncate } = this.#settings
    if (hours === 0 || this.#waiting.length >= MAX_WAITING) return
    const hour = Math.floor(record.endedAt / HOUR_MS)
    let segment = this.#segment
    if (segment?.hour !== hour) {
      // What waits belongs to the hour before.
      void this.flush()
      segment = this.#segment = { hour, peers: new Map(), named: 0 }
    }
    let index = segment.peers.get(record.peer)
    if (index === undefined) {
      if (segment.peers.size >= MAX_PEERS) return
      index = segment.peers.size
      segment.peers.set(record.peer, index)
    }
    this.#waiting.push(encodeStream(index, record, truncate))
  }

  /** Writes what waits. Never rejects: a full disk costs records, not service. */
  flush(): Promise<void> {
    const segment = this.#segment
    const streams = this.#waiting
    this.#waiting = []
    return this.#onDisk(async () => {
      if (!segment || streams.length === 0) return
      await ensurePrivateFolder(this.#o.folder)
      const isNew = !(await this.#segments()).some(({ hour }) => hour === segment.hour)
      // A sweep may have taken the file, names and all.
      if (isNew) segment.named = 0
      const peers = [...segment.peers].slice(segment.named)
      const header = isNew ? [encodeSegmentHeader(segment.hour)] : []
      const bytes = Buffer.concat([...header, ...peers.map(([peer, index]) => encodePeer(index, peer)), ...streams])
      await appendFile(this.#path(segment.hour), bytes, { mode: 0o600 })
      segment.named += peers.length
      this.#bytes += bytes.length
    })
  }

  #path(hour: number): string {
    return join(this.#o.folder, `${hour}.val`)
  }

  #onDisk(step: () => Promise<void>): Promise<void> {
    const next = this.#disk.then(step).catch(error => this.#o.log.warn(`access log: ${(error as Error).message}`))
    this.#disk = next
    return next
  }

  /** Hours that have a file, oldest first. */
  async #segments(): Promise<{ hour: number; name: string }[]> {
    const names = await readdir(this.#o.folder).catch(error => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })
    const found = names.flatMap(name => {
      const match = SEGMENT.exec(name)
      return match ? [{ hour: Number(match[1]), name }] : []
    })
    return found.sort((a, b) => a.hour - b.hour)
  }

  /** Deletes what is older than the owner wants, and the oldest hours of a log that has grown too large. */
  sweep(): Promise<void> {
    const oldest = this.#now() - this.#settings.hours * HOUR_MS
    return this.#onDisk(async () => {
      const { folder, maxBytes = MAX_BYTES } = this.#o
      let segments = await this.#segments()
      const keep = new Set(segments.map(({ name }) => name))
      for (const name of await readdir(folder).catch(() => [])) {
        // Half-written files of a crash hold records too.
        if (!keep.has(name)) await rm(join(folder, name), { force: true, recursive: true })
      }
      for (const { hour, name } of segments) {
        if (this.#settings.hours === 0 || (hour + 1) * HOUR_MS <= oldest) await rm(join(folder, name), { force: true })
        else if (hour * HOUR_MS < oldest) await this.#trim(hour, oldest)
      }
      segments = await this.#segments()
      const sizes = await Promise.all(segments.map(async ({ name }) => (await stat(join(folder, name))).size))
      this.#bytes = sizes.reduce((sum, size) => sum + size, 0)
      for (const [i, { name }] of segments.entries()) {
        if (this.#bytes <= maxBytes) break
        await rm(join(folder, name), { force: true })
        this.#bytes -= sizes[i]!
      }
    })
  }

  /** Writes the file of an hour anew, without what ended before `oldest`; a file that is no segment goes, since nobody knows how old it is. */
  async #trim(hour: number, oldest: number): Promise<void> {
    const path = this.#path(hour)
    const all = decoded(await readFile(path))
    const wanted = all.filter(record => record.endedAt >= oldest)
    if (wanted.length === 0) return rm(path, { force: true })
    if (wanted.length === all.length) return
    const segment = this.#segment?.hour === hour ? this.#segment : undefined
    const peers = new Map<string, number>(segment?.peers)
    for (const { peer } of wanted) if (!peers.has(peer)) peers.set(peer, peers.size)
    const names = [...peers].map(([peer, index]) => encodePeer(index, peer))
    const streams = wanted.map(record => encodeStream(peers.get(record.peer)!, record))
    await writeFileAtomically(path, Buffer.concat([encodeSegmentHeader(hour), ...names, ...streams]))
  }

  /** Leaves nothing, on disk or waiting. */
  deleteAll(): Promise<void> {
    this.#waiting = []
    this.#segment = undefined
    return this.#onDisk(async () => {
      await rm(this.#o.folder, { force: true, recursive: true })
      this.#bytes = 0
    })
  }

  /** What is on disk or waiting and not too old, in the order in which it ended. */
  async *records(): AsyncGenerator<AccessRecord> {
    await this.flush()
    const { hours } = this.#settings
    const oldest = this.#now() - hours * HOUR_MS
    if (hours === 0) return
    for (const { name } of await this.#segments()) {
      // A file can go while we read.
      const bytes = await readFile(join(this.#o.folder, name)).catch(() => undefined)
      for (const record of bytes ? decoded(bytes) : []) if (record.endedAt >= oldest) yield record
    }
  }
}

/** The streams of a segment; none when the file is something else. */
function decoded(bytes: Buffer): AccessRecord[] {
  try {
    return [...decodeSegment(bytes)]
  } catch (error) {
    if (error instanceof MalformedError) return []
    throw error
  }
}

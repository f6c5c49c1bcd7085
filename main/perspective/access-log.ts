import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from '../crypto/random.ts'
import { ensurePrivateFolder } from '../lib/files.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Sequence } from '../lib/sequence.ts'
import type { Service } from '../lib/service.ts'
import { type AccessRecord, encodePeer, encodeStream, HOUR_MS, MAX_PEERS } from './access-record.ts'
import { discardSegment, readSegment, rewriteSegment, type Segment, SegmentWriter } from './access-segment.ts'
import type { KeyKeeper } from './key-keeper.ts'

/** What the owner decides about the log. */
export interface AccessLogSettings {
  /** Records are kept so many hours, 1 to 2160 (90 days); 0: nothing is kept and nothing written. */
  readonly hours: number
  /** Keep only the /24 or /48 of addresses. */
  readonly truncate: boolean
  /** What there is stays so many hours although no more is written: nobody knows any more what the owner wanted. */
  readonly keptHours?: number
}

export interface AccessLogOptions {
  /** Of its own: everything in it belongs to the log. */
  readonly folder: string
  /** Who seals the keys of its files: the first one that can. The others are asked for keys that they sealed. */
  readonly keepers: readonly KeyKeeper[]
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
/** <hour>-<random>.val; without the random part: of an earlier Vantage. */
const SEGMENT = /^(\d{6,7})(?:-[0-9a-f]{8})?\.val$/

interface SegmentFile {
  readonly hour: number
  readonly name: string
}

/** The hour being written: which peers have a number in it, how many of those its file names, and that file, once there is one. */
interface OpenSegment {
  readonly hour: number
  readonly peers: Map<string, number>
  named: number
  writer: SegmentWriter | undefined
}

/**
 * The owner's record of what went out through the PAPort: off by default, fixed binary records (access-record.ts), a file an hour (and run),
 * encrypted with a key of its own (access-segment.ts). What is older than the owner wants is gone from the disk at most a minute later, and so is its key;
 * "off" and "delete now" leave nothing. Host names never come here.
 */
export class AccessLog implements Service {
  readonly #o: AccessLogOptions
  #settings: AccessLogSettings = { hours: 0, truncate: false }
  #segment: OpenSegment | undefined
  #waiting: Buffer[] = []
  #timers: NodeJS.Timeout[] = []
  /** Everything that touches the disk happens one after the other. */
  readonly #disk = new Sequence()
  #bytes = 0
  /** Files that are as small as they can be. */
  readonly #packed = new Set<string>()
  #saidOtherKeeper = false

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
    await this.#disk.idle()
  }

  /** In force at once; settles when the disk holds no more than the owner wants. */
  configure(settings: AccessLogSettings): Promise<void> {
    this.#settings = settings
    return this.#keptHours === 0 ? this.deleteAll() : this.sweep()
  }

  get #keptHours(): number {
    const { hours, keptHours = hours } = this.#settings
    return keptHours
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
      segment = this.#segment = { hour, peers: new Map(), named: 0, writer: undefined }
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
      if (!segment.writer) {
        await ensurePrivateFolder(this.#o.folder)
        const name = `${segment.hour}-${randomBytes(4).toString('hex')}.val`
        segment.writer = await this.#sealed(keeper => SegmentWriter.begin(join(this.#o.folder, name), segment.hour, keeper))
        segment.named = 0
      }
      const peers = [...segment.peers].slice(segment.named)
      const { writer } = segment
      // Until it is known to have gone well: behind half a part nothing can be read, so another file would have to begin.
      segment.writer = undefined
      this.#bytes += await writer.append(Buffer.concat([...peers.map(([peer, index]) => encodePeer(index, peer)), ...streams]))
      segment.writer = writer
      segment.named += peers.length
    })
  }

  /** Does something with the first keeper that can. */
  async #sealed<T>(step: (keeper: KeyKeeper) => Promise<T>): Promise<T> {
    const [first, ...others] = this.#o.keepers
    try {
      return await step(first!)
    } catch (error) {
      if (others.length === 0) throw error
      if (!this.#saidOtherKeeper)
        this.#o.log.warn(`access log: its keys are kept in a file, not by the system (${(error as Error).message})`)
      this.#saidOtherKeeper = true
      return step(others[0]!)
    }
  }

  async #read(name: string): Promise<Segment | undefined> {
    return readSegment(join(this.#o.folder, name), async (id, sealed) => this.#o.keepers.find(keeper => keeper.id === id)?.open(sealed))
  }

  #onDisk(step: () => Promise<void>): Promise<void> {
    return this.#disk.run(step).catch(error => this.#o.log.warn(`access log: ${(error as Error).message}`))
  }

  /** The files, oldest first. */
  async #segments(): Promise<SegmentFile[]> {
    const names = await readdir(this.#o.folder).catch(error => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    })
    const found = names.flatMap(name => {
      const match = SEGMENT.exec(name)
      return match ? [{ hour: Number(match[1]), name }] : []
    })
    return found.sort((a, b) => a.hour - b.hour || a.name.localeCompare(b.name))
  }

  /** Deletes what is older than the owner wants, and the oldest hours of a log that has grown too large; packs hours that are over. */
  sweep(): Promise<void> {
    const keptHours = this.#keptHours
    const oldest = this.#now() - keptHours * HOUR_MS
    return this.#onDisk(async () => {
      const { folder, maxBytes = MAX_BYTES } = this.#o
      let segments = await this.#segments()
      const keep = new Set(segments.map(({ name }) => name))
      for (const name of await readdir(folder).catch(() => [])) {
        // Half-written files of a crash hold records too.
        if (!keep.has(name)) await this.#discard(name)
      }
      for (const { hour, name } of segments) {
        if (keptHours === 0 || (hour + 1) * HOUR_MS <= oldest) await this.#discard(name)
        else if (hour * HOUR_MS < oldest || (hour + 1) * HOUR_MS <= this.#now()) await this.#pack({ hour, name }, oldest)
      }
      segments = await this.#segments()
      for (const name of this.#packed) if (!segments.some(segment => segment.name === name)) this.#packed.delete(name)
      const sizes = await Promise.all(segments.map(async ({ name }) => (await stat(join(folder, name))).size))
      this.#bytes = sizes.reduce((sum, size) => sum + size, 0)
      for (const [i, { name }] of segments.entries()) {
        if (this.#bytes <= maxBytes) break
        await this.#discard(name)
        this.#bytes -= sizes[i]!
      }
    })
  }

  /**
   * Writes the file of an hour anew, under another key, without what ended before `oldest`; or once, when its hour is over, because many small parts
   * take more room. A file that nobody can read goes as soon as some of it may be too old.
   */
  async #pack({ hour, name }: SegmentFile, oldest: number): Promise<void> {
    const expires = hour * HOUR_MS < oldest
    if (!expires && this.#packed.has(name)) return
    const segment = await this.#read(name)
    if (!segment && !expires) return
    const wanted = segment?.records.filter(record => record.endedAt >= oldest) ?? []
    if (wanted.length === 0) return this.#discard(name)
    if (!segment!.whole || wanted.length < segment!.records.length) {
      this.#leave(name)
      await this.#sealed(keeper => rewriteSegment(join(this.#o.folder, name), hour, wanted, keeper))
    }
    this.#packed.add(name)
  }

  async #discard(name: string): Promise<void> {
    this.#leave(name)
    await discardSegment(join(this.#o.folder, name))
  }

  /** What is still to be written of its hour gets a file of its own. */
  #leave(name: string): void {
    if (this.#segment?.writer?.path === join(this.#o.folder, name)) this.#segment.writer = undefined
  }

  /** Leaves nothing, on disk or waiting, and no key. */
  deleteAll(): Promise<void> {
    this.#waiting = []
    this.#segment = undefined
    return this.#onDisk(async () => {
      const { folder, keepers } = this.#o
      // Without the keepers' own keys the files are noise, should the rest not come to its end.
      for (const keeper of keepers) await keeper.forget()
      for (const name of await readdir(folder).catch(() => [])) await discardSegment(join(folder, name))
      await rm(folder, { force: true, recursive: true })
      this.#bytes = 0
    })
  }

  /** What is on disk or waiting and not too old, in the order in which it ended. */
  async *records(): AsyncGenerator<AccessRecord> {
    await this.flush()
    const hours = this.#keptHours
    const oldest = this.#now() - hours * HOUR_MS
    if (hours === 0) return
    for (const [, files] of Map.groupBy(await this.#segments(), ({ hour }) => hour)) {
      // A file can go while we read.
      const read = await Promise.all(files.map(({ name }) => this.#read(name).catch(() => undefined)))
      const records = read.flatMap(segment => segment?.records ?? [])
      if (files.length > 1) records.sort((a, b) => a.endedAt - b.endedAt)
      for (const record of records) if (record.endedAt >= oldest) yield record
    }
  }
}

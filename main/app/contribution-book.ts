import { join } from 'node:path'
import { z } from 'zod'
import type { ContributionDay, ContributionPeer, ContributionSum } from '../../shared/contribution.ts'
import type { Problem } from '../../shared/problem.ts'
import { Sequence } from '../lib/sequence.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { JsonFile } from './json-file.ts'

const MAX_FILE = 16 << 20
/** Relays kept apart within one day; the least of the others are summed under an empty fingerprint. */
const MAX_PEERS = 24
const SAVE_MS = 300_000
/** Days go only when the two clocks have agreed for so long: one that is wrong for a moment would take years with it, ms. */
const TRUST_MS = 3_600_000
/** So far apart nobody has set one of them, ms. */
const AGREE_MS = 60_000
/** Between two samples no more than this counts as running: the computer may have slept. */
const MAX_STEP_MS = 60_000

/** No day has more of anything; enough of such days can still be summed. */
const count = z.number().min(0).max(1e18)
const two = z.tuple([count, count])
/** read, written, streams */
const three = z.tuple([count, count, count])
const peers = z.record(z.string().regex(/^([0-9A-F]{40})?$/), three)
const storedDay = z.object({
  or: two,
  dir: two,
  tor: three,
  refused: count,
  up: count,
  served: peers,
  used: peers,
  /** Not in days of earlier versions. */
  circuits: count.optional(),
  cpu: count.optional(),
})
const stored = z.object({
  version: z.literal(1).default(1),
  days: z.record(z.iso.date(), storedDay).default({}),
})
type StoredDay = z.infer<typeof storedDay>

interface Bytes {
  readonly read: number
  readonly written: number
}
export interface PeerCounter extends Bytes {
  readonly fingerprint: string
  readonly streams: number
}

/** Running totals of one relay run; each only grows. */
export interface ContributionCounters {
  /** Cells of Tor's class on all links, our own circuits' too. */
  readonly or: Bytes
  readonly dir: Bytes
  readonly served: readonly PeerCounter[]
  readonly used: readonly PeerCounter[]
  readonly tor: Bytes & { readonly streams: number }
  readonly refused: number
  readonly circuits: number
  /** Processor time of the program, all cores together. */
  readonly cpuSeconds: number
}

const NOTHING: ContributionCounters = {
  or: { read: 0, written: 0 },
  dir: { read: 0, written: 0 },
  served: [],
  used: [],
  tor: { read: 0, written: 0, streams: 0 },
  refused: 0,
  circuits: 0,
  cpuSeconds: 0,
}

/** The day of a moment by this computer's clock and time zone, YYYY-MM-DD. */
export function dayOf(time: number): string {
  const date = new Date(time)
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
}

const emptyDay = (): StoredDay => ({
  or: [0, 0],
  dir: [0, 0],
  tor: [0, 0, 0],
  refused: 0,
  up: 0,
  served: {},
  used: {},
  circuits: 0,
  cpu: 0,
})

interface BookOptions {
  readonly now: number
  /** As the owner set it, 0 for "keep nothing". */
  retentionDays(): number
  /** A clock that nobody sets, ms; that of the program unless another is given. */
  steady?(): number
}

/**
 * What this relay gave and its owner took, a day at a time, in one small file of the data folder (so per network). Relays are known by their public
 * fingerprints; no addresses, no destinations, no times of day.
 */
export class ContributionBook {
  /** `settings-damaged` when the file could not be understood and was put aside. */
  readonly problem: Problem | undefined
  readonly #file: JsonFile<z.infer<typeof stored>>
  readonly #retentionDays: () => number
  readonly #steady: () => number
  /** By how much the clock on the wall was ahead of the steady one when they were found apart last, and when that was on the steady one. */
  #apart: { readonly by: number; readonly at: number }
  readonly #days: Map<string, StoredDay>
  #last: ContributionCounters = NOTHING
  #lastAt: number | undefined
  #dirty = false
  #savedAt: number
  readonly #writes = new Sequence()

  private constructor(
    file: JsonFile<z.infer<typeof stored>>,
    value: z.infer<typeof stored>,
    options: BookOptions & { problem: Problem | undefined },
  ) {
    this.#file = file
    this.#steady = options.steady ?? steadyNow
    const at = this.#steady()
    this.#apart = { by: options.now - at, at }
    this.#days = new Map(Object.entries(value.days))
    this.#retentionDays = options.retentionDays
    this.problem = options.problem
    this.#savedAt = options.now
    this.#expire(options.now)
  }

  static async load(folder: string, options: BookOptions): Promise<ContributionBook> {
    const file = new JsonFile(join(folder, 'contribution.json'), stored, { maxSize: MAX_FILE })
    const { value, problem } = await file.load(options.now)
    return new ContributionBook(file, value, { ...options, problem })
  }

  /** A relay run begins: its counters start at nothing. */
  begin(now: number): void {
    this.#last = NOTHING
    this.#lastAt = now
  }

  /** The relay run is over; time does not count until the next one begins. */
  end(): void {
    this.#lastAt = undefined
  }

  /** Adds what the counters grew by since the last sample to the day of `now`; saves every few minutes. */
  sample(counters: ContributionCounters, now: number): void {
    const last = this.#last
    this.#last = counters
    const elapsed = this.#lastAt === undefined ? 0 : Math.min(MAX_STEP_MS, Math.max(0, now - this.#lastAt))
    this.#lastAt = now
    if (this.#retentionDays() <= 0) return this.#expire(now)
    const name = dayOf(now)
    let day = this.#days.get(name)
    if (!day) {
      this.#expire(now)
      day = emptyDay()
      this.#days.set(name, day)
    }
    const grew = (after: number, before: number) => Math.max(0, after - before)
    const tor = [
      grew(counters.tor.read, last.tor.read),
      grew(counters.tor.written, last.tor.written),
      grew(counters.tor.streams, last.tor.streams),
    ] as const
    day.tor = [day.tor[0] + tor[0], day.tor[1] + tor[1], day.tor[2] + tor[2]]
    day.or = [
      day.or[0] + Math.max(0, grew(counters.or.read, last.or.read) - tor[0]),
      day.or[1] + Math.max(0, grew(counters.or.written, last.or.written) - tor[1]),
    ]
    day.dir = [day.dir[0] + grew(counters.dir.read, last.dir.read), day.dir[1] + grew(counters.dir.written, last.dir.written)]
    day.refused += grew(counters.refused, last.refused)
    day.up += elapsed / 1000
    day.circuits = (day.circuits ?? 0) + grew(counters.circuits, last.circuits)
    day.cpu = (day.cpu ?? 0) + grew(counters.cpuSeconds, last.cpuSeconds)
    addPeers(day.served, counters.served, last.served)
    addPeers(day.used, counters.used, last.used)
    this.#dirty = true
    if (Math.abs(now - this.#savedAt) >= SAVE_MS) void this.save(now).catch(() => {})
  }

  /** The days from `from` to `to`, both included, oldest first. */
  days(from?: string, to?: string): ContributionDay[] {
    return [...this.#days]
      .filter(([day]) => (from === undefined || day >= from) && (to === undefined || day <= to))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, entry]) => ({ day, ...sumOf([entry]), servedPeers: peerList(entry.served), usedPeers: peerList(entry.used) }))
  }

  today(now: number): ContributionSum {
    const entry = this.#days.get(dayOf(now))
    return sumOf(entry ? [entry] : [])
  }

  get total(): ContributionSum {
    return sumOf([...this.#days.values()])
  }

  /** The first day in the book. */
  get since(): string | undefined {
    return [...this.#days.keys()].sort()[0]
  }

  #expire(now: number): void {
    const keep = this.#retentionDays()
    const at = this.#steady()
    if (Math.abs(now - at - this.#apart.by) > AGREE_MS) this.#apart = { by: now - at, at }
    if (keep > 0 && at - this.#apart.at < TRUST_MS) return
    const date = new Date(now)
    const first = dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() - keep + 1, 12).getTime())
    for (const day of this.#days.keys()) {
      if (keep <= 0 || day < first) {
        this.#days.delete(day)
        this.#dirty = true
      }
    }
  }

  /** Forgets everything, on the disk too. */
  async clear(now: number): Promise<void> {
    this.#days.clear()
    this.#dirty = true
    await this.save(now)
  }

  /** Writes the file when there is something new. Rejects when the disk refuses; tried again with the next save. */
  save(now: number): Promise<void> {
    this.#expire(now)
    this.#savedAt = now
    return this.#writes.run(async () => {
      if (!this.#dirty) return
      this.#dirty = false
      for (const day of this.#days.values()) {
        day.served = fold(day.served)
        day.used = fold(day.used)
      }
      try {
        await this.#file.save({ version: 1, days: Object.fromEntries([...this.#days].map(([name, day]) => [name, rounded(day)])) })
      } catch (error) {
        this.#dirty = true
        throw error
      }
    })
  }
}

function addPeers(into: StoredDay['served'], after: readonly PeerCounter[], before: readonly PeerCounter[]): void {
  const old = new Map(before.map(peer => [peer.fingerprint, peer]))
  for (const { fingerprint, read, written, streams } of after) {
    const last = old.get(fingerprint) ?? { read: 0, written: 0, streams: 0 }
    const grew = [read - last.read, written - last.written, streams - last.streams].map(n => Math.max(0, n)) as [number, number, number]
    if (grew.every(n => n === 0)) continue
    const entry = into[fingerprint] ?? [0, 0, 0]
    into[fingerprint] = [entry[0] + grew[0], entry[1] + grew[1], entry[2] + grew[2]]
  }
}

const weight = ([read, written]: readonly [number, number, number]) => read + written

/** At most {@link MAX_PEERS} relays and one entry for the rest. */
function fold(entries: StoredDay['served']): StoredDay['served'] {
  const named = Object.entries(entries).filter(([name]) => name !== '')
  if (named.length <= MAX_PEERS) return entries
  named.sort(([, a], [, b]) => weight(b) - weight(a))
  const rest = named.slice(MAX_PEERS).map(([, entry]) => entry)
  return { ...Object.fromEntries(named.slice(0, MAX_PEERS)), '': addAll([entries[''] ?? [0, 0, 0], ...rest]) }
}

function addAll(entries: readonly (readonly [number, number, number])[]): [number, number, number] {
  return entries.reduce<[number, number, number]>((sum, entry) => [sum[0] + entry[0], sum[1] + entry[1], sum[2] + entry[2]], [0, 0, 0])
}

const rounded = (day: StoredDay): StoredDay => ({ ...day, up: Math.round(day.up), cpu: day.cpu && Math.round(day.cpu) })

function peerList(entries: StoredDay['served']): ContributionPeer[] {
  return Object.entries(entries)
    .map(([fingerprint, [read, written, streams]]) => ({ fingerprint, read, written, streams }))
    .sort((a, b) => b.read + b.written - a.read - a.written)
}

function sumOf(days: readonly StoredDay[]): ContributionSum {
  const pair = (name: 'or' | 'dir') => ({
    read: days.reduce((sum, day) => sum + day[name][0], 0),
    written: days.reduce((sum, day) => sum + day[name][1], 0),
  })
  const triple = (entries: readonly (readonly [number, number, number])[]) => {
    const [read, written, streams] = addAll(entries)
    return { read, written, streams }
  }
  /** What earlier versions did not count is no nought. */
  const counted = (name: 'circuits' | 'cpu') => {
    const known = days.map(day => day[name]).filter(value => value !== undefined)
    return known.length === 0 && days.length > 0 ? undefined : known.reduce((sum, value) => sum + value, 0)
  }
  const cpu = counted('cpu')
  const or = pair('or')
  const dir = pair('dir')
  const served = triple(days.flatMap(day => Object.values(day.served)))
  const used = triple(days.flatMap(day => Object.values(day.used)))
  const tor = triple(days.map(day => day.tor))
  return {
    or,
    dir,
    served,
    used,
    tor,
    refused: days.reduce((sum, day) => sum + day.refused, 0),
    uptimeSeconds: Math.round(days.reduce((sum, day) => sum + day.up, 0)),
    circuits: counted('circuits'),
    cpuSeconds: cpu && Math.round(cpu),
    // What was relayed came in before it went out, and counts once.
    given: or.written + dir.written + served.read + served.written,
    taken: used.read + used.written + tor.read + tor.written,
  }
}

/** A book with nothing in it. */
export const EMPTY_SUM: ContributionSum = sumOf([])

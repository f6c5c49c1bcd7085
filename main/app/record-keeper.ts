import { join } from 'node:path'
import { z } from 'zod'
import { moment } from '../../shared/moment.ts'
import type { Problem } from '../../shared/problem.ts'
import {
  BREAK_CAUSES,
  type BreakCause,
  MAX_BREAKS,
  type Milestone,
  type RelayRecord,
  relayRecord,
  weightOfBreak,
} from '../../shared/relay-record.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'
import type { Clocks } from './pauses.ts'

/** A crash is dated to within this, ms. */
const SAVE_MS = 60_000
/** Looks come every second or so: after a gap of this length the computer slept. Shorter breaks are not worth a line, ms. */
const GAP_MS = 60_000
/** What was seen of the line's best is forgotten when it is so old, and replaced when something better comes by this factor. */
const BEST_LASTS_MS = 30 * 86_400_000
const BETTER = 1.02

const stored = z.object({
  version: z.literal(1).default(1),
  /** Whose past it is. */
  fingerprint: z.string().optional(),
  /** Where the last run was: another address or ORPort ends the run. */
  address: z.string().optional(),
  port: z.number().optional(),
  /** When it was last seen to run. */
  alive: moment.optional(),
  /** It stands still since then. */
  down: z.object({ from: moment, cause: z.enum(BREAK_CAUSES) }).optional(),
  record: relayRecord.default({ milestones: {}, breaks: [] }),
})
type Stored = z.infer<typeof stored>

/** What is so now. */
export interface RecordFacts {
  /** It runs and has a way out; otherwise why not. */
  readonly up: true | BreakCause
  readonly fingerprint: string | undefined
  readonly address: string | undefined
  /** The ORPort at which others have reached it; undefined: nobody has yet, or it does not matter. */
  readonly port: number | undefined
  readonly reached: readonly Milestone[]
  /** In the newest list as running; undefined: nobody can know. */
  readonly listed: boolean | undefined
  /** The best ten seconds of the last day, bytes a second. */
  readonly observed: number
}

const EMPTY: RelayRecord = { milestones: {}, breaks: [] }

/**
 * Keeps the relay's own past in `record.json` of the data folder: milestones with their times, the run and what broke it. What it says is what this
 * computer knows; the authorities measure for themselves. Nothing about anybody else is in it.
 */
export class RecordKeeper {
  readonly problem: Problem | undefined
  readonly #file: JsonFile<Stored> | undefined
  #value: Stored
  #last: Clocks | undefined
  #dirty = false
  #savedAt = Number.NEGATIVE_INFINITY
  readonly #writes = new Sequence()

  private constructor(file: JsonFile<Stored> | undefined, value: Stored, problem: Problem | undefined) {
    this.#file = file
    this.#value = value
    this.problem = problem
    // Whoever saw it run last did not see it end.
    if (value.alive !== undefined && !value.down) this.#value = { ...value, down: { from: value.alive, cause: 'cut-off' } }
  }

  /** Without a folder nothing outlives the program. */
  static async load(folder: string | undefined, now: number): Promise<RecordKeeper> {
    if (folder === undefined) return new RecordKeeper(undefined, stored.parse({}), undefined)
    const file = new JsonFile(join(folder, 'record.json'), stored)
    const { value, problem } = await file.load(now)
    return new RecordKeeper(file, value, problem)
  }

  /** As the contract shows it: a break that goes on is the last of the breaks. */
  section(now: number): RelayRecord {
    const { record, down } = this.#value
    if (!down || record.since === undefined || now - down.from < GAP_MS) return record
    const breaks = [...record.breaks, down].slice(-MAX_BREAKS)
    return { ...record, breaks, since: weightOfBreak(down, now) === 'ends' ? undefined : record.since }
  }

  /** Takes what is so now; to be called every second or so. */
  look(facts: RecordFacts, now: Clocks): void {
    const before = this.#value
    if (facts.fingerprint !== undefined && before.fingerprint !== facts.fingerprint) {
      const mine = before.fingerprint === undefined
      this.#value = mine ? { ...before, fingerprint: facts.fingerprint } : { version: 1, fingerprint: facts.fingerprint, record: EMPTY }
    }
    if (facts.up === true) {
      this.#up(now)
      this.#at('address', facts.address, now.wall)
      this.#at('port', facts.port, now.wall)
    } else this.#down(facts.up, now)
    this.#last = now
    this.#reach(facts, now.wall)
    if (this.#value !== before) this.#dirty = true
    if (this.#dirty && Math.abs(now.wall - this.#savedAt) >= SAVE_MS) void this.save(now.wall).catch(() => {})
  }

  #up({ wall, steady }: Clocks): void {
    const { down, alive, record } = this.#value
    // By the steady clock, which also counts sleep, since the other one may have been set meanwhile.
    const gap = this.#last && alive !== undefined && !down ? steady - this.#last.steady : 0
    if (down) this.#broken({ ...down, until: Math.max(down.from, wall) })
    else if (gap >= GAP_MS) this.#broken({ from: wall - gap, until: wall, cause: 'sleep' })
    else if (record.since === undefined) this.#set({ since: wall })
    if (down || alive === undefined || Math.abs(wall - alive) >= SAVE_MS) this.#value = { ...this.#value, alive: wall, down: undefined }
  }

  #down(cause: BreakCause, { wall, steady }: Clocks): void {
    const { down, alive } = this.#value
    // What never ran cannot be interrupted.
    if (alive === undefined) return
    // A restart that does not come about has another cause.
    if (down) {
      if (down.cause === 'restart' && cause !== 'restart') this.#value = { ...this.#value, down: { ...down, cause } }
      return
    }
    const gap = this.#last ? steady - this.#last.steady : 0
    this.#value = { ...this.#value, down: { from: gap >= GAP_MS ? wall - gap : wall, cause } }
  }

  /** Authorities count both as another relay's beginning (C tor rep_hist_note_router_reachable). */
  #at(what: 'address' | 'port', value: string | number | undefined, now: number): void {
    const before = this.#value[what]
    if (value === undefined || value === before) return
    this.#value = { ...this.#value, [what]: value }
    if (before !== undefined) this.#broken({ from: now, until: now, cause: what })
  }

  #broken(broken: { from: number; until: number; cause: BreakCause }): void {
    const ends = weightOfBreak(broken, broken.until) === 'ends'
    if (broken.until - broken.from < GAP_MS && !ends) return
    const { breaks } = this.#value.record
    this.#set({ breaks: [...breaks, broken].slice(-MAX_BREAKS), ...(ends ? { since: broken.until } : {}) })
  }

  #reach({ reached, listed, observed }: RecordFacts, now: number): void {
    const { milestones, listedSince, best } = this.#value.record
    const fresh = reached.filter(name => milestones[name] === undefined)
    if (fresh.length > 0) this.#set({ milestones: { ...milestones, ...Object.fromEntries(fresh.map(name => [name, now])) } })
    if (listed === true && listedSince === undefined) this.#set({ listedSince: now })
    if (listed === false && listedSince !== undefined) this.#set({ listedSince: undefined })
    if (observed > 0 && (!best || observed > best.rate * BETTER || now - best.at > BEST_LASTS_MS))
      this.#set({ best: { rate: observed, at: now } })
  }

  #set(part: Partial<RelayRecord>): void {
    this.#value = { ...this.#value, record: { ...this.#value.record, ...part } }
  }

  /** Writes the file when there is something new. Rejects when the disk refuses; tried again with the next save. */
  save(now: number): Promise<void> {
    this.#savedAt = now
    return this.#writes.run(async () => {
      if (!this.#dirty || !this.#file) return
      this.#dirty = false
      try {
        await this.#file.save(this.#value)
      } catch (error) {
        this.#dirty = true
        throw error
      }
    })
  }
}

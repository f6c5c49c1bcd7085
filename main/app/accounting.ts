import { join } from 'node:path'
import { z } from 'zod'
import { moment } from '../../shared/moment.ts'
import type { Problem } from '../../shared/problem.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'

/** A crash forgets at most what was carried in this time, ms. */
const SAVE_MS = 30_000
/** The relay rests when less is left than its full rate carries in this time, seconds: a cap is a promise, so it is not overrun. */
const MARGIN_SECONDS = 10
/** … but never more than this part of the cap. */
const MARGIN_SHARE = 0.01

/** No relay carries more in a month. */
const MOST_BYTES = 1e18

const month = z.object({ since: moment, bytes: z.number().min(0).max(MOST_BYTES) })
const stored = z.object({ version: z.literal(1).default(1), current: month.optional(), others: z.array(month).max(3).default([]) })
type Month = z.infer<typeof month>

/** The month of accounting that a moment lies in: from the start day of a calendar month to that of the next, at midnight of this computer. */
export function monthOf(now: number, startDay: number): { since: number; resetsAt: number } {
  const date = new Date(now)
  const first = (ahead: number) => new Date(date.getFullYear(), date.getMonth() + ahead, startDay).getTime()
  return first(0) <= now ? { since: first(0), resetsAt: first(1) } : { since: first(-1), resetsAt: first(0) }
}

/** Bytes short of the cap at which the relay already rests. */
export function capMargin(cap: number, rate: number): number {
  return Math.min(cap * MARGIN_SHARE, 2 * rate * MARGIN_SECONDS)
}

/**
 * Counts what the relay carried in a month, both directions together, as C tor's AccountingMax does; in `accounting.json` of the data
 * folder. The clock may be set at will: other months are kept for a while, so whoever goes forth and back finds the same count again, and a
 * start day that is changed takes the count along.
 */
export class Accounting {
  readonly problem: Problem | undefined
  readonly #file: JsonFile<z.infer<typeof stored>>
  #current: Month
  #others: Month[]
  #last = 0
  #dirty = false
  #savedAt: number
  readonly #writes = new Sequence()
  #startDay: number

  private constructor(
    file: JsonFile<z.infer<typeof stored>>,
    value: z.infer<typeof stored>,
    options: { now: number; startDay: number; problem: Problem | undefined },
  ) {
    this.#file = file
    this.#startDay = options.startDay
    this.#current = value.current ?? { since: monthOf(options.now, options.startDay).since, bytes: 0 }
    this.#others = value.others
    this.#savedAt = options.now
    this.problem = options.problem
    this.#turn(options.now)
  }

  static async load(folder: string, options: { now: number; startDay: number }): Promise<Accounting> {
    const file = new JsonFile(join(folder, 'accounting.json'), stored)
    const { value, problem } = await file.load(options.now)
    return new Accounting(file, value, { ...options, problem })
  }

  /** A relay run begins; its totals start at nothing. */
  begin(): void {
    this.#last = 0
  }

  /** `total`: bytes of the present run, both directions; it only grows. */
  count(total: number, now: number): void {
    this.#turn(now)
    const grown = Math.max(0, total - this.#last)
    this.#last = total
    if (grown === 0) return
    this.#current.bytes += grown
    this.#dirty = true
    if (Math.abs(now - this.#savedAt) >= SAVE_MS) void this.save(now).catch(() => {})
  }

  /** Another start day: what was counted so far belongs to the month that the day makes of now. */
  setStartDay(startDay: number, now: number): void {
    if (startDay === this.#startDay) return
    this.#startDay = startDay
    this.#current = { since: monthOf(now, startDay).since, bytes: this.#current.bytes }
    this.#others = []
    this.#dirty = true
  }

  volume(now: number): { used: number; since: number; resetsAt: number } {
    this.#turn(now)
    const { since, resetsAt } = monthOf(now, this.#startDay)
    return { used: this.#current.bytes, since, resetsAt }
  }

  /** The month of now becomes the current one. */
  #turn(now: number): void {
    const { since } = monthOf(now, this.#startDay)
    // Another time zone has the same month begin at another moment.
    const same = (other: Month) => Math.abs(other.since - since) < 2 * 86_400_000
    if (same(this.#current)) return
    const back = this.#others.find(same)
    this.#others = [this.#current, ...this.#others.filter(other => other !== back)].slice(0, 3)
    this.#current = back ?? { since, bytes: 0 }
    this.#dirty = true
  }

  /** Writes the file when there is something new. Rejects when the disk refuses; tried again with the next save. */
  save(now: number): Promise<void> {
    this.#savedAt = now
    return this.#writes.run(async () => {
      if (!this.#dirty) return
      this.#dirty = false
      try {
        await this.#file.save({ version: 1, current: { ...this.#current }, others: this.#others })
      } catch (error) {
        this.#dirty = true
        throw error
      }
    })
  }
}

import type { PlanSpan } from './background.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MINUTES = 1440
/** A plan that changes at all changes within a week; a day more for clocks that are put forward or back. */
const LOOK_AHEAD_DAYS = 8

/** What a plan says of a moment: rest (0), a rate in bytes per second, or nothing. */
export type Planned = number | undefined

/** How many minutes a span lasts on a day without a change of the clocks. */
export const spanMinutes = ({ from, to }: PlanSpan): number => (to > from ? to - from : to + DAY_MINUTES - from)

/** Whether a day of the week and a minute of that day lie in the span. */
function covers(span: PlanSpan, day: number, minute: number): boolean {
  const length = spanMinutes(span)
  if (span.days.includes(day) && minute >= span.from && minute < span.from + length) return true
  const yesterday = (day + 6) % 7
  return span.days.includes(yesterday) && minute + DAY_MINUTES < span.from + length
}

/** What the plan says of a day of the week and a minute of that day; rest wins, then the lowest rate. */
function plannedOn(plan: readonly PlanSpan[], day: number, minute: number): Planned {
  const rates = plan.filter(span => covers(span, day, minute)).map(({ rate }) => rate)
  return rates.length === 0 ? undefined : Math.min(...rates)
}

/** What the plan says now, by the clock on the wall: an hour that the clocks skip is never, one that they repeat is twice. */
export function plannedAt(plan: readonly PlanSpan[], now: number): Planned {
  if (plan.length === 0) return undefined
  const date = new Date(now)
  return plannedOn(plan, date.getDay(), date.getHours() * 60 + date.getMinutes())
}

/** The next moment at which the plan says something else than now; undefined when it never does. */
export function nextPlanChange(plan: readonly PlanSpan[], now: number): number | undefined {
  if (plan.length === 0) return undefined
  const present = plannedAt(plan, now)
  for (const at of turns(plan, now)) if (at > now && plannedAt(plan, at) !== present) return at
  return undefined
}

/** Every moment in the coming days at which something may change, in order: beginnings, ends, and changes of the clocks. */
function turns(plan: readonly PlanSpan[], now: number): number[] {
  const today = new Date(now)
  const found = clockChanges(now, now + LOOK_AHEAD_DAYS * 24 * HOUR_MS)
  for (let ahead = -1; ahead <= LOOK_AHEAD_DAYS; ahead++)
    for (const { from, to } of plan)
      for (const minute of [from, to % DAY_MINUTES]) {
        // A time that the clocks skip becomes the one just after.
        const at = new Date(today.getFullYear(), today.getMonth(), today.getDate() + ahead, 0, minute).getTime()
        // A time that the clocks repeat comes twice.
        found.push(at, at + HOUR_MS, at + HOUR_MS / 2)
      }
  return found.sort((a, b) => a - b)
}

/** The moments at which this time zone changes its offset, to the minute. */
function clockChanges(from: number, to: number): number[] {
  const offset = (at: number) => new Date(at).getTimezoneOffset()
  const found: number[] = []
  for (let at = from; at < to; at += HOUR_MS) {
    if (offset(at) === offset(at + HOUR_MS)) continue
    let [low, high] = [at, at + HOUR_MS]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offset(middle) === offset(at)) low = middle
      else high = middle
    }
    found.push(high)
  }
  return found
}

/** When the relay rests in a week that begins on Sunday at midnight: from … to, in minutes of the week, in order, without overlaps. */
export function weeklyRests(plan: readonly PlanSpan[]): { from: number; to: number }[] {
  const rests: { from: number; to: number }[] = []
  for (let at = 0; at < 7 * DAY_MINUTES; at++) {
    if (plannedOn(plan, Math.floor(at / DAY_MINUTES), at % DAY_MINUTES) !== 0) continue
    const last = rests.at(-1)
    if (last?.to === at) last.to = at + 1
    else rests.push({ from: at, to: at + 1 })
  }
  return rests
}

/** A part of a day in which the plan says one thing, minutes since midnight. */
export interface DayPart {
  readonly from: number
  readonly to: number
  readonly rate: number
}

/** What the plan says of one day of the week, in order; times without a word are left out. */
export function dayParts(plan: readonly PlanSpan[], day: number): DayPart[] {
  const parts: { from: number; to: number; rate: number }[] = []
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    const rate = plannedOn(plan, day, minute)
    if (rate === undefined) continue
    const last = parts.at(-1)
    if (last?.to === minute && last.rate === rate) last.to = minute + 1
    else parts.push({ from: minute, to: minute + 1, rate })
  }
  return parts
}

const MORNING_HOUR = 6

/** The next six in the morning that is not just about to come. */
export function nextMorning(now: number): number {
  const date = new Date(now)
  for (let ahead = 0; ; ahead++) {
    const at = new Date(date.getFullYear(), date.getMonth(), date.getDate() + ahead, MORNING_HOUR).getTime()
    if (at - now >= HOUR_MS) return at
  }
}

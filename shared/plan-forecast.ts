import type { PlanSpan } from './background.ts'
import type { Habit } from './settings.ts'
import { type Ceiling, ceilingOfInterruptions, DAY_SECONDS, type Interruption, interruptionsOf } from './stable-forecast.ts'
import { weeklyRests } from './week-plan.ts'

/** What the owner plans, as far as it ends runs of the relay. Bytes; rates in bytes per second. */
export interface Plans {
  readonly habit: Habit
  readonly plan: readonly PlanSpan[]
  /** Both directions together, a month; 0: no cap. */
  readonly monthlyCap: number
  /** What the relay carries on average, both directions together. */
  readonly carries: number
}

const WEEK_SECONDS = 7 * DAY_SECONDS
/** A month of accounting, for reckoning. */
export const MONTH_SECONDS = 30 * DAY_SECONDS
/** As far as forecasts look. */
const YEAR_SECONDS = 365 * DAY_SECONDS

/** After how many seconds of a month the cap is reached at an average; undefined: not in a month. */
export function capReachedAfter(monthlyCap: number, carries: number): number | undefined {
  if (monthlyCap === 0 || carries <= 0) return undefined
  const seconds = monthlyCap / carries
  return seconds < MONTH_SECONDS ? seconds : undefined
}

interface Down {
  readonly at: number
  readonly seconds: number
}

/** When the relay is down for the plan's and the cap's sake, in the coming year. The year begins on a Monday at midnight and on the first of a month. */
function* restsOf({ plan, monthlyCap, carries }: Plans): Generator<Down> {
  const rests = weeklyRests(plan)
  // Weeks of the plan begin on Sunday.
  for (let week = -DAY_SECONDS; week < YEAR_SECONDS; week += WEEK_SECONDS)
    for (const { from, to } of rests) yield { at: week + from * 60, seconds: (to - from) * 60 }
  const full = capReachedAfter(monthlyCap, carries)
  if (full === undefined) return
  for (let month = 0; month < YEAR_SECONDS; month += MONTH_SECONDS) yield { at: month + full, seconds: MONTH_SECONDS - full }
}

/** The interruptions of everything that is planned, in order of time; what overlaps or touches is one. */
export function interruptionsOfPlans(plans: Plans): Interruption[] {
  const downs: Down[] = [...restsOf(plans)]
  const addresses: Interruption[] = []
  for (const event of interruptionsOf(plans.habit)) {
    if (event.at > YEAR_SECONDS) break
    if (event.kind === 'down') downs.push(event)
    else addresses.push(event)
  }
  const merged: { at: number; seconds: number }[] = []
  for (const { at, seconds } of downs.sort((a, b) => a.at - b.at)) {
    const last = merged.at(-1)
    if (last && at <= last.at + last.seconds) last.seconds = Math.max(last.seconds, at + seconds - last.at)
    else merged.push({ at: Math.max(0, at), seconds: at < 0 ? seconds + at : seconds })
  }
  const all: Interruption[] = [
    ...merged.filter(({ seconds }) => seconds > 0).map(down => ({ kind: 'down', ...down }) as const),
    ...addresses,
  ]
  return all.sort((a, b) => a.at - b.at)
}

/** Where the measure of the authorities ends up when everything goes as planned. */
export const ceilingOfPlans = (plans: Plans): Ceiling => ceilingOfInterruptions(interruptionsOfPlans(plans))

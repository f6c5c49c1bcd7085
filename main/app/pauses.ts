import type { PauseCause, PauseReason, PlanSpan, Share, Standing } from '../../shared/background.ts'
import { nextMorning, nextPlanChange, plannedAt } from '../../shared/week-plan.ts'

/** The two clocks of a moment, ms: the one on the wall, which people and networks set, and one that only goes on. */
export interface Clocks {
  readonly wall: number
  readonly steady: number
}

/** The clocks differ by less than this when nobody has set one of them. */
const AGREE_MS = 10_000

/** A pause that a person asked for. `steadyFrom` is undefined for one that an earlier run of the program began. */
export type AskedPause =
  | { readonly kind: 'until'; readonly from: number; readonly until: number; readonly steadyFrom?: number | undefined }
  | { readonly kind: 'restart' }

/** Everything that decides whether the relay may run. Times in ms, rates in bytes per second. */
export interface PauseFacts {
  readonly asked: AskedPause | undefined
  readonly asleep: boolean
  /** What a person said should not hold the relay back, until it ends by itself. */
  readonly passedOver: ReadonlySet<PauseReason>
  /** The limit of the settings, and how much of it a person lets the relay have for now. */
  readonly rate: number
  readonly share: Share
  readonly plan: readonly PlanSpan[]
  readonly pauseOnBattery: boolean
  readonly power: 'battery' | 'plugged' | 'unknown'
  readonly pauseOnMetered: boolean
  readonly metered: boolean
  /** The monthly cap is reached; when the next month begins. */
  readonly capReached: boolean
  readonly capResetsAt: number
}

/** What holds the relay back, whatever a person wants to pass over. */
export function causesOf(facts: PauseFacts, now: Clocks): PauseCause[] {
  const causes: PauseCause[] = []
  const { asked } = facts
  if (asked && !isOver(asked, now)) causes.push({ reason: 'person', until: asked.kind === 'until' ? endOf(asked, now) : undefined })
  if (facts.asleep) causes.push({ reason: 'sleep', until: undefined })
  if (facts.capReached) causes.push({ reason: 'cap', until: facts.capResetsAt })
  if (facts.pauseOnMetered && facts.metered) causes.push({ reason: 'metered', until: undefined })
  if (facts.pauseOnBattery && facts.power === 'battery') causes.push({ reason: 'battery', until: undefined })
  if (plannedAt(facts.plan, now.wall) === 0) causes.push({ reason: 'plan', until: nextPlanChange(facts.plan, now.wall) })
  return causes
}

/** The cap is the owner's last word, and sleep is not a matter of wishes; everything else a person can pass over. */
export const CAN_PASS_OVER: ReadonlySet<PauseReason> = new Set(['metered', 'battery', 'plan'])

/** Whether the relay may run now, how fast, and when that changes by itself. Pure. */
export function standingOf(facts: PauseFacts, now: Clocks): Standing {
  const causes = causesOf(facts, now).filter(({ reason }) => !facts.passedOver.has(reason))
  if (causes.length > 0) {
    const ends = causes.map(({ until }) => until)
    const until = ends.includes(undefined) ? undefined : Math.max(...(ends as number[]))
    return { state: 'paused', causes, until }
  }
  const planned = plannedAt(facts.plan, now.wall) || Number.POSITIVE_INFINITY
  const wished = facts.share === 1 ? Number.POSITIVE_INFINITY : Math.round(facts.rate * facts.share)
  const change = nextPlanChange(facts.plan, now.wall)
  const rate = Math.min(planned, wished)
  if (rate >= facts.rate) return { state: 'running', until: change }
  // What a person asked for has no end of its own, as long as it is the narrower of the two.
  return wished <= planned
    ? { state: 'limited', rate, by: 'person', until: undefined }
    : { state: 'limited', rate, by: 'plan', until: change }
}

/**
 * Over when either clock says so: on the wall, since people mean that one; and after its length on the steady clock, so that a clock set back
 * does not make half an hour a day. A clock set forward ends it early, which costs nothing.
 */
export function isOver(asked: AskedPause, now: Clocks): boolean {
  if (asked.kind === 'restart') return false
  return now.wall >= asked.until || (asked.steadyFrom !== undefined && now.steady - asked.steadyFrom >= asked.until - asked.from)
}

/** When it will be over on the wall's clock as that stands now; to the second, since the two clocks never agree to the millisecond. */
function endOf(asked: AskedPause & { kind: 'until' }, now: Clocks): number {
  if (asked.steadyFrom === undefined) return asked.until
  const reckoned = now.wall + (asked.until - asked.from) - (now.steady - asked.steadyFrom)
  return asked.until - reckoned < AGREE_MS ? asked.until : Math.round(reckoned / 1000) * 1000
}

/** A pause from an earlier run goes on with what is left of it, never with more than it had: the clock may have been set back meanwhile. */
export function resumedPause(asked: AskedPause | undefined, now: Clocks): AskedPause | undefined {
  if (asked?.kind !== 'until') return undefined
  const until = Math.min(asked.until, now.wall + (asked.until - asked.from))
  return until > now.wall ? { kind: 'until', from: now.wall, until, steadyFrom: now.steady } : undefined
}

const HALF_HOUR_MS = 30 * 60_000

/** What a person asks for, from now. "Tomorrow" is the next six in the morning that is not just about to come. */
export function askedPause(span: 'half-hour' | 'tomorrow' | 'restart', now: Clocks): AskedPause {
  if (span === 'restart') return { kind: 'restart' }
  const until = span === 'half-hour' ? now.wall + HALF_HOUR_MS : nextMorning(now.wall)
  return { kind: 'until', from: now.wall, until, steadyFrom: now.steady }
}

import type { Habit } from './settings.ts'

/*
 * What C tor's directory authorities would measure of a relay (rephist.c), foretold for a way of running it. Estimates from published
 * rules; the authorities decide. All durations are in seconds, all times in seconds since the start of the forecast.
 */

const MINUTE = 60
const HOUR = 60 * MINUTE
export const DAY_SECONDS = 24 * HOUR

/** STABILITY_ALPHA and STABILITY_INTERVAL: what is past counts 0.95 as much after every twelve hours. */
const ALPHA = 0.95
const DISCOUNT_SECONDS = 12 * HOUR
/** STABILITY_EPSILON: less weight than this is no measurement. */
const LEAST_WEIGHT = 0.0001
/** REACHABLE_TIMEOUT: without a successful test for so long a relay is called down. */
const CALLED_DOWN_SECONDS = 45 * MINUTE
/** A changed address counts as (fresh + live interval) / 2 of downtime: with lists fresh for one hour and valid for three, two hours. */
export const ADDRESS_CHANGE_SECONDS = 2 * HOUR
/** "… or its Weighted MTBF corresponds to at least 7 days" (dir-spec, Stable). */
export const GUARANTEED_MTBF_SECONDS = 7 * DAY_SECONDS
/** The same in C tor's defaults (AuthDirVoteStableGuaranteeMTBF). Authorities choose their own. */
const LEAST_GUARANTEED_MTBF_SECONDS = 5 * DAY_SECONDS
/** Habits are followed for so long; what has not come by then is called never. */
const HORIZON_SECONDS = 365 * DAY_SECONDS

/** What an authority keeps of a relay, C tor's `or_history_t` as far as MTBF needs it. */
export interface RunHistory {
  /** Lengths of the runs that have ended, discounted by their age. */
  weightedRun: number
  /** Their weights: one each, discounted alike. */
  weights: number
  /** When the run that goes on began (negative: before the forecast); undefined while the relay is down. */
  runSince: number | undefined
}

/** Something that ends a run: the relay is away for `seconds`, or comes back at once with another address. */
export type Interruption =
  | { readonly kind: 'down'; readonly at: number; readonly seconds: number }
  | { readonly kind: 'address'; readonly at: number }

/** The weighted mean time between failures at a time: (Σ past runs · weight + the run that goes on) / (Σ weights + 1). */
export function mtbfOf(history: RunHistory, at: number): number {
  const running = history.runSince === undefined ? 0 : 1
  const weights = history.weights + running
  return weights < LEAST_WEIGHT ? 0 : (history.weightedRun + (running ? at - history.runSince! : 0)) / weights
}

function endRun(history: RunHistory, at: number): void {
  if (history.runSince === undefined) return
  const length = at - history.runSince
  history.weights += 1
  history.weightedRun = Math.max(0, history.weightedRun + length)
  history.runSince = undefined
}

/** One moment of a forecast, given when a whole hour is full. */
export interface Moment {
  readonly at: number
  readonly mtbf: number
}

/**
 * Follows a relay hour by hour from a history (by default: just begun, nothing known) through interruptions given in order of time.
 * What happens counts from its exact time; the discounts fall on every twelfth hour. Ends after `seconds`.
 */
export function* follow(
  interruptions: Iterable<Interruption>,
  seconds: number,
  start: RunHistory = { weightedRun: 0, weights: 0, runSince: 0 },
): Generator<Moment> {
  const history = { ...start }
  const coming = interruptions[Symbol.iterator]()
  let next = coming.next()
  let backAt: number | undefined
  for (let at = 0; at <= seconds; at += HOUR) {
    for (;;) {
      if (backAt !== undefined && backAt <= at) {
        history.runSince = backAt
        backAt = undefined
      } else if (backAt === undefined && !next.done && next.value.at <= at) {
        const event = next.value
        next = coming.next()
        if (event.kind === 'address') {
          // The authority notices at `at` and dates the end of the run back; the next one begins at once (rep_hist_note_router_reachable).
          endRun(history, event.at - ADDRESS_CHANGE_SECONDS)
          history.runSince = event.at
        } else if (event.seconds >= CALLED_DOWN_SECONDS) {
          endRun(history, event.at)
          backAt = event.at + event.seconds
        }
      } else break
    }
    if (at > 0 && at % DISCOUNT_SECONDS === 0) {
      history.weightedRun *= ALPHA
      history.weights *= ALPHA
    }
    yield { at, mtbf: mtbfOf(history, at) }
  }
}

/** When the measure first reaches a threshold, not before `since`; undefined when it does not. */
export function firstReached(moments: Iterable<Moment>, threshold: number, since = 0): number | undefined {
  for (const { at, mtbf } of moments) if (at >= since && mtbf >= threshold) return at
  return undefined
}

/** How often a habit interrupts, for how long, and at which time of its period (always its end). */
const RHYTHMS: Record<Habit, { readonly every: number; readonly down: number | 'address' } | undefined> = {
  always: undefined,
  'short-restarts': { every: 7 * DAY_SECONDS, down: 10 * MINUTE },
  'weekly-break': { every: 7 * DAY_SECONDS, down: 2 * HOUR },
  'nightly-sleep': { every: DAY_SECONDS, down: 8 * HOUR },
  evenings: { every: DAY_SECONDS, down: 18 * HOUR },
  'daily-address': { every: DAY_SECONDS, down: 'address' },
}

/** The interruptions of a rhythm, without end. */
export function* rhythm(every: number, down: number | 'address'): Generator<Interruption> {
  for (let end = every; ; end += every) {
    if (down === 'address') yield { kind: 'address', at: end }
    else yield { kind: 'down', at: end - down, seconds: down }
  }
}

/** The interruptions of a habit. */
export function interruptionsOf(habit: Habit): Iterable<Interruption> {
  const beat = RHYTHMS[habit]
  return beat ? rhythm(beat.every, beat.down) : []
}

/** Where the measure levels off, or that it grows on. */
export type Ceiling = { readonly kind: 'grows' } | { readonly kind: 'levels'; readonly mtbf: number }

/** What interruptions come to when they go on like this: independent of any past, which fades. */
export function ceilingOfInterruptions(interruptions: Iterable<Interruption>): Ceiling {
  let half = 0
  let most = 0
  for (const { at, mtbf } of follow(interruptions, HORIZON_SECONDS)) {
    if (at <= HORIZON_SECONDS / 2) half = Math.max(half, mtbf)
    most = Math.max(most, mtbf)
  }
  return most > half * 1.01 ? { kind: 'grows' } : { kind: 'levels', mtbf: most }
}

/** What a habit can come to when it is kept. */
export const ceilingOf = (habit: Habit): Ceiling => ceilingOfInterruptions(interruptionsOf(habit))

/** What a way of running means for being called Stable, by the published rule alone, before any authority has measured. */
export type HabitVerdict = 'possible' | 'doubtful' | 'never'
export function verdictOfCeiling(ceiling: Ceiling): HabitVerdict {
  if (ceiling.kind === 'grows') return 'possible'
  return ceiling.mtbf < LEAST_GUARANTEED_MTBF_SECONDS ? 'never' : 'doubtful'
}
export const verdictOf = (habit: Habit): HabitVerdict => verdictOfCeiling(ceilingOf(habit))

/** Thresholds are medians of other relays and move: the later end of a range asks for a tenth more. */
const MOVING = 11 / 10

/** What a vote says of us, as the forecast needs it. Seconds; `wfu` is a fraction 0–1. */
export interface VoteFacts {
  readonly authority: string
  readonly listed: boolean
  readonly running: boolean
  readonly stable: boolean
  readonly mtbf?: number | undefined
  readonly wfu?: number | undefined
  readonly timeKnown?: number | undefined
  readonly stableMtbf?: number | undefined
}

/**
 * The history behind a vote's numbers. An authority discounts uptime and runs alike, so wfu × time known is the sum of all runs with the
 * present one, and that over MTBF the sum of their weights. How long the present run is, only we know; a single run is all of it.
 */
export function historyOf(vote: VoteFacts, presentRun: number): RunHistory | undefined {
  const { mtbf, wfu, timeKnown } = vote
  if (mtbf === undefined || wfu === undefined || timeKnown === undefined || !(mtbf > 0)) return undefined
  const sum = wfu * timeKnown
  const weights = sum / mtbf
  if (!vote.running) return { weightedRun: sum, weights, runSince: undefined }
  const past = Math.max(0, weights - 1)
  const run = past < 0.05 ? sum : Math.min(sum, presentRun)
  return { weightedRun: sum - run, weights: past, runSince: -run }
}

/** Seconds from now; `never`: not within a year of the habit. */
export type Reach = number | 'never'

export interface AuthorityForecast {
  readonly authority: string
  /** Its own threshold, the median of the relays it knows. */
  readonly wants: number
  /** When the habit reaches what dir-spec guarantees or the threshold, whichever is less; and when the threshold and a tenth more. */
  readonly earliest: Reach
  readonly latest: Reach
}

export type StableForecast =
  /** Too few authorities have told their numbers. */
  | { readonly kind: 'unknown' }
  /** Some authority votes otherwise than the published rule says, so nothing can be told from the rule. */
  | { readonly kind: 'contradicted'; readonly authority: string }
  | {
      readonly kind: 'estimate'
      readonly authorities: readonly AuthorityForecast[]
      /** When as many authorities as are needed are reached, by either reading of the rule. */
      readonly earliest: Reach
      readonly latest: Reach
    }

/** Whether a vote says of us what the published rule gives from its own numbers: only clear cases count, for an hour's rounding. */
function contradicts(vote: VoteFacts): boolean {
  if (!vote.listed || !vote.running || vote.mtbf === undefined || vote.stableMtbf === undefined) return false
  if (!vote.stable) return vote.mtbf > vote.stableMtbf + HOUR
  return vote.mtbf + HOUR < Math.min(vote.stableMtbf, LEAST_GUARANTEED_MTBF_SECONDS)
}

/** Whether an authority shows by its vote that it does not give Stable for seven days alone. */
function refusesGuarantee({ listed, running, stable, mtbf }: VoteFacts): boolean {
  return listed && running && !stable && mtbf !== undefined && mtbf > GUARANTEED_MTBF_SECONDS + HOUR
}

const reachOf = (at: number | undefined): Reach => at ?? 'never'
const order = (reach: Reach): number => (reach === 'never' ? Number.POSITIVE_INFINITY : reach)

/**
 * What the published rule gives at each authority when a habit is kept from now on: `presentRun` is our own uninterrupted run in seconds,
 * `needed` how many authorities must agree. Never a date: a range between the two readings of the rule, with thresholds about as they are now.
 */
export function forecastStable(votes: readonly VoteFacts[], needed: number, presentRun: number, habit: Habit): StableForecast {
  const wrong = votes.find(contradicts)
  if (wrong) return { kind: 'contradicted', authority: wrong.authority }
  const authorities = votes.flatMap(vote => {
    const history = vote.listed ? historyOf(vote, presentRun) : undefined
    const wants = vote.stableMtbf
    if (!history || wants === undefined) return []
    const least = refusesGuarantee(vote) ? wants : Math.min(wants, GUARANTEED_MTBF_SECONDS)
    const moments = [...follow(interruptionsOf(habit), HORIZON_SECONDS, history)]
    return [
      {
        authority: vote.authority,
        wants,
        earliest: vote.stable ? 0 : reachOf(firstReached(moments, least)),
        latest: vote.stable ? 0 : reachOf(firstReached(moments, Math.round(wants * MOVING))),
      },
    ]
  })
  if (needed < 1 || authorities.length < needed) return { kind: 'unknown' }
  const nth = (of: 'earliest' | 'latest') => authorities.map(each => each[of]).sort((a, b) => order(a) - order(b))[needed - 1]!
  return { kind: 'estimate', authorities, earliest: nth('earliest'), latest: nth('latest') }
}

import type { PauseCause } from '../../shared/background.ts'
import type { Problem } from '../../shared/problem.ts'
import type { AppState, Journey } from '../../shared/state.ts'

export type Lock = AppState['perspective']['locks'][number]

/** What the journey depends on, as known now. Times in ms. */
export interface JourneyFacts {
  readonly consented: boolean
  /** The relay should run (not stopped by its owner). */
  readonly wanted: boolean
  /** Its ports are open here. */
  readonly listening: boolean
  readonly directoryLive: boolean
  /** The ORPort was reached from outside. */
  readonly orProved: boolean
  /** A descriptor is with at least one authority. */
  readonly publishedAt: number | undefined
  readonly publishing: boolean
  /** In the newest consensus, Running. */
  readonly running: boolean
  readonly stable: boolean
  /** Since when no list said that it is not Running, if that is known from before. */
  readonly listedSince: number | undefined
  readonly locks: readonly Lock[]
  /** It rests for a while. */
  readonly paused?: { readonly causes: PauseCause[]; readonly until?: number | undefined } | undefined
  /** What stopped the start. */
  readonly blocked: Problem | undefined
  /** What only the owner can remove, and no step forward is possible with. */
  readonly hindrance: Problem | undefined
}

/** Locks that are the owner's own choice, not something to wait for. */
const CHOSEN: ReadonlySet<Lock> = new Set(['no-consent', 'pa-off'])

/**
 * The journey's next state (features.md 4): one tag a screen, holding just what that screen shows. Pure; `previous` gives the times at which
 * a step began.
 */
export function nextJourney(previous: Journey, facts: JourneyFacts, now: number): Journey {
  if (facts.paused && facts.consented && facts.wanted)
    return { step: 'paused', since: previous.step === 'paused' ? previous.since : now, ...facts.paused }
  if (facts.blocked) return { step: 'blocked', problem: facts.blocked }
  if (!facts.consented) return { step: 'consent' }
  if (!facts.wanted) return { step: 'stopped' }
  const hindered = facts.hindrance && { step: 'blocked' as const, problem: facts.hindrance }
  if (!facts.listening || !facts.directoryLive) return hindered ?? { step: 'starting' }
  if (!facts.orProved) return hindered ?? { step: 'ports' }
  if (facts.publishedAt === undefined && hindered?.problem.code === 'clock-far-off') return hindered
  if (facts.publishedAt === undefined) return { step: 'publishing', since: previous.step === 'publishing' ? previous.since : now }
  if (!facts.running) return { step: 'waiting-for-listing', publishedAt: facts.publishedAt }
  const waiting = facts.locks.filter(lock => !CHOSEN.has(lock))
  if (facts.locks.length === 0 && facts.stable) return { step: 'unlocked', since: previous.step === 'unlocked' ? previous.since : now }
  if (facts.stable && waiting.length === 0) return { step: 'relaying', since: previous.step === 'relaying' ? previous.since : now }
  if (facts.stable && waiting.some(lock => lock.endsWith('unproved'))) return { step: 'ports' }
  // Members that let in any running relay may be looked through meanwhile: the locks tell, not the step.
  const listedSince = facts.listedSince ?? (previous.step === 'waiting-for-stable' ? previous.listedSince : now)
  return { step: 'waiting-for-stable', listedSince }
}

/** What perspective access asks of our own relay (perspective-access.md 7). */
export interface LockFacts {
  readonly consented: boolean
  readonly relayRunning: boolean
  readonly offered: boolean
  readonly virtual: boolean
  readonly proved: { readonly or: boolean; readonly dir: boolean; readonly pa: boolean }
  readonly directoryLive: boolean
  readonly listed: boolean
  readonly flags: ReadonlySet<string>
  /** Some relay admits peers that are Running but not yet Stable. */
  readonly someoneAdmitsRunning: boolean
}

/** Everything that still locks browsing, in the order in which it is usually resolved; empty when nothing does. */
export function locksOf(facts: LockFacts): Lock[] {
  const locks: Lock[] = []
  if (!facts.consented) locks.push('no-consent')
  if (!facts.offered) locks.push('pa-off')
  if (!facts.relayRunning) return [...locks, 'relay-stopped']
  if (!facts.proved.or) locks.push('or-port-unproved')
  // With the virtual door only the ORPort has to be open; directory service is then reached through it.
  if (!facts.virtual && !facts.proved.dir) locks.push('dir-port-unproved')
  if (!facts.virtual && !facts.proved.pa) locks.push('pa-port-unproved')
  if (!facts.directoryLive) return [...locks, 'directory-not-live']
  if (!facts.listed) return [...locks, 'not-listed']
  if (!facts.flags.has('Running')) locks.push('not-running')
  if (!facts.flags.has('Stable') && !facts.someoneAdmitsRunning) locks.push('not-stable')
  return locks
}

/** The ages, in days since it was first listed, at which a new relay's life changes, after the Tor Project's "lifecycle of a new relay". */
export const PHASES = ['unmeasured', 'measured', 'ramp', 'steady'] as const
export type Phase = (typeof PHASES)[number]
const PHASE_DAYS = { unmeasured: 0, measured: 3, ramp: 8, steady: 68 } as const satisfies Record<Phase, number>
const DAY_MS = 86_400_000

/** The phase of a relay that was first listed at a time. */
export function phaseOf(listedAt: number, now: number): Phase {
  const days = (now - listedAt) / DAY_MS
  return PHASES.findLast(phase => days >= PHASE_DAYS[phase]) ?? 'unmeasured'
}

/** From which day a phase lasts, and to which; the last one has no end. */
export function phaseDays(phase: Phase): { from: number; to: number | undefined } {
  const next = PHASES[PHASES.indexOf(phase) + 1]
  return { from: PHASE_DAYS[phase], to: next && PHASE_DAYS[next] }
}

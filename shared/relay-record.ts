import { z } from 'zod'
import { PAUSE_REASONS } from './background.ts'
import { moment } from './moment.ts'

/** What a relay comes to on its way, in the usual order: reached from outside, taken by an authority, four flags, and its first stream for a member. */
export const MILESTONES = ['reachable', 'published', 'running', 'fast', 'v2dir', 'stable', 'served'] as const
export type Milestone = (typeof MILESTONES)[number]

/**
 * Why a run was interrupted: a rest and its reason; stopped by its owner; started anew for a setting; the program was quit, or ended without a word
 * (a crash, a power cut); it could not start; no way out; another address or ORPort, which ends a run though nothing stands still.
 */
export const BREAK_CAUSES = [...PAUSE_REASONS, 'stopped', 'restart', 'quit', 'cut-off', 'blocked', 'offline', 'address', 'port'] as const
export type BreakCause = (typeof BREAK_CAUSES)[number]

/** An interruption; without `until` it goes on. */
export const runBreak = z.object({ from: moment, until: moment.optional(), cause: z.enum(BREAK_CAUSES) })
export type RunBreak = z.infer<typeof runBreak>

/** So many breaks are kept. */
export const MAX_BREAKS = 20

/** What this computer knows of its relay's past. */
export const relayRecord = z.object({
  /** When each was first reached. */
  milestones: z.partialRecord(z.enum(MILESTONES), moment).default({}),
  /** The beginning of the run: the end of the last break that ends one, see {@link weightOfBreak}. Absent before the first, and in such a break. */
  since: moment.optional(),
  /** The newest last. */
  breaks: z.array(runBreak).max(MAX_BREAKS).default([]),
  /** Since when it is listed as running without a list that said otherwise. */
  listedSince: moment.optional(),
  /** The most that it carried in ten seconds, in each direction, bytes a second, and when that was seen. */
  best: z.object({ rate: z.number(), at: moment }).optional(),
})
export type RelayRecord = z.infer<typeof relayRecord>

/** Each authority tests a relay about every 21 minutes, and calls it down after 45 without an answer (C tor's REACHABLE_TIMEOUT), ms. */
const UNSEEN_MS = 20 * 60_000
export const CALLED_DOWN_MS = 45 * 60_000

/** What a break means to the authorities, by their published rules: usually not noticed, noticed by some at most, or the end of the run. */
export type BreakWeight = 'unseen' | 'maybe' | 'ends'

export function weightOfBreak({ from, until, cause }: RunBreak, now: number): BreakWeight {
  if (cause === 'address' || cause === 'port') return 'ends'
  const lasted = (until ?? now) - from
  return lasted < UNSEEN_MS ? 'unseen' : lasted < CALLED_DOWN_MS ? 'maybe' : 'ends'
}

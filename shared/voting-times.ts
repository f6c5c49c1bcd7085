import type { AppState } from './state.ts'

type Schedule = Pick<NonNullable<AppState['network']['consensus']>, 'validAfter' | 'freshUntil' | 'votingSeconds'>

/** The next list after a moment, by the clock: one each interval (dir-spec 1.4). Times in ms. */
function listAfter({ validAfter, freshUntil }: Schedule, moment: number): number {
  const interval = freshUntil - validAfter
  return freshUntil + Math.floor((moment - freshUntil) / interval + 1) * interval
}

/** When the authorities vote next, and when their next list comes; on the public network at hh:50 and hh:00. */
export function nextVoting(schedule: Schedule, now: number): { voteAt: number; listAt: number } {
  const ahead = schedule.votingSeconds * 1000
  return { voteAt: listAfter(schedule, now + ahead) - ahead, listAt: listAfter(schedule, now) }
}

/** The first list, of those still to come, that can have a relay in it which was published at a time: the authorities vote before it. */
export function earliestListing(schedule: Schedule, publishedAt: number, now: number): number {
  const first = listAfter(schedule, publishedAt + schedule.votingSeconds * 1000)
  return Math.max(first, listAfter(schedule, now))
}

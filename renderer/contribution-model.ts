import type { ContributionDay, ContributionPeer, ContributionSum } from '../shared/contribution.ts'

export type BookSpan = 'day' | 'week' | 'month'

/** What a line of the book tells. */
export type BookSum = Pick<ContributionSum, 'or' | 'dir' | 'served' | 'used' | 'refused' | 'uptimeSeconds' | 'circuits' | 'cpuSeconds'>

/** One line of the book: so much in a day, in the week from a Monday, or in a month (YYYY-MM). */
export interface BookLine {
  readonly key: string
  readonly sum: BookSum
}

/** What one relay had through us, and we through it; payload bytes both ways together. */
export interface BookRelay {
  readonly fingerprint: string
  readonly nickname: string | undefined
  readonly given: number
  readonly taken: number
}

/** The Monday of a day's week; days are calendar days, so no time zone comes in. */
function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

const keyOf = (day: string, span: BookSpan) => (span === 'day' ? day : span === 'week' ? mondayOf(day) : day.slice(0, 7))

const plus = <T extends { read: number; written: number }>(a: T, b: T): T => ({
  ...a,
  read: a.read + b.read,
  written: a.written + b.written,
})

/** What one of two days did not count is taken from the other alone. */
const plusKnown = (a: number | undefined, b: number | undefined) => (a === undefined ? b : b === undefined ? a : a + b)

/** The days put together, newest first. */
export function bookLines(days: readonly ContributionDay[], span: BookSpan): BookLine[] {
  const lines = new Map<string, BookLine['sum']>()
  for (const day of days) {
    const key = keyOf(day.day, span)
    const sum = lines.get(key)
    lines.set(
      key,
      sum
        ? {
            or: plus(sum.or, day.or),
            dir: plus(sum.dir, day.dir),
            served: plus(sum.served, day.served),
            used: plus(sum.used, day.used),
            refused: sum.refused + day.refused,
            uptimeSeconds: sum.uptimeSeconds + day.uptimeSeconds,
            circuits: plusKnown(sum.circuits, day.circuits),
            cpuSeconds: plusKnown(sum.cpuSeconds, day.cpuSeconds),
          }
        : day,
    )
  }
  return [...lines].map(([key, sum]) => ({ key, sum })).sort((a, b) => (a.key < b.key ? 1 : -1))
}

/** The relays of all these days, those with most traffic first; last an empty fingerprint, for those that the book does not keep apart. */
export function bookRelays(days: readonly ContributionDay[]): BookRelay[] {
  const relays = new Map<string, { nickname: string | undefined; given: number; taken: number }>()
  const add = (peers: readonly ContributionPeer[], side: 'given' | 'taken') => {
    for (const { fingerprint, nickname, read, written } of peers) {
      const entry = relays.get(fingerprint) ?? { nickname, given: 0, taken: 0 }
      entry.nickname ??= nickname
      entry[side] += read + written
      relays.set(fingerprint, entry)
    }
  }
  for (const { servedPeers, usedPeers } of days) {
    add(servedPeers, 'given')
    add(usedPeers, 'taken')
  }
  return [...relays]
    .map(([fingerprint, entry]) => ({ fingerprint, ...entry }))
    .sort(
      (a, b) =>
        Number(a.fingerprint === '') - Number(b.fingerprint === '') ||
        b.given + b.taken - a.given - a.taken ||
        (a.fingerprint < b.fingerprint ? -1 : 1),
    )
}

/** From the beginning of a line's time to its end, ms, by the clock of this computer. */
export function spanOf(key: string, span: BookSpan): { from: number; to: number } {
  const [year, month, day] = key.split('-').map(Number) as [number, number, number | undefined]
  const end = span === 'month' ? new Date(year, month) : new Date(year, month - 1, day! + (span === 'week' ? 7 : 1))
  return { from: new Date(year, month - 1, day ?? 1).getTime(), to: end.getTime() }
}

/** The share (0–1) of a time in which the relay was up. Never more than all of it: the first day was not whole. */
export const upShare = (uptimeSeconds: number, from: number, to: number): number =>
  to > from ? Math.min(1, uptimeSeconds / ((to - from) / 1000)) : 0

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bookLines, bookRelays, spanOf, upShare } from '../../renderer/contribution-model.ts'
import type { ContributionDay, ContributionPeer } from '../../shared/contribution.ts'

const A = 'A'.repeat(40)
const B = 'B'.repeat(40)
const peer = (fingerprint: string, read: number, written: number, nickname?: string): ContributionPeer => ({
  fingerprint,
  nickname,
  read,
  written,
  streams: 1,
})
const day = (name: string, n: number, servedPeers: ContributionPeer[] = [], usedPeers: ContributionPeer[] = []): ContributionDay => ({
  day: name,
  or: { read: n, written: 2 * n },
  dir: { read: 0, written: 0 },
  served: { read: 3 * n, written: 4 * n, streams: 1 },
  used: { read: 5 * n, written: 6 * n, streams: 1 },
  tor: { read: 0, written: 0, streams: 0 },
  refused: n,
  uptimeSeconds: 10 * n,
  given: 0,
  taken: 0,
  circuits: n > 1 ? n : undefined,
  cpuSeconds: n > 1 ? 2 * n : undefined,
  servedPeers,
  usedPeers,
})

test('days are put together by week from Monday, and by month, newest first', () => {
  // 1 March 2026 is a Sunday.
  const days = [day('2026-02-28', 1), day('2026-03-01', 2), day('2026-03-02', 4), day('2026-03-09', 8)]
  const keys = (span: 'day' | 'week' | 'month') => bookLines(days, span).map(({ key, sum }) => [key, sum.or.read, sum.uptimeSeconds])
  assert.deepEqual(keys('day'), [
    ['2026-03-09', 8, 80],
    ['2026-03-02', 4, 40],
    ['2026-03-01', 2, 20],
    ['2026-02-28', 1, 10],
  ])
  assert.deepEqual(keys('week'), [
    ['2026-03-09', 8, 80],
    ['2026-03-02', 4, 40],
    ['2026-02-23', 3, 30],
  ])
  assert.deepEqual(keys('month'), [
    ['2026-03', 14, 140],
    ['2026-02', 1, 10],
  ])
  assert.deepEqual(bookLines([], 'week'), [])
})

test('a relay that gives and takes is one line, with the name that any day knows', () => {
  const days = [
    day('2026-03-01', 1, [peer(A, 10, 1), peer('', 9000, 1)]),
    day('2026-03-02', 1, [peer(A, 20, 2, 'Amsel')], [peer(A, 4, 1), peer(B, 1000, 1, 'Birke')]),
  ]
  assert.deepEqual(bookRelays(days), [
    { fingerprint: B, nickname: 'Birke', given: 0, taken: 1001 },
    { fingerprint: A, nickname: 'Amsel', given: 33, taken: 5 },
    { fingerprint: '', nickname: undefined, given: 9001, taken: 0 },
  ])
})

test('what a day did not count is unknown, and leaves the sum of the others alone', () => {
  const days = [day('2026-02-28', 1), day('2026-03-01', 2), day('2026-03-03', 4)]
  const counted = (span: 'day' | 'month') =>
    bookLines(days, span).map(({ sum }) => [sum.circuits, sum.cpuSeconds, sum.refused, sum.dir.read])
  assert.deepEqual(counted('day'), [
    [4, 8, 4, 0],
    [2, 4, 2, 0],
    [undefined, undefined, 1, 0],
  ])
  assert.deepEqual(counted('month'), [
    [6, 12, 6, 0],
    [undefined, undefined, 1, 0],
  ])
})

test('a line of the book lasts a day, a week or a month of this computer’s clock', () => {
  const at = (...parts: [number, number, number]) => new Date(...parts).getTime()
  assert.deepEqual(spanOf('2026-02-28', 'day'), { from: at(2026, 1, 28), to: at(2026, 2, 1) })
  assert.deepEqual(spanOf('2026-12-28', 'week'), { from: at(2026, 11, 28), to: at(2027, 0, 4) })
  assert.deepEqual(spanOf('2026-12', 'month'), { from: at(2026, 11, 1), to: at(2027, 0, 1) })
})

test('the share of the time up: never more than all, nothing with a clock before it', () => {
  assert.equal(upShare(6 * 3600, 0, 12 * 3_600_000), 0.5)
  assert.equal(upShare(99 * 3600, 0, 12 * 3_600_000), 1)
  assert.equal(upShare(3600, 5, 5), 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bookLines, bookRelays, upShare } from '../../renderer/contribution-model.ts'
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
  refused: 0,
  uptimeSeconds: 10 * n,
  given: 0,
  taken: 0,
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

test('the share of the time up: since the first day began, never more than all, nothing with a clock before it', () => {
  const noon = new Date('2026-11-22T12:00').getTime()
  assert.equal(upShare(6 * 3600, '2026-11-22', noon), 0.5)
  assert.equal(upShare(99 * 3600, '2026-11-22', noon), 1)
  assert.equal(upShare(3600, '2026-11-23', noon), 0)
})

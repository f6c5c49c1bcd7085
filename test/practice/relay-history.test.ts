import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RelayHistory } from '../../main/practice/relay-history.ts'

const RELAY = 'A'.repeat(40)
const START = 1_700_000_000_000
const history = () => new RelayHistory({ downrateInterval: 60_000, addressChangePenalty: 35_000 })

describe('the history an authority keeps of a relay', () => {
  test('says nothing of a relay it never tried', () => {
    assert.deepEqual(history().record(RELAY, START), { wfu: 0, timeKnown: 0, mtbf: 0, runningFor: 0 })
    assert.equal(history().watchedFor(START), 0)
  })

  test('counts the present run', () => {
    const h = history()
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.reached(RELAY, '127.46.0.10', 9001, START + 10_000)
    assert.deepEqual(h.record(RELAY, START + 40_000), { wfu: 1, timeKnown: 40_000, mtbf: 40_000, runningFor: 40_000 })
    assert.equal(h.watchedFor(START + 40_000), 40_000)
  })

  test('takes the mean of ended runs and the present one', () => {
    const h = history()
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.unreachable(RELAY, START + 30_000)
    h.unreachable(RELAY, START + 35_000)
    assert.deepEqual(h.record(RELAY, START + 40_000), { wfu: 0.75, timeKnown: 40_000, mtbf: 30_000, runningFor: 0 })
    h.reached(RELAY, '127.46.0.10', 9001, START + 40_000)
    assert.deepEqual(h.record(RELAY, START + 50_000), { wfu: 0.8, timeKnown: 50_000, mtbf: 20_000, runningFor: 10_000 })
  })

  test('a relay first seen down knows time but no uptime', () => {
    const h = history()
    h.unreachable(RELAY, START)
    assert.deepEqual(h.record(RELAY, START + 5_000), { wfu: 0, timeKnown: 5_000, mtbf: 0, runningFor: 0 })
  })

  test('charges a new address as downtime', () => {
    const h = history()
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.reached(RELAY, '127.46.0.10', 9002, START + 100_000)
    assert.deepEqual(h.record(RELAY, START + 100_000), { wfu: 0.65, timeKnown: 100_000, mtbf: 32_500, runningFor: 0 })
  })

  test('a penalty longer than the run eats earlier uptime, never below zero', () => {
    const h = history()
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.reached(RELAY, '127.46.0.11', 9001, START + 5_000)
    const record = h.record(RELAY, START + 5_000)
    assert.equal(record.mtbf, 0)
    assert.equal(record.wfu, 0)
    assert.ok(record.timeKnown >= 0)
  })

  test('old runs lose 5 % of their weight every interval, the present one none', () => {
    const h = history()
    h.downrate(START)
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.unreachable(RELAY, START + 10_000)
    h.reached(RELAY, '127.46.0.10', 9001, START + 20_000)
    h.downrate(START + 59_999)
    assert.equal(h.record(RELAY, START + 60_000).mtbf, (10_000 + 40_000) / 2)
    h.downrate(START + 125_000)
    const weight = 0.95 * 0.95
    const record = h.record(RELAY, START + 125_000)
    assert.ok(Math.abs(record.mtbf - (10_000 * weight + 105_000) / (weight + 1)) < 0.001)
    assert.ok(Math.abs(record.wfu - (10_000 * weight + 105_000) / (20_000 * weight + 105_000)) < 1e-9)
  })

  test('forgets relays that have been away for very long', () => {
    const h = history()
    h.downrate(START)
    h.reached(RELAY, '127.46.0.10', 9001, START)
    h.unreachable(RELAY, START + 10_000)
    h.downrate(START + 200 * 60_000)
    assert.equal(h.record(RELAY, START + 200 * 60_000).timeKnown, 0)
  })

  test('can begin with a past', () => {
    const h = history()
    h.assumeUpSince(RELAY, START - 600_000)
    assert.equal(h.record(RELAY, START).mtbf, 600_000)
    assert.equal(h.watchedFor(START), 600_000)
    h.reached(RELAY, '127.46.0.10', 9001, START)
    assert.equal(h.record(RELAY, START + 1_000).mtbf, 601_000)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClockWatch } from '../../main/lib/clock-watch.ts'

const HOUR = 3600
const NOW = Date.UTC(2026, 10, 22, 12)

/** Looks after so many seconds on the wall and since the start of the machine. */
function look(wall: number, uptime: number) {
  return new ClockWatch(10, NOW, 1000).look(NOW + wall * 1000, 1000 + uptime)
}

test('an ordinary while, a late timer and a small correction are nothing', () => {
  assert.deepEqual(look(10, 10), { slept: 0, moved: 0 })
  assert.deepEqual(look(35, 35), { slept: 0, moved: 0 })
  assert.deepEqual(look(12, 10), { slept: 0, moved: 0 })
})

test('a sleep: both clocks went on', () => assert.deepEqual(look(7 * HOUR, 7 * HOUR), { slept: 7 * HOUR, moved: 0 }))

test('a clock that was set, forwards or back, is no sleep', () => {
  assert.deepEqual(look(3 * HOUR + 10, 10), { slept: 0, moved: 3 * HOUR })
  assert.deepEqual(look(10 - 2 * HOUR, 10), { slept: 0, moved: -2 * HOUR })
})

test('a sleep during which the clock was set is both', () => {
  assert.deepEqual(look(9 * HOUR, 8 * HOUR), { slept: 8 * HOUR, moved: HOUR })
})

test('each look starts from the one before', () => {
  const watch = new ClockWatch(10, NOW, 0)
  watch.look(NOW + HOUR * 1000, 10)
  assert.deepEqual(watch.look(NOW + (HOUR + 10) * 1000, 20), { slept: 0, moved: 0 })
})

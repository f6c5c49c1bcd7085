import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BandwidthLimiter, BandwidthMeter } from '../../main/relay/bandwidth.ts'

test('observed bandwidth is the best ten-second average of the slower direction, for a day', () => {
  const meter = new BandwidthMeter()
  let [read, written, now] = [0, 0, 0]
  const run = (seconds: number, r: number, w: number) => {
    for (let i = 0; i < seconds; i++) meter.sample((read += r), (written += w), (now += 1000))
  }
  meter.sample(0, 0, 0)
  run(10, 1000, 700)
  assert.equal(meter.observed, 700)
  run(5, 5000, 4700)
  assert.equal(meter.observed, 2700)
  run(60, 0, 0)
  assert.equal(meter.observed, 2700)
  run(25 * 3600, 10, 10)
  assert.equal(meter.observed, 10)
})

test('a relay over its rate stops reading until the bucket has filled again', t => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] })
  let total = 0
  const calls: string[] = []
  const channel = { pauseReading: () => calls.push('pause'), resumeReading: () => calls.push('resume'), resumeWriting: () => {} }
  const limiter = new BandwidthLimiter({ rate: 1000, burst: 2000, total: () => total, channels: () => [channel] })
  limiter.start()
  total = 1500
  t.mock.timers.tick(50)
  assert.deepEqual(calls, [])
  total = 3000
  t.mock.timers.tick(50)
  assert.equal(calls.at(-1), 'pause')
  t.mock.timers.tick(2000)
  assert.equal(calls.at(-1), 'resume')
  limiter.stop()
})

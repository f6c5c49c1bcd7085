import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isCompressed, nextConsensusFetch, nextDelay, retryBackoff } from '../../main/directory/schedule.ts'

const times = (intervalSeconds: number) => ({
  validAfter: 1_000_000_000,
  freshUntil: 1_000_000_000 + intervalSeconds * 1000,
  validUntil: 1_000_000_000 + intervalSeconds * 3000,
})

describe('when to fetch the next consensus', () => {
  test('a cache of the public network waits two minutes and spreads over half an interval', () => {
    const hour = times(3600)
    assert.equal(isCompressed(hour), false)
    assert.equal(nextConsensusFetch(hour, 0, false) - hour.freshUntil, 120_000)
    const latest = nextConsensusFetch(hour, 0.999, false) - hour.freshUntil
    assert.ok(latest > 29 * 60_000 && latest < 32 * 60_000)
  })

  test('on compressed networks it comes right after fresh-until, long before the old one expires', () => {
    for (const seconds of [5, 10, 30]) {
      const short = times(seconds)
      assert.equal(isCompressed(short), true)
      for (const random of [0, 0.5, 0.999]) {
        const after = nextConsensusFetch(short, random, true) - short.freshUntil
        assert.ok(after > 0 && after <= (seconds * 1000) / 8, `${seconds} s: ${after}`)
      }
    }
  })

  test('a consensus that is hardly valid longer than fresh is fetched before it expires', () => {
    const tight = { validAfter: 0, freshUntil: 3_600_000, validUntil: 3_600_000 + 600_000 }
    for (const random of [0, 0.3]) assert.ok(nextConsensusFetch(tight, random, false) >= tight.freshUntil)
    assert.ok(nextConsensusFetch(tight, 0, false) <= tight.validUntil)
  })
})

describe('retries', () => {
  test('delays grow at random between the base and three times the last one, up to the cap', () => {
    const backoff = { baseMs: 100, capMs: 1000 }
    assert.equal(nextDelay(0, 0, backoff), 100)
    assert.equal(nextDelay(0, 1, backoff), 200)
    assert.equal(nextDelay(200, 1, backoff), 600)
    assert.equal(nextDelay(600, 1, backoff), 1000)
    assert.equal(nextDelay(1000, 0, backoff), 100)
  })

  test('compressed networks retry within their interval', () => {
    assert.ok(retryBackoff(times(5), true).capMs < 5000)
    assert.ok(retryBackoff(undefined, true).capMs <= 2500)
    assert.ok(retryBackoff(times(3600), false).baseMs >= 10_000)
  })
})

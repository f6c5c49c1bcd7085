import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MeasuredRates } from '../../main/perspective/measured-rates.ts'
import { ServerBook } from '../../main/perspective/server-book.ts'
import type { UsageMode } from '../../main/perspective/usage-book.ts'
import { fp } from './peer-fixture.ts'

function world() {
  let now = 1_000_000
  const book = new ServerBook(() => now)
  const rates = new MeasuredRates(book)
  const total = (read: number, mode: UsageMode = 'one-hop', fingerprint = fp(1)) => ({ fingerprint, mode, streams: 1, read, written: 0 })
  /** A second later, so many bytes were read in all. */
  const second = (read: number, mode?: UsageMode, fingerprint?: string) => {
    now += 1000
    rates.sample([total(read, mode, fingerprint)], now)
  }
  return { book, rates, second, total, pass: (ms: number) => (now += ms), now: () => now }
}

test('the best second of the last hour is kept, with when it was', () => {
  const { book, second, pass, now } = world()
  second(0)
  second(3_000_000)
  const at = now()
  second(4_000_000)
  assert.deepEqual(book.rate(fp(1)), { bytesPerSecond: 3_000_000, at })
  pass(3_700_000 - 1000)
  second(5_000_000)
  assert.equal(book.rate(fp(1))?.at, at, 'over the long pause it was slower than anything telling')
  second(5_500_000)
  assert.equal(book.rate(fp(1))?.bytesPerSecond, 500_000, 'after an hour the newest counts')
})

test('nothing is said of a trickle, of three hops, of what peers have through us, of a first look, or of a clock set back', () => {
  const { book, second, rates, total, now } = world()
  second(9_000_000)
  second(9_005_000)
  second(20_000_000, 'tor')
  second(30_000_000, 'served')
  second(40_000_000, 'one-hop', '')
  rates.sample([total(90_000_000)], now() - 3_600_000)
  assert.equal(book.rate(fp(1)), undefined)
})

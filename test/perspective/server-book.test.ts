import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerBook } from '../../main/perspective/server-book.ts'

const MINUTE = 60_000

test('failures are halved every ten minutes, and by every admission', () => {
  let now = 1_000_000
  const book = new ServerBook(() => now)
  assert.equal(book.failures('A'), 0)
  book.failed('A')
  book.failed('A')
  assert.equal(book.failures('A'), 2)
  now += 10 * MINUTE
  assert.equal(book.failures('A'), 1)
  book.failed('A')
  assert.equal(book.failures('A'), 2)
  book.admitted('A')
  assert.equal(book.failures('A'), 1)
  now += 100 * MINUTE
  assert.ok(book.failures('A') < 0.001)
})

test('a refusal is kept with its time to wait, within bounds, until an admission', () => {
  let now = 5000
  const book = new ServerBook(() => now)
  book.refused('A', 11, 30)
  assert.deepEqual(book.refusal('A'), { status: 11, at: 5000, until: 35_000 })
  book.refused('A', 9, 0)
  assert.equal(book.refusal('A')!.until, 6000)
  book.refused('A', 9, 0xffffffff)
  assert.equal(book.refusal('A')!.until, 5000 + 3_600_000)
  now = 6000
  book.admitted('A')
  assert.equal(book.refusal('A'), undefined)
})

test('a new consensus forgives what depended on the old one, and nothing else', () => {
  const book = new ServerBook(() => 0)
  book.refused('A', 2, 60)
  book.refused('B', 9, 60)
  book.forgive(new Set([2, 3, 4]))
  assert.equal(book.refusal('A'), undefined)
  assert.equal(book.refusal('B')!.status, 9)
})

test('round trips are smoothed and carry the time of the last one', () => {
  let now = 1
  const book = new ServerBook(() => now)
  book.measured('A', 100)
  assert.deepEqual(book.latency('A'), { ms: 100, at: 1 })
  now = 2
  book.measured('A', 50)
  assert.deepEqual(book.latency('A'), { ms: 75, at: 2 })
  assert.equal(book.latency('B'), undefined)
})

test('however many servers there are, the book stays bounded', () => {
  const book = new ServerBook(() => 0)
  for (let i = 0; i < 6000; i++) book.measured(String(i), 1)
  assert.equal(book.latency('0'), undefined)
  assert.ok(book.latency('5999'))
})

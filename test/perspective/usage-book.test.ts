import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServedStreams } from '../../main/perspective/served-streams.ts'
import { UsageBook } from '../../main/perspective/usage-book.ts'
import { fp, stream } from './peer-fixture.ts'

test('what peers have through us is counted peer by peer, from the streams that the door tells of', () => {
  const served = new ServedStreams(undefined)
  const book = new UsageBook()
  served.onOpened.add((peer, one) => book.add(one, peer, 'served'))
  const [a, b, c] = [stream(), stream(), stream()]
  served.opened(fp(1), a, '192.0.2.9', 443)
  served.opened(fp(1), b, '192.0.2.9', 443)
  served.opened(fp(2), c, '192.0.2.8', 80)
  a.deliver(Buffer.alloc(10))
  a.abort()
  b.deliver(Buffer.alloc(5))
  assert.deepEqual(book.totals(), [
    { fingerprint: fp(1), mode: 'served', streams: 2, read: 15, written: 0 },
    { fingerprint: fp(2), mode: 'served', streams: 1, read: 0, written: 0 },
  ])
  const sum = book.totals().reduce((total, { read }) => total + read, 0)
  assert.equal(sum, served.totals.read, 'the same as the door counts')
})

test('totals only grow, whatever closes in between', () => {
  const book = new UsageBook()
  let last = 0
  for (let i = 0; i < 50; i++) {
    const one = stream()
    book.add(one, fp(i % 3), 'one-hop')
    one.deliver(Buffer.alloc(100))
    const before = book.totals().reduce((sum, { read }) => sum + read, 0)
    if (i % 2) one.abort()
    const now = book.totals().reduce((sum, { read }) => sum + read, 0)
    assert.ok(before >= last && now === before)
    last = now
  }
  assert.equal(last, 5000)
})

test('more relays than it keeps apart are one sum, and nothing is lost', () => {
  const book = new UsageBook()
  for (let i = 0; i < 2500; i++) {
    const one = stream()
    book.add(one, i.toString(16).padStart(40, '0').toUpperCase(), 'served')
    one.deliver(Buffer.alloc(1))
    if (i % 2) one.abort()
  }
  const totals = book.totals()
  assert.ok(totals.length <= 2001)
  assert.equal(
    totals.reduce((sum, { read }) => sum + read, 0),
    2500,
  )
  assert.equal(totals.find(({ fingerprint }) => fingerprint === '')!.streams, 500)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerBook } from '../../main/perspective/server-book.ts'
import { SessionPool } from '../../main/perspective/session-pool.ts'
import { FakeServer, fp, offer } from './peer-fixture.ts'

const SIGNAL = new AbortController().signal
const TARGET = { host: 'a.example', port: 443, flags: 1 }

function pool(now: () => number = () => 0) {
  const server = new FakeServer()
  const book = new ServerBook(now)
  return { server, book, pool: new SessionPool({ open: (_offer, signal) => server.open(signal), book, now }) }
}

test('everybody who wants one server at the same time shares its session', async () => {
  const { server, pool: sessions, book } = pool()
  assert.equal(sessions.state(fp(1)), undefined)
  const both = [sessions.get(offer(1)), sessions.get(offer(1))]
  assert.equal(sessions.state(fp(1)), 'opening')
  const [one, two] = await Promise.all(both)
  assert.equal(one, two)
  assert.equal(server.dials, 1)
  assert.equal(sessions.state(fp(1)), 'open')
  assert.ok(book.latency(fp(1)))
})

test('another circuit is made when the first is well filled, up to three; then the least filled is used', async () => {
  const { server, pool: sessions } = pool()
  const session = await sessions.get(offer(1))
  for (let i = 0; i < 200; i++) await session.openStream(TARGET, SIGNAL)
  assert.equal(server.circuits, 1)
  for (let i = 0; i < 500; i++) await session.openStream(TARGET, SIGNAL)
  assert.equal(server.circuits, 3)
  assert.equal(session.streams, 700)
  assert.equal(sessions.streams(fp(1)), 700)
})

test('a session that nobody uses is closed after its idle time, unless it is wanted', async () => {
  let now = 0
  const { server, pool: sessions } = pool(() => now)
  const session = await sessions.get(offer(1))
  const stream = await session.openStream(TARGET, SIGNAL)
  now = 600_000
  sessions.sweep(new Set())
  assert.equal(sessions.state(fp(1)), 'open', 'a stream is open')
  stream.abort()
  now += 299_999
  sessions.sweep(new Set())
  assert.equal(sessions.state(fp(1)), 'open')
  now += 1
  sessions.sweep(new Set([fp(1)]))
  assert.equal(sessions.state(fp(1)), 'open', 'it is kept warm')
  sessions.sweep(new Set())
  assert.equal(sessions.state(fp(1)), undefined)
  assert.equal(server.links[0]!.closed, true)
})

test('an open session is measured anew when its round trip is old', async () => {
  let now = 1000
  const { server, pool: sessions, book } = pool(() => now)
  await sessions.get(offer(1))
  sessions.sweep(new Set([fp(1)]))
  assert.equal(server.circuits, 1)
  now += 300_000
  const measured = Promise.withResolvers<void>()
  const before = book.measured.bind(book)
  book.measured = (fingerprint, ms) => {
    before(fingerprint, ms)
    measured.resolve()
  }
  sessions.sweep(new Set([fp(1)]))
  sessions.sweep(new Set([fp(1)]))
  await measured.promise
  assert.equal(server.circuits, 2, 'asked twice at the same time, measured once')
  assert.equal(book.latency(fp(1))!.at, now)
})

test('after a failure nobody dials for a moment, however many ask', async () => {
  let now = 0
  const { server, pool: sessions, book } = pool(() => now)
  server.behaviour = 'unreachable'
  for (let i = 0; i < 5; i++) await assert.rejects(sessions.get(offer(1)), { message: 'unreachable' })
  assert.equal(server.dials, 1)
  assert.equal(book.failures(fp(1)), 1)
  now = 1000
  server.behaviour = { status: 11, retryAfter: 30 }
  await assert.rejects(sessions.get(offer(1)), { name: 'PerspectiveRefused' })
  assert.equal(server.dials, 2)
  assert.equal(book.refusal(fp(1))!.status, 11)
  assert.equal(Math.round(book.failures(fp(1))), 1, 'a refusal is no failure')
})

test('lost admission is remembered as a refusal, a broken link as a failure; streams end with it', async () => {
  const { server, pool: sessions, book } = pool()
  const session = await sessions.get(offer(1))
  const stream = await session.openStream(TARGET, SIGNAL)
  server.links[0]!.onLost.emit(4)
  assert.equal(stream.closed, true)
  assert.equal(book.refusal(fp(1))!.status, 4)
  assert.equal(sessions.state(fp(1)), undefined)
  await sessions.get(offer(1))
  server.links[1]!.onLost.emit(undefined)
  assert.equal(book.failures(fp(1)), 1)
})

test('closing all ends sessions and attempts, and what opens late does not stay', async () => {
  const { server, pool: sessions, book } = pool()
  const session = await sessions.get(offer(1))
  const stream = await session.openStream(TARGET, SIGNAL)
  server.behaviour = 'silent'
  const opening = sessions.get(offer(2))
  opening.catch(() => {})
  sessions.closeAll('locked')
  assert.equal(stream.closed, true)
  assert.equal(server.links[0]!.closed, true)
  await assert.rejects(opening, { name: 'AbortError' })
  assert.equal(book.failures(fp(2)), 0, 'that was not the server')
  assert.equal(sessions.state(fp(1)), undefined)
  server.behaviour = 'fine'
  assert.equal((await sessions.get(offer(1))).closed, false, 'and it can begin anew')
})

test('a clock that is set back by a year shuts nobody out for a year', async () => {
  let now = 1e12
  const { server, pool: sessions, book } = pool(() => now)
  server.behaviour = { status: 9, retryAfter: 600 }
  await assert.rejects(sessions.get(offer(1)))
  assert.ok(book.refusal(fp(1)))
  server.behaviour = 'fine'
  now -= 365 * 86_400_000
  assert.equal(book.refusal(fp(1)), undefined)
  await sessions.get(offer(1))
  assert.equal(sessions.state(fp(1)), 'open')
  now -= 365 * 86_400_000
  sessions.sweep(new Set())
  assert.equal(sessions.state(fp(1)), undefined, 'nobody uses it')
})

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Channel } from '../../main/channel/channel.ts'
import { PeerAccounts } from '../../main/perspective/peer-accounts.ts'
import { deal, PeerShares } from '../../main/perspective/peer-shares.ts'
import { DEFAULT_PERSPECTIVE_LIMITS, type PeerQuota } from '../../main/perspective/perspective-limits.ts'
import { BandwidthLimiter } from '../../main/relay/bandwidth.ts'

const MB = 1_000_000
const CELL = 514
const RATE = MB
const quota: PeerQuota = { ...DEFAULT_PERSPECTIVE_LIMITS.quota, bytesPerSecond: 1e9, burstBytes: 1e9, bytesPerDay: 1e15 }

/** A link that always has something to send, in batches as a channel makes them. */
class GreedyLink {
  readonly bytes = { paRead: 0, paWritten: 0, orWritten: 0 }
  readonly purpose = 'pa'
  closed = false
  paused = false
  readonly #limiter: () => BandwidthLimiter<Channel>
  readonly #trafficClass: 'or' | 'pa'
  /** Bytes that wait; greedy links have no end of them. */
  wants = Number.POSITIVE_INFINITY
  constructor(limiter: () => BandwidthLimiter<Channel>, trafficClass: 'or' | 'pa' = 'pa') {
    this.#limiter = limiter
    this.#trafficClass = trafficClass
  }
  get channel(): Channel {
    return this as unknown as Channel
  }
  pauseReading(): void {
    this.paused = true
  }
  resumeReading(): void {
    this.paused = false
  }
  resumeWriting(): void {
    const allowed = Math.min(64 * 1024, this.wants, this.#limiter().allowance(this.channel, this.#trafficClass))
    const bytes = allowed - (allowed % CELL)
    if (bytes === 0) return
    this.wants -= bytes
    this.bytes[this.#trafficClass === 'pa' ? 'paWritten' : 'orWritten'] += bytes
    this.#limiter().spent(this.channel, this.#trafficClass, bytes)
    // As a channel does: the next batch in the next turn.
    if (this.wants > 0) setImmediate(() => this.resumeWriting())
  }
}

/** Time stands still until `run` lets it pass. */
function world(t: TestContext, options: { share?: number; reserve?: number; quota?: PeerQuota } = {}) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'setImmediate', 'Date'] })
  const links: GreedyLink[] = []
  const limits = {
    ...DEFAULT_PERSPECTIVE_LIMITS,
    share: options.share ?? 0.5,
    reserve: options.reserve ?? 0.25,
    quota: options.quota ?? quota,
  }
  const limiter: BandwidthLimiter<Channel> = new BandwidthLimiter<Channel>({
    rate: RATE,
    burst: RATE,
    total: () => links.reduce((sum, link) => sum + link.bytes.paRead, 0),
    channels: () => links.map(link => link.channel),
  })
  const shares = new PeerShares({ limiter, shares: () => limits })
  limiter.leftover = shares
  limiter.start()
  t.after(() => {
    shares.stop()
    limiter.stop()
  })
  const accounts = new PeerAccounts(() => limits)
  const link = (trafficClass: 'or' | 'pa' = 'pa') => {
    const made = new GreedyLink(() => limiter, trafficClass)
    links.push(made)
    return made
  }
  return {
    limiter,
    shares,
    link,
    join(fingerprint: string, factor = 1): GreedyLink {
      const made = link()
      shares.join(made.channel, fingerprint, accounts.of(fingerprint, [], factor, Date.now()))
      return made
    },
    run(ms: number) {
      for (let i = 0; i < ms; i += 5) t.mock.timers.tick(5)
    },
  }
}

describe('S19 T16: what perspective access gets', () => {
  test('at most its share of the rate, divided evenly among peers, whatever the number of their links', t => {
    const w = world(t)
    const links = [w.join('A'), w.join('A'), w.join('B'), w.join('C'), w.join('D')]
    for (const link of links) link.resumeWriting()
    w.run(1000)
    const before = links.map(link => link.bytes.paWritten)
    w.run(20_000)
    const [a1, a2, b, c, d] = links.map((link, i) => link.bytes.paWritten - before[i]!) as [number, number, number, number, number]
    const total = a1 + a2 + b + c + d
    assert.ok(Math.abs(total / (20 * RATE * 0.5) - 1) < 0.03, `${total} bytes of ${20 * RATE * 0.5}`)
    for (const peer of [a1 + a2, b, c, d]) assert.ok(Math.abs(peer / (total / 4) - 1) < 0.1, `${peer} of ${total}`)
  })

  test('only what Tor leaves: when Tor takes the whole rate, nothing', t => {
    const w = world(t)
    const or = w.link('or')
    const peer = w.join('A')
    peer.resumeWriting()
    or.resumeWriting()
    w.run(2000)
    const before = [or.bytes.orWritten, peer.bytes.paWritten]
    w.run(10_000)
    assert.ok(or.bytes.orWritten - before[0]! > 0.95 * 10 * RATE, `${or.bytes.orWritten - before[0]!}`)
    assert.ok(peer.bytes.paWritten - before[1]! < 0.02 * 10 * RATE, `${peer.bytes.paWritten - before[1]!}`)
  })

  test('when Tor takes seven tenths, at most three', t => {
    const w = world(t)
    const or = w.link('or')
    or.wants = 0
    const peer = w.join('A')
    peer.resumeWriting()
    const both = (seconds: number) => {
      for (let i = 0; i < 100 * seconds; i++) {
        or.wants += (0.7 * RATE) / 100
        or.resumeWriting()
        w.run(10)
      }
    }
    // Until what was saved up is gone.
    both(5)
    const before = peer.bytes.paWritten
    both(10)
    const part = (peer.bytes.paWritten - before) / (10 * RATE)
    assert.ok(or.wants < 2 * CELL, 'Tor did not wait')
    assert.ok(part > 0.25 && part <= 0.31, `${part}`)
  })

  test('the reserve stays: Tor can always start at once', t => {
    const w = world(t, { share: 1 })
    const peer = w.join('A')
    peer.resumeWriting()
    w.run(5000)
    assert.ok(w.limiter.spare('write', 0, Date.now()) >= 0.25 * RATE - 64 * 1024)
    const or = w.link('or')
    or.wants = 200_000
    or.resumeWriting()
    w.run(10)
    assert.ok(or.wants < CELL, 'all of it went in one go')
  })

  test('a peer over its own rate waits, and the others get what it leaves', t => {
    const w = world(t, { quota: { ...quota, bytesPerSecond: 50_000, burstBytes: 50_000 } })
    const slow = w.join('A')
    const fast = w.join('B', 4)
    slow.resumeWriting()
    fast.resumeWriting()
    w.run(1000)
    const before = [slow.bytes.paWritten, fast.bytes.paWritten]
    w.run(10_000)
    assert.ok(Math.abs((slow.bytes.paWritten - before[0]!) / 500_000 - 1) < 0.1, `${slow.bytes.paWritten - before[0]!}`)
    assert.ok(Math.abs((fast.bytes.paWritten - before[1]!) / 2_000_000 - 1) < 0.1, `${fast.bytes.paWritten - before[1]!}`)
  })

  test('who uploads too much is not read until its debt is paid; nothing is dropped', t => {
    const w = world(t, { quota: { ...quota, bytesPerSecond: 100_000, burstBytes: 100_000 } })
    const [greedy, quiet] = [w.join('A'), w.join('B')]
    w.run(100)
    greedy.bytes.paRead += 200_000
    w.run(50)
    assert.deepEqual([greedy.paused, quiet.paused], [true, false])
    w.run(1500)
    assert.equal(greedy.paused, false)
  })

  test('while paused: a trickle for answers, and all of it again afterwards', t => {
    const w = world(t)
    const peer = w.join('A')
    w.run(100)
    w.shares.paused = true
    const before = peer.bytes.paWritten
    peer.resumeWriting()
    w.run(5000)
    assert.equal(peer.paused, true)
    const trickle = peer.bytes.paWritten - before
    assert.ok(trickle > 0 && trickle < 100_000, `${trickle}`)
    w.shares.paused = false
    w.run(5000)
    assert.equal(peer.paused, false)
    assert.ok(peer.bytes.paWritten - before > 2 * MB)
  })

  test('what is not of a peer is not our business: our own browsing through others', t => {
    const w = world(t)
    const own = w.link()
    own.wants = 500_000
    own.resumeWriting()
    w.run(10)
    assert.ok(own.wants < CELL)
  })
})

test('a deal goes round in equal turns, and says who got something', () => {
  const takers = [{ credit: 0 }, { credit: 0 }, { credit: 0 }]
  const [a, b, c] = takers as [{ credit: number }, { credit: number }, { credit: number }]
  assert.deepEqual(
    deal(takers, 20_000, () => 65_536),
    new Set([a, b, c]),
  )
  assert.deepEqual([a.credit, b.credit, c.credit], [8192, 8192, 3616])
  assert.deepEqual(
    deal(takers, 20_000, () => 65_536),
    new Set(),
  )
  assert.deepEqual(
    deal(takers, 1e6, taker => (taker === b ? 0 : 10_000)),
    new Set([a, c]),
  )
  assert.deepEqual([a.credit, b.credit, c.credit], [10_000, 8192, 10_000])
})

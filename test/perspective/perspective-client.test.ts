import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { EndReason } from '../../main/cell/command.ts'
import { StreamRefused } from '../../main/circuit/errors.ts'
import type { Preferences } from '../../main/perspective/candidates.ts'
import { type PerspectiveChoice, parseChoiceName } from '../../main/perspective/choice-name.ts'
import type { Offer } from '../../main/perspective/offers.ts'
import { PerspectiveClient } from '../../main/perspective/perspective-client.ts'
import { listenProxy, type ProxyListener } from '../../main/perspective/proxy-listener.ts'
import type { ProxyRequest } from '../../main/perspective/proxy-target.ts'
import { FakeServer, fp, offer, stream } from './peer-fixture.ts'

const listeners: ProxyListener[] = []
after(() => Promise.all(listeners.map(listener => listener.close())))
const SIGNAL = new AbortController().signal

/** A client in a world of fake servers, all with a clock of the test's own. */
function world(offers: Offer[]) {
  const servers = new Map(offers.map(({ fingerprint }) => [fingerprint, new FakeServer()]))
  const state = {
    now: 1_000_000,
    unlocked: true,
    flags: new Set(['Running', 'Stable']),
    choice: undefined as PerspectiveChoice | undefined,
    preferences: { favourites: [], excluded: [] } as Preferences,
    offers,
    tor: [] as ProxyRequest[],
  }
  const client = new PerspectiveClient({
    offers: () => state.offers,
    open: (one, signal) => servers.get(one.fingerprint)!.open(signal),
    tor: {
      async open(request) {
        state.tor.push(request)
        return { stream: stream(), exit: fp(0xee) }
      },
      resolve: async () => [{ kind: 'address', address: '192.0.2.99', ttl: 1 }],
      stop: async () => {},
    },
    unlocked: () => state.unlocked,
    ownFlags: () => state.flags,
    choice: () => state.choice,
    preferences: () => state.preferences,
    now: () => state.now,
  })
  const server = (n: number) => servers.get(fp(n))!
  const ask = (choice?: PerspectiveChoice, port = 443, user?: string) => client.open({ host: 'a.example', port, user, choice }, SIGNAL)
  const dials = () => [...servers.values()].map(({ dials: count }) => count)
  /** Lets what was begun get as far as it can without time passing. */
  const settle = () => new Promise(resolve => setImmediate(resolve))
  return { client, state, server, ask, dials, settle }
}

const SE = { kind: 'country', country: 'se' } as const
const NO = { kind: 'country', country: 'no' } as const

describe('choosing', () => {
  test('C11: a list is any of its places; emptied or deleted it is nobody, asked about, and nothing else is taken', async () => {
    const { client, state, ask, server } = world([offer(1), offer(2, { country: 'no' }), offer(3, { country: 'jp' })])
    const nordic = { kind: 'list', list: 'nordic' } as const
    state.preferences = { favourites: [], excluded: [], lists: [{ id: 'nordic', places: ['no', fp(1)] }] }
    assert.deepEqual(
      client.candidates(nordic, 443).map(one => one.fingerprint),
      [fp(1), fp(2)],
    )
    state.choice = nordic
    await ask()
    assert.equal(server(1).opened.length + server(2).opened.length, 1)
    state.preferences = { ...state.preferences, lists: [] }
    await assert.rejects(ask(), { code: 'no-relay' })
    assert.deepEqual([client.failover?.wanted, client.failover?.reason], [nordic, 'nobody-offers'])
    await assert.rejects(ask(parseChoiceName('list-nordic')), { code: 'no-relay' })
    assert.equal(server(3).opened.length, 0)
    await client.stop()
  })

  test('the country asked for, the policy that lets the port out, the flags that admit us', () => {
    const { client, state } = world([
      offer(1),
      offer(2, { country: 'no' }),
      offer(3, { policy: 'accept 80' }),
      offer(4, { admits: 'running' }),
    ])
    const found = (choice: PerspectiveChoice, port?: number) => client.candidates(choice, port).map(one => one.fingerprint)
    assert.deepEqual(found(SE, 443), [fp(1), fp(4)])
    assert.deepEqual(found(SE, 80), [fp(1), fp(3), fp(4)])
    assert.deepEqual(found({ kind: 'any' }, 443), [fp(1), fp(2), fp(4)])
    assert.deepEqual(found({ kind: 'relay', fingerprint: fp(2) }), [fp(2)])
    assert.deepEqual(found({ kind: 'tor', country: 'se' }), [])
    state.flags = new Set(['Running'])
    assert.deepEqual(found(SE, 443), [fp(4)], 'before we are Stable')
  })

  test('what is excluded is never used, by relay or by country, and favourites come first', () => {
    const { client, state } = world([offer(1), offer(2), offer(3, { country: 'no' })])
    const found = (choice: PerspectiveChoice) => client.candidates(choice, 443).map(one => one.fingerprint)
    state.preferences = { favourites: [fp(2)], excluded: [] }
    assert.deepEqual(found(SE), [fp(2), fp(1)])
    state.preferences = { favourites: [fp(2)], excluded: [fp(2), 'no'] }
    assert.deepEqual(found({ kind: 'any' }), [fp(1)])
    assert.deepEqual(found({ kind: 'relay', fingerprint: fp(2) }), [])
    assert.deepEqual(found(NO), [])
  })

  test('what is excluded while it is used is left, with its streams', async () => {
    const { client, state, ask, server } = world([offer(1), offer(2)])
    await ask({ kind: 'relay', fingerprint: fp(1) })
    await ask({ kind: 'relay', fingerprint: fp(2) })
    state.preferences = { favourites: [], excluded: [fp(1)] }
    client.maintain()
    assert.deepEqual([server(1).opened[0]!.stream.closed, server(2).opened[0]!.stream.closed], [true, false])
    assert.equal(server(1).links[0]!.closed, true)
  })

  test('nothing chosen, nothing opened', async () => {
    const { ask, dials } = world([offer(1)])
    await assert.rejects(ask(undefined), { code: 'not-allowed' })
    assert.deepEqual(dials(), [0])
  })
})

describe('S13: locked', () => {
  test('nothing is dialled while our own relay is not what is asked', async () => {
    const { ask, state, dials, client } = world([offer(1)])
    state.unlocked = false
    state.choice = SE
    await assert.rejects(ask(SE), { code: 'locked' })
    client.maintain()
    assert.deepEqual(dials(), [0])
    assert.equal(client.failover, undefined)
  })

  test('a live stream ends within 5 s of the lock (at once), and ordinary Tor circuits go on', async () => {
    const { client, state, server } = world([offer(1)])
    const proxy = await listenProxy({ protocol: 'socks5', port: 0, handler: client })
    listeners.push(proxy)
    const open = async (user: string) => {
      const socket = connect({ host: '127.0.0.1', port: proxy.port })
      socket.write(Buffer.concat([Buffer.of(5, 1, 2, 1, user.length), Buffer.from(user), Buffer.of(0)]))
      socket.write(Buffer.from('050100030961 2e6578616d706c65 01bb'.replaceAll(' ', ''), 'hex'))
      let got = 0
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) if ((got += chunk.length) >= 14) break
      return socket
    }
    const [one, tor] = [await open('se'), await open('tor')]
    assert.equal(server(1).opened.length, 1)
    const since = Date.now()
    const ended = once(one, 'close')
    one.resume()
    state.unlocked = false
    client.lock()
    await ended
    assert.ok(Date.now() - since < 5000)
    assert.equal(server(1).links[0]!.closed, true)
    assert.equal(tor.destroyed, false)
    tor.destroy()
    await assert.rejects(client.open({ host: 'a.example', port: 443, user: 'se', choice: SE }, SIGNAL), { code: 'locked' })
  })
})

describe('failover', () => {
  test('within the country, in order of promise, and no farther', async () => {
    const { ask, server, client } = world([offer(1), offer(2), offer(3, { country: 'no' })])
    server(1).behaviour = 'unreachable'
    await ask(SE)
    assert.equal(server(2).opened.length, 1)
    server(2).behaviour = { status: 11, retryAfter: 30 }
    server(2).links[0]!.close('gone')
    await assert.rejects(ask(SE), { code: 'not-allowed' })
    assert.equal(server(3).dials, 0, 'Norway was not asked for')
    assert.equal(client.failover, undefined, 'a user name that names a country is no question')
  })

  test('when the chosen country has nobody left a question is asked, and nothing changes without an answer', async () => {
    const { ask, server, client, state, dials } = world([offer(1), offer(2, { country: 'no' }), offer(3, { country: 'no' })])
    state.choice = SE
    server(1).behaviour = 'unreachable'
    await assert.rejects(ask(), { code: 'network-unreachable' })
    assert.deepEqual(client.failover, { wanted: SE, at: state.now, reason: 'unreachable' })
    assert.deepEqual(client.reachableCountries(), [{ country: 'no', relays: 2 }])
    await assert.rejects(ask(), { code: 'network-unreachable' })
    assert.deepEqual(dials().slice(1), [0, 0])
    client.declineFailover()
    assert.equal(client.failover, undefined)
    state.now += 10_000
    await assert.rejects(ask(), { code: 'network-unreachable' })
    assert.equal(client.failover, undefined, 'said no once: not asked again')
    state.choice = NO
    client.choiceChanged()
    await ask()
    assert.equal(server(2).opened.length + server(3).opened.length, 1)
  })

  test('a country that nobody offers, and a relay that refuses, are asked about too', async () => {
    const { ask, server, client, state, settle } = world([offer(1)])
    state.choice = NO
    await assert.rejects(ask(), { code: 'no-relay' })
    assert.equal(client.failover!.reason, 'nobody-offers')
    state.choice = { kind: 'relay', fingerprint: fp(1) }
    client.maintain()
    assert.equal(client.failover, undefined, 'another choice ends the question')
    await settle()
    server(1).links[0]!.close('gone')
    server(1).behaviour = { status: 9, retryAfter: 3600 }
    state.now += 5000
    await assert.rejects(ask(), { code: 'not-allowed' })
    assert.equal(client.failover!.reason, 'refused')
  })

  test('the question comes by itself after a few seconds, and goes when somebody can be had', async () => {
    const { server, client, state, settle } = world([offer(1)])
    state.choice = SE
    server(1).behaviour = 'unreachable'
    client.maintain()
    await settle()
    assert.equal(client.failover, undefined, 'not for a moment’s trouble')
    for (let i = 0; i < 6; i++) {
      state.now += 1000
      client.maintain()
      await settle()
    }
    assert.equal(client.failover!.reason, 'unreachable')
    server(1).behaviour = 'fine'
    state.now += 60_000
    client.maintain()
    await settle()
    client.maintain()
    assert.equal(client.failover, undefined)
  })

  test('a port that nobody lets out is not a reason to ask', async () => {
    const { ask, client, state } = world([offer(1)])
    state.choice = SE
    await assert.rejects(ask(undefined, 22), { code: 'not-allowed' })
    assert.equal(client.failover, undefined)
  })

  test('what is wrong with the destination is said at once, without trying others', async () => {
    const { ask, server, dials } = world([offer(1), offer(2)])
    for (const [reason, code] of [
      [EndReason.RESOLVEFAILED, 'name-unknown'],
      [EndReason.CONNECTREFUSED, 'connection-refused'],
      [EndReason.TIMEOUT, 'timeout'],
      [EndReason.NOROUTE, 'host-unreachable'],
    ] as const) {
      server(1).streams = new StreamRefused(reason, 'x')
      await assert.rejects(ask(SE), { code })
    }
    server(1).streams = new StreamRefused(EndReason.EXITPOLICY, 'x')
    assert.deepEqual(dials(), [1, 0])
    await ask(SE)
    assert.equal(server(2).opened.length, 1, 'a policy is the relay’s own')
  })

  test('a session that died unnoticed is replaced once', async () => {
    const { ask, server } = world([offer(1)])
    await ask(SE)
    const broken = server(1).links[0]!
    server(1).streams = new Error('the link is gone')
    const original = server(1).open.bind(server(1))
    server(1).open = signal => {
      server(1).streams = 'fine'
      return original(signal)
    }
    const opening = ask(SE)
    broken.close('gone')
    await opening
    assert.equal(server(1).dials, 2)
    assert.equal(server(1).opened.length, 2)
  })
})

describe('warm links', () => {
  test('the chosen and the favourite are opened in advance, so that the first stream waits for nothing', async () => {
    const { client, state, ask, dials, settle, server } = world([
      offer(1),
      offer(2, { country: 'no' }),
      offer(3, { country: 'dk' }),
      offer(4, { country: 'fi' }),
    ])
    state.choice = SE
    state.preferences = { favourites: ['no', fp(3)], excluded: [] }
    client.choiceChanged()
    await settle()
    assert.deepEqual(dials(), [1, 1, 1, 0])
    assert.equal(client.session(fp(1)).state, 'open')
    await ask()
    assert.equal(server(1).dials, 1)
    assert.deepEqual(client.session(fp(1)), { state: 'open', streams: 1 })
  })

  test('while the best server keeps silent the second best is made ready, and used', async () => {
    const { client, state, ask, settle, server } = world([offer(1), offer(2)])
    state.choice = SE
    server(1).behaviour = 'silent'
    client.choiceChanged()
    await settle()
    assert.deepEqual([client.session(fp(1)).state, client.session(fp(2)).state], ['opening', 'open'])
    await ask()
    assert.equal(server(2).opened.length, 1)
    await client.stop()
  })

  test('they are reopened with growing pauses, not before the server’s own time, and released when not wanted', async () => {
    const { client, state, settle, server } = world([offer(1)])
    state.choice = SE
    server(1).behaviour = 'unreachable'
    const dialled: number[] = []
    const start = state.now
    for (; state.now < start + 40_000; state.now += 1000) {
      const before = server(1).dials
      client.maintain()
      await settle()
      if (server(1).dials > before) dialled.push((state.now - start) / 1000)
    }
    assert.deepEqual(dialled, [0, 2, 6, 14, 30])
    server(1).behaviour = { status: 10, retryAfter: 600 }
    state.now += 30_000
    client.maintain()
    await settle()
    assert.equal(server(1).dials, 6)
    state.now += 599_000
    client.maintain()
    await settle()
    assert.equal(server(1).dials, 6, 'it asked for ten minutes')
    server(1).behaviour = 'fine'
    state.now += 1000
    client.maintain()
    await settle()
    assert.equal(client.session(fp(1)).state, 'open')
    state.choice = undefined
    client.choiceChanged()
    state.now += 300_000
    client.maintain()
    assert.equal(client.session(fp(1)).state, undefined)
  })

  test('a new consensus forgives refusals that came from the old one', async () => {
    const { client, state, settle, server } = world([offer(1)])
    state.choice = SE
    server(1).behaviour = { status: 2, retryAfter: 300 }
    client.maintain()
    await settle()
    server(1).behaviour = 'fine'
    state.now += 2000
    client.noteConsensus()
    client.maintain()
    await settle()
    assert.equal(client.session(fp(1)).state, 'open')
  })
})

describe('several perspectives at once', () => {
  test('each user name has its own, sharing the session to a relay', async () => {
    const { ask, server, client } = world([offer(1), offer(2, { country: 'no' })])
    await Promise.all([ask(SE, 443, 'se'), ask(NO, 443, 'no'), ask({ kind: 'relay', fingerprint: fp(1) }, 443, `$${fp(1)}`)])
    assert.deepEqual([server(1).dials, server(1).opened.length, server(2).opened.length], [1, 2, 1])
    assert.deepEqual(
      client.usage
        .active()
        .map(({ fingerprint, streams, mode }) => [fingerprint, streams, mode])
        .sort(),
      [
        [fp(1), 2, 'one-hop'],
        [fp(2), 1, 'one-hop'],
      ],
    )
  })

  test('another choice ends the streams of the old one, not those that a user name asked for', async () => {
    const { ask, server, client, state } = world([offer(1), offer(2, { country: 'no' })])
    state.choice = SE
    await ask()
    await ask(SE, 443, 'se')
    state.choice = NO
    client.choiceChanged()
    assert.deepEqual(
      server(1).opened.map(one => one.stream.closed),
      [true, false],
    )
  })

  test('the way through Tor is taken only where it was asked for, and says which exit it uses', async () => {
    const { ask, state, dials, client } = world([offer(1)])
    await ask(parseChoiceName('tor-se+work'), 443, 'tor-se+work')
    assert.deepEqual(
      state.tor.map(({ user, choice }) => [user, choice]),
      [['tor-se+work', { kind: 'tor', country: 'se' }]],
    )
    assert.deepEqual(dials(), [0])
    assert.deepEqual(
      client.usage.active().map(({ fingerprint, mode }) => [fingerprint, mode]),
      [[fp(0xee), 'tor']],
    )
  })
})

test('names are looked up where the choice leads', async () => {
  const { client, server, state } = world([offer(1)])
  const request = { host: 'a.example', port: 0, user: undefined, choice: undefined }
  await assert.rejects(client.resolve(request, SIGNAL), { code: 'not-allowed' })
  state.choice = SE
  assert.equal(await client.resolve(request, SIGNAL), '198.51.100.7')
  server(1).answers = [{ kind: 'error', transient: false, ttl: 0 }]
  await assert.rejects(client.resolve(request, SIGNAL), { code: 'name-unknown' })
  assert.equal(await client.resolve({ ...request, choice: { kind: 'tor' } }, SIGNAL), '192.0.2.99')
})

test('what was used is counted by relay, live streams included', async () => {
  const { ask, server, client } = world([offer(1)])
  await ask(SE)
  await ask(SE)
  const [one, two] = server(1).opened.map(entry => entry.stream)
  one!.resume()
  one!.deliver(Buffer.alloc(1000))
  one!.abort()
  two!.deliver(Buffer.alloc(30))
  assert.deepEqual(client.usage.totals(), [{ fingerprint: fp(1), mode: 'one-hop', streams: 2, read: 1030, written: 0 }])
  assert.deepEqual(client.usage.active(), [{ fingerprint: fp(1), mode: 'one-hop', streams: 1, read: 30, written: 0 }])
  await client.stop()
  assert.deepEqual(client.usage.active(), [])
  assert.equal(client.usage.totals()[0]!.read, 1030)
})

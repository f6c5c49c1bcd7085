import assert from 'node:assert/strict'
import { afterEach, before, beforeEach, describe, test } from 'node:test'
import { DirectoryClient } from '../../main/directory/client.ts'
import { HttpHeaders } from '../../main/directory/http.ts'
import { type Publication, Publisher } from '../../main/directory/publisher.ts'
import { FakeAuthority, makeAuthority, RELAYS, type TinyAuthority } from './tiny-network.ts'

const [RELAY, OTHER] = RELAYS as [(typeof RELAYS)[number], (typeof RELAYS)[number]]
const PUBLICATION: Publication = {
  fingerprint: RELAY.fingerprint,
  descriptor: RELAY.text,
  extraInfo: 'extra-info x\n',
  reason: 'a test\r\nEvil: header',
}

describe('publishing our descriptor', () => {
  let keys: TinyAuthority
  let servers: FakeAuthority[]
  before(async () => {
    keys = await makeAuthority(Date.now())
  })
  beforeEach(async () => {
    servers = await Promise.all([1, 2, 3].map(() => new FakeAuthority(keys, Date.now).start()))
    for (const server of servers) server.view.relays = []
  })
  afterEach(() => Promise.all(servers.map(server => server.stop())))

  const publisher = (attempts = 3): Publisher =>
    new Publisher({ authorities: servers.map(server => server.dirAuthority), client: new DirectoryClient(), attempts, retryDelayMs: 10 })

  /** Takes an upload as an authority does. */
  const take = (server: FakeAuthority): void => {
    server.intercept = (path, request) => {
      if (request.method !== 'POST' || path !== '/tor/') return undefined
      assert.equal(request.body.toString(), RELAY.text + PUBLICATION.extraInfo)
      assert.equal(request.headers.get('X-Desc-Gen-Reason'), 'a test Evil: header')
      server.view.relays = [RELAY]
      return { status: 200, reason: '[None]' }
    }
  }

  test('goes to every authority with its extra-info and is read back byte for byte', async () => {
    for (const server of servers) take(server)
    const seen: string[] = []
    const results = await publisher().publish(PUBLICATION, { onResult: result => seen.push(result.outcome) })
    assert.deepEqual(
      results.map(({ outcome, answer, confirmed }) => ({ outcome, answer, confirmed })),
      new Array(3).fill({ outcome: 'accepted', answer: '200 [None]', confirmed: true }),
    )
    assert.equal(seen.length, 3)
    assert.deepEqual(servers[0]!.requests, ['POST /tor/', `GET /tor/server/fp/${RELAY.fingerprint}`])
  })

  test('each authority has its own answer: dropped silently, kept the old one, refused', async () => {
    const [dropping, keeping, refusing] = servers as [FakeAuthority, FakeAuthority, FakeAuthority]
    dropping.intercept = (_path, request) => (request.method === 'POST' ? { status: 200, reason: '[None]' } : undefined)
    keeping.view.relays = [OTHER]
    keeping.intercept = (_path, request) => {
      if (request.method !== 'POST') return { status: 200, reason: 'OK', body: OTHER.text }
      return { status: 200, reason: 'OK', headers: new HttpHeaders({ 'X-Descriptor-Not-New': 'Yes' }) }
    }
    refusing.intercept = (_path, request) =>
      request.method === 'POST' ? { status: 400, reason: `Missing TAP key ${'x'.repeat(400)}` } : undefined
    const results = await publisher().publish(PUBLICATION)
    assert.deepEqual(
      results.map(result => [result.outcome, result.confirmed]),
      [
        ['rejected', false],
        ['not-new', false],
        ['rejected', false],
      ],
    )
    assert.match(results[0]!.answer, /not kept/)
    assert.match(results[2]!.answer, /^400 Missing TAP key x+$/)
    assert.equal(results[2]!.answer.length, 200)
  })

  test('one that is busy is asked again; one that is gone is unreachable', async () => {
    const [busy, gone, fine] = servers as [FakeAuthority, FakeAuthority, FakeAuthority]
    let posts = 0
    take(fine)
    take(busy)
    const { intercept } = busy
    busy.intercept = (path, request) =>
      request.method === 'POST' && ++posts < 3 ? { status: 503, reason: 'Directory busy' } : intercept?.(path, request)
    const authorities = servers.map(server => server.dirAuthority)
    await gone.stop()
    const results = await new Publisher({ authorities, client: new DirectoryClient(), retryDelayMs: 10 }).publish(PUBLICATION)
    assert.deepEqual(
      results.map(result => result.outcome),
      ['accepted', 'unreachable', 'accepted'],
    )
    assert.equal(posts, 3)
  })

  test('ends when it is given up', async () => {
    for (const server of servers) server.intercept = () => ({ status: 503, reason: 'Directory busy' })
    const abort = new AbortController()
    const publishing = new Publisher({
      authorities: servers.map(server => server.dirAuthority),
      client: new DirectoryClient(),
      retryDelayMs: 60_000,
    }).publish(PUBLICATION, { signal: abort.signal })
    setTimeout(() => abort.abort(), 50)
    assert.ok((await publishing).every(result => result.outcome === 'unreachable'))
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { App } from '../../main/app/app.ts'
import { ContributionBook } from '../../main/app/contribution-book.ts'
import { Log } from '../../main/lib/log.ts'
import { type AppState, appState } from '../../shared/state.ts'
import { connectSocks } from './socks.ts'
import { until } from './stock-node.ts'

const MB = 1_000_000

describe('the whole app in the practice network, as a peer', { timeout: 300_000 }, () => {
  let folder: string
  let app: App
  let site: URL
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-peer-'))
    app = new App({
      host: 'headless',
      version: '0.0.0',
      network: { kind: 'practice' },
      dataFolder: folder,
      acceptConsent: { relay: true, perspective: true },
      overrides: { socksPort: 0, httpPort: 0 },
      log: new Log(),
    })
    await app.start()
    site = new URL(app.state.network.site!)
    await unlocked()
  })
  after(async () => {
    await app?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const see = (what: string, holds: (state: AppState) => boolean, ms = 20_000) => until(what, () => holds(app.state), ms, 50)
  const unlocked = () => see('it is unlocked', state => state.perspective.locks.length === 0, 120_000)
  async function call(name: string, argument?: unknown): Promise<unknown> {
    const answer = await app.call(name, argument)
    assert.ok(answer.ok, `${name}: ${JSON.stringify(answer)}`)
    return answer.result
  }
  const open = (user?: string) => connectSocks(app.state.perspective.socks!.port, site.hostname, Number(site.port), user)
  async function fetchOver(socket: Socket, path: string): Promise<Buffer> {
    socket.write(`GET ${path} HTTP/1.0\r\nHost: ${site.host}\r\n\r\n`)
    const parts: Buffer[] = []
    for await (const part of socket) parts.push(part as Buffer)
    const answer = Buffer.concat(parts)
    return answer.subarray(answer.indexOf('\r\n\r\n') + 4)
  }
  const seenFrom = async (user?: string) =>
    JSON.parse((await fetchOver(await open(user), '/json')).toString()) as { address: string; country: string; relay: string }
  /** A download that nobody reads to the end, so that it is alive until it is ended. */
  async function liveStream(user?: string): Promise<{ ended: Promise<number> }> {
    const socket = await open(user)
    socket.write(`GET /bytes/${500 * MB} HTTP/1.0\r\nHost: ${site.host}\r\n\r\n`)
    await once(socket, 'data')
    socket.on('error', () => {}).resume()
    return { ended: once(socket, 'close').then(() => Date.now()) }
  }

  test('S1 S9: the chosen country is linked before the first page, seen by the site, and proved by whereAmI', async () => {
    await call('perspective.choose', { kind: 'country', country: 'se' })
    const swedish = () => app.state.perspective.relays.filter(relay => relay.country === 'se')
    await see('a link to Sweden', () => swedish().some(relay => relay.session === 'open'), 45_000).catch(error => {
      throw new Error(`${error.message}; ${JSON.stringify(swedish())}`)
    })
    const linked = app.state.perspective.relays.filter(relay => relay.session === 'open')
    assert.ok(linked.every(relay => relay.country === 'se' && relay.latency !== undefined))
    const { address, country } = await seenFrom()
    assert.equal(country, 'se')
    const told = (await call('perspective.whereAmI')) as { address: string; by: string }
    assert.deepEqual(told, { address, by: 'practice site', country: 'se' })
    assert.ok(appState.safeParse(app.state).success)
  })

  test('C4: several perspectives at once, one per user name, the slower way through Tor among them', async () => {
    const countries = [...new Set(app.state.perspective.relays.map(relay => relay.country))].filter(country => country !== 'se').slice(0, 2)
    assert.ok(app.state.perspective.torFallback.some(({ country }) => country === 'se'))
    const users = [...countries, 'se', 'tor-se+work', 'tor-se+home']
    const seen = await Promise.all(users.map(user => seenFrom(user)))
    assert.deepEqual(
      seen.map(({ country }) => country),
      [...countries, 'se', 'se', 'se'],
    )
  })

  test('S9 T7: names are looked up at the far end, which tells no private address, not even of the practice world', async () => {
    const lookUp = async (text: string) => {
      const socket = connect({ host: '127.0.0.1', port: app.state.perspective.socks!.port })
      const name = Buffer.from(text)
      socket.write(Buffer.concat([Buffer.of(5, 1, 0, 5, 0xf0, 0, 3, name.length), name, Buffer.of(0, 0)]))
      const parts: Buffer[] = []
      for await (const part of socket) parts.push(part as Buffer)
      return Buffer.concat(parts)
    }
    assert.equal((await lookUp('practice.test')).toString('hex', 0, 4), '05000504')
    assert.equal((await lookUp('nowhere.test')).toString('hex', 0, 4), '05000504')
    assert.equal((await lookUp('192.0.2.7')).toString('hex'), '050005000001c00002070000')
  })

  test('the configuration file leads a browser through the choice, and the password shuts out who does not know it', async () => {
    const { pac, http } = app.state.perspective
    const text = await (await fetch(pac!)).text()
    assert.match(text, new RegExp(`PROXY 127\\.0\\.0\\.1:${http!.port}`))
    assert.doesNotMatch(text, /DIRECT/)
    await call('settings.update', { proxySecret: true })
    await see('a password', state => state.perspective.secret !== undefined)
    await assert.rejects(open())
    await assert.rejects(open('se'))
    const socket = await connectSocks(
      app.state.perspective.socks!.port,
      site.hostname,
      Number(site.port),
      'se',
      app.state.perspective.secret,
    )
    assert.equal(JSON.parse((await fetchOver(socket, '/json')).toString()).country, 'se')
    await call('settings.update', { proxySecret: false })
    assert.equal((await seenFrom()).country, 'se')
    assert.equal(app.state.perspective.secret, undefined)
  })

  test('a country that nobody offers is a question; nothing goes elsewhere until it is answered', async () => {
    await call('perspective.choose', { kind: 'country', country: 'aq' })
    await assert.rejects(open())
    await see('the question', state => state.perspective.failover !== undefined)
    const { failover } = app.state.perspective
    assert.deepEqual([failover!.wanted, failover!.reason, failover!.tor], [{ kind: 'country', country: 'aq' }, 'nobody-offers', false])
    assert.ok(failover!.countries.some(({ country }) => country === 'se'))
    await call('perspective.failover', {})
    assert.equal(app.state.perspective.failover, undefined)
    await assert.rejects(open())
    assert.equal(app.state.perspective.failover, undefined)
    await call('perspective.choose', { kind: 'country', country: 'zz' })
    await assert.rejects(open())
    await call('perspective.failover', { take: { kind: 'country', country: 'se' } })
    assert.equal((await seenFrom()).country, 'se')
    await call('settings.update', { excluded: ['se'] })
    await assert.rejects(open('se'))
    await call('settings.update', { excluded: [] })
  })

  test('S13: a live stream ends within 5 s when perspective access is withdrawn while the relay runs', async () => {
    const live = await liveStream('se')
    const since = Date.now()
    await call('settings.update', { paPort: 'off' })
    assert.ok((await live.ended) - since < 5000)
    await assert.rejects(open('se'))
    await see('the lock', state => state.perspective.locks.includes('pa-off'))
    await call('settings.update', { paPort: 9040 })
    await unlocked()
    assert.equal((await seenFrom('se')).country, 'se')
  })

  test('S13: a live stream ends within 5 s when the relay stops; the book keeps what was used, by day and relay, and nothing else', async () => {
    const live = await liveStream('se')
    const since = Date.now()
    await call('relay.stop')
    assert.ok((await live.ended) - since < 5000)
    await assert.rejects(open('se'))
    const { days } = (await call('contribution.get')) as { days: { usedPeers: { read: number; nickname?: string }[]; taken: number }[] }
    assert.ok(days.at(-1)!.usedPeers.some(({ read, nickname }) => read > 0 && nickname !== undefined))
    const { name, text } = (await call('contribution.csv')) as { name: string; text: string }
    assert.match(name, /^vantage-contribution-\d{4}-\d\d-\d\d\.csv$/)
    assert.match(text, /,perspective_used,[0-9A-F]{40},\d+,\d+,\d+,,,,,\r\n/)
    await app.stop()
    const book = await ContributionBook.load(folder, { now: Date.now(), retentionDays: () => 400 })
    assert.equal(
      book.total.taken,
      days.reduce((sum, day) => sum + day.taken, 0),
    )
    assert.ok(book.total.or.written > 0)
  })
})

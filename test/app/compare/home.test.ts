import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { homeHandler } from '../../../main/app/compare/home.ts'
import { fetchPage } from '../../../main/app/compare/page-fetch.ts'
import type { WebWay } from '../../../main/app/compare/web-exchange.ts'
import type { Resolver } from '../../../main/net/resolver.ts'
import { answer, WebServer } from './web-server.ts'

describe('the own line', () => {
  let server: WebServer
  before(async () => {
    server = await WebServer.start(
      (socket, request) => {
        const to = /^GET \/to\?(\S+)/.exec(request)?.[1]
        socket.write(to ? answer('', `Location: ${decodeURIComponent(to)}\r\n`, '302 Found') : answer('home'))
      },
      undefined,
      '127.0.0.9',
    )
  })
  after(() => server.close())

  /** Leads out of this test's world: one address may be dialled although it is private, as the practice site may. */
  function home(names: Record<string, string[]>, allowed = (address: string) => address === '127.0.0.9'): { way: WebWay; asked: string[] } {
    const asked: string[] = []
    const resolver: Resolver = {
      resolve: async name => {
        asked.push(name)
        return (names[name] ?? []).map(address => ({ address, ttl: 60 }))
      },
      reverse: async () => [],
    }
    const handler = homeHandler({
      resolver,
      allowPrivate: allowed,
      isOwnAddress: address => address === '198.51.100.99',
      localAddress: () => undefined,
    })
    return { way: { handler, choice: { kind: 'any' }, user: 'home', isHome: true }, asked }
  }
  const look = async (url: string, way: WebWay) => (await fetchPage(url, { way, signal: new AbortController().signal })).failure

  test('T6 T7: no private address is dialled, however it is written or named, at first or after a redirect', async () => {
    const { way, asked } = home({
      'lan.example': ['192.168.1.1'],
      'mixed.example': ['10.0.0.1', 'fd00::1'],
      'metadata.example': ['169.254.169.254'],
    })
    const at = `:${server.port}/`
    for (const host of [
      '127.0.0.1',
      '192.168.0.1',
      '10.1.2.3',
      '169.254.169.254',
      '100.64.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[fe80::1]',
      '0.0.0.0',
    ])
      assert.equal(await look(`http://${host}${at}`, way), 'private', host)
    // The URL standard makes ordinary addresses of these.
    for (const host of ['0x7f.1', '2130706433', '127.1', '017700000001'])
      assert.equal(await look(`http://${host}${at}`, way), 'private', host)
    for (const host of ['lan.example', 'mixed.example', 'metadata.example'])
      assert.equal(await look(`http://${host}${at}`, way), 'private', host)
    assert.equal(await look(`http://198.51.100.99${at}`, way), 'private', 'our own published address')
    const before = asked.length
    for (const host of ['localhost', 'router.local', 'printer', 'x.internal', 'hidden.onion'])
      assert.equal(await look(`http://${host}${at}`, way), 'name-unknown', host)
    assert.equal(asked.length, before, 'such names are not even looked up')
    assert.deepEqual(server.requests, [])
  })

  test('T6: a page that may be read cannot lead into the own network', async () => {
    const { way } = home({ 'site.example': ['127.0.0.9'], 'rebound.example': ['127.0.0.1'] })
    // 127.0.0.9 is what may be reached here, as a public address would be.
    const site = `http://site.example:${server.port}`
    assert.equal(await look(`${site}/`, way), undefined)
    for (const to of [
      `http://127.0.0.1:${server.port}/`,
      `http://rebound.example:${server.port}/`,
      'http://[::1]/',
      'http://192.168.0.1/admin',
    ]) {
      const before = server.requests.length
      assert.equal(await look(`${site}/to?${encodeURIComponent(to)}`, way), 'private', to)
      assert.equal(server.requests.length, before + 1, 'only the redirect was asked for')
    }
  })
})

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fetchPage, type PageFetchOptions } from '../../../main/app/compare/page-fetch.ts'
import { sha256 } from '../../../main/crypto/digest.ts'
import { WebAuthority } from '../../../main/crypto/web-authority.ts'
import { makeLinkCertificate } from '../../../main/crypto/x509.ts'
import { type ProxyRefusal, ProxyRefused, type ProxyRequest } from '../../../main/perspective/proxy-target.ts'
import { compareColumn } from '../../../shared/compare.ts'
import { answer, type Behaviour, WebServer } from './web-server.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serve(behave: Behaviour, ...rest: [certificate?: ReturnType<typeof makeLinkCertificate>]): Promise<WebServer> {
  const server = await WebServer.start(behave, ...rest)
  ends.push(() => server.close())
  return server
}

/** What a column says of an address, checked by the contract. */
async function look(url: string, server: WebServer, options: Partial<PageFetchOptions> = {}) {
  const column = await fetchPage(url, { way: server.way(), signal: new AbortController().signal, ...options })
  return compareColumn.parse(column)
}
const URL_HTTP = 'http://news.example/a?b#c'

describe('a page as one place sees it', () => {
  test('status, headers worth comparing, size, hash, title, text and times', async () => {
    const html = '<title>News</title><p>Hello'
    const server = await serve((socket, _) =>
      socket.write(
        answer(html, 'Content-Type: text/html\r\nServer: x\u202e\r\nSet-Cookie: b=secret\r\nSet-Cookie: a=1; Path=/\r\nX-Other: y\r\n'),
      ),
    )
    const asked: ProxyRequest[] = []
    const through: string[] = []
    const { hops, page, failure } = await look(URL_HTTP, server, {
      way: server.way(asked, 'A'.repeat(40)),
      onThrough: fingerprint => through.push(fingerprint),
    })
    assert.equal(failure, undefined)
    const [hop] = hops
    assert.equal(hop!.url, 'http://news.example/a?b')
    assert.equal(hop!.status, 200)
    assert.equal(hop!.address, '192.0.2.80')
    assert.deepEqual(
      hop!.headers.filter(({ name }) => name !== 'server'),
      [
        { name: 'content-type', value: 'text/html' },
        { name: 'set-cookie', value: 'a, b' },
      ],
    )
    assert.ok(hop!.connectMs! >= 0 && hop!.firstByteMs! >= 0)
    assert.deepEqual(page, {
      bytes: html.length,
      hash: sha256(Buffer.from(html)).toString('hex'),
      title: 'News',
      lines: ['Hello'],
      cut: false,
    })
    assert.deepEqual(asked, [{ host: 'news.example', port: 80, user: 'test', choice: { kind: 'country', country: 'se' } }])
    assert.deepEqual(through, ['A'.repeat(40)])
  })

  test('nothing of the person is in the request, and every column asks alike', async () => {
    const server = await serve(socket => socket.write(answer('x')))
    await look('http://user:secret@news.example/', server)
    await look('http://news.example/', server)
    const [first, second] = server.requests
    assert.equal(first, second)
    assert.match(first!, /^GET \/ HTTP\/1\.1\r\nHost: news\.example\r\n/)
    assert.doesNotMatch(first!, /secret|vantage|electron|node|cookie|authorization|referer/i)
  })

  test('gzip is unpacked before it is hashed; other packings are not asked for and said to be undecodable', async () => {
    const server = await serve((socket, request) =>
      socket.write(
        request.includes('/br') ? answer('x', 'Content-Encoding: br\r\n') : answer(gzipSync('hello'), 'Content-Encoding: gzip\r\n'),
      ),
    )
    const plain = await serve(socket => socket.write(answer('hello')))
    const packed = await look('http://a.example/', server)
    assert.equal(packed.page!.hash, (await look('http://a.example/', plain)).page!.hash)
    assert.equal((await look('http://a.example/br', server)).failure, 'undecodable')
  })
})

describe('redirects', () => {
  const redirect = (to: string, status = '302 Found') => answer('', `Location: ${to}\r\n`, status)

  test('are followed, each a fact of its own, over the same relay', async () => {
    const server = await serve((socket, request) => {
      if (request.startsWith('GET /a')) socket.write(redirect('/b', '301 Moved'))
      else if (request.startsWith('GET /b')) socket.write(redirect('//other.example:8080/c#d', '307 x'))
      else socket.write(answer('there'))
    })
    const asked: ProxyRequest[] = []
    const { hops, page } = await look('http://news.example/a', server, { way: server.way(asked, 'B'.repeat(40)) })
    assert.deepEqual(
      hops.map(({ url, status, location }) => [url, status, location]),
      [
        ['http://news.example/a', 301, '/b'],
        ['http://news.example/b', 307, '//other.example:8080/c#d'],
        ['http://other.example:8080/c', 200, undefined],
      ],
    )
    assert.equal(page!.lines[0], 'there')
    assert.deepEqual(
      asked.map(({ host, port, choice }) => [host, port, choice!.kind]),
      [
        ['news.example', 80, 'country'],
        ['news.example', 80, 'relay'],
        ['other.example', 8080, 'relay'],
      ],
    )
  })

  test('in a circle, without end, and to what is no web address are ends', async () => {
    let count = 0
    const server = await serve((socket, request) => {
      const path = request.split(' ')[1]!
      if (path === '/circle') socket.write(redirect('/circle#again'))
      else if (path === '/endless') socket.write(redirect(`/endless?${++count}`))
      else if (path.startsWith('/endless')) socket.write(redirect(`/endless?${++count}`))
      else if (path === '/file') socket.write(redirect('file:///etc/passwd'))
      else if (path === '/script') socket.write(redirect('javascript:alert(1)'))
      else if (path === '/long') socket.write(redirect(`/${'x'.repeat(3000)}`))
      else if (path === '/mail') socket.write(redirect('http://mail.example:25/'))
      else socket.write(redirect('http://news.example:6000/'))
    })
    const failure = async (path: string) => (await look(`http://news.example${path}`, server)).failure
    assert.equal(await failure('/circle'), 'redirect-loop')
    assert.equal(await failure('/endless'), 'redirects')
    assert.equal(count, 6)
    assert.equal(await failure('/file'), 'redirect-elsewhere')
    assert.equal(await failure('/script'), 'redirect-elsewhere')
    assert.equal(await failure('/long'), 'redirect-elsewhere')
    assert.equal(await failure('/mail'), 'port')
    assert.equal(await failure('/x11'), 'port')
  })

  test('without a place to go are pages', async () => {
    const server = await serve(socket => socket.write(answer('moved', '', '302 Found')))
    const { failure, hops, page } = await look('http://news.example/', server)
    assert.deepEqual([failure, hops[0]!.status, page!.lines], [undefined, 302, ['moved']])
  })
})

describe('hostile servers', () => {
  const endless = (start: string, piece: string) => (socket: Socket) => {
    socket.write(start)
    const write = () => {
      while (!socket.destroyed && socket.write(piece));
      if (!socket.destroyed) socket.once('drain', write)
    }
    write()
  }
  const cases: [name: string, behave: Behaviour, failure: string, status?: number][] = [
    ['headers without end', endless('HTTP/1.1 200 OK\r\n', 'A: b\r\n'), 'head-too-large'],
    ['one header without end', endless('HTTP/1.1 200 OK\r\nA: ', 'x'.repeat(1000)), 'head-too-large'],
    ['a body without end', endless('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(10_000)), 'body-too-large', 200],
    [
      'chunks of a byte without end',
      endless('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'.repeat(500)),
      'body-too-large',
      200,
    ],
    [
      'a packed bomb',
      socket => socket.write(answer(gzipSync(Buffer.alloc(60_000_000)), 'Content-Encoding: gzip\r\n')),
      'body-too-large',
      200,
    ],
    ['what is not gzip', socket => socket.write(answer('no', 'Content-Encoding: gzip\r\n')), 'undecodable', 200],
    ['another protocol', socket => socket.write('220 mail.example ESMTP\r\n\r\n'), 'malformed'],
    ['silence, then the end', socket => socket.end(), 'closed'],
    ['half an answer', socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'), 'closed', 200],
    ['a reset', socket => void socket.resetAndDestroy(), 'closed'],
  ]
  for (const [name, behave, failure, status] of cases)
    test(`T10: ${name}: ${failure}, and the connection is gone`, async () => {
      const server = await serve(behave)
      const column = await look('http://news.example/', server)
      assert.equal(column.failure, failure)
      assert.equal(column.hops[0]!.status, status)
      assert.equal(column.page, undefined)
      await server.left()
    })

  test('T9: a server that is slow for ever ends with the time', async () => {
    const timers: NodeJS.Timeout[] = []
    ends.push(() => timers.forEach(clearInterval))
    const server = await serve(socket => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      timers.push(setInterval(() => socket.write('.'), 20))
    })
    const column = await look('http://news.example/', server, { limits: { exchangeMs: 300 } })
    assert.equal(column.failure, 'timeout')
    const silent = await serve(() => {})
    assert.equal((await look('http://news.example/', silent, { limits: { columnMs: 200 } })).failure, 'timeout')
    await server.left()
    await silent.left()
  })

  test('what is cancelled ends at once, and leaves nothing open', async () => {
    const ending = new AbortController()
    const server = await serve(() => ending.abort())
    const column = await look('http://news.example/', server, { signal: ending.signal })
    assert.equal(column.failure, 'cancelled')
    await server.left()
  })
})

test('what a perspective refuses is told as what it is', async () => {
  const failures = Object.entries({
    'not-allowed': 'refused',
    locked: 'locked',
    'no-relay': 'no-relay',
    'name-unknown': 'name-unknown',
    timeout: 'timeout',
    'connection-refused': 'connection-refused',
    'network-unreachable': 'unreachable',
    general: 'other',
  } satisfies Partial<Record<ProxyRefusal, string>>)
  for (const [code, failure] of failures) {
    const handler = { open: () => Promise.reject(new ProxyRefused(code as ProxyRefusal)) }
    const way = { handler, choice: { kind: 'tor' } as const, user: 'x', isHome: false }
    const signal = new AbortController().signal
    const column = await fetchPage('http://news.example/', { way, signal })
    assert.equal(column.failure, failure)
    assert.equal(column.hops.length, 1)
    assert.equal((await fetchPage('http://new%20s.example/', { way, signal }).catch(() => undefined))?.failure ?? 'none', 'other')
  }
})

describe('certificates', () => {
  const now = Date.now()
  const authority = new WebAuthority('Test', 'Test authority', now)
  const extraRoots = [authority.certPem]

  test('of a trusted issuer, for the name: a page, and what the certificate says', async () => {
    const certificate = authority.issue('News', ['news.example', '192.0.2.80'], now)
    const server = await serve(socket => socket.write(answer('secure')), certificate)
    const asked: ProxyRequest[] = []
    const { hops, page } = await look('https://news.example/', server, { extraRoots, way: server.way(asked) })
    assert.equal(page!.lines[0], 'secure')
    const shown = hops[0]!.certificate!
    assert.match(shown.fingerprint, /^[0-9a-f]{64}$/)
    assert.deepEqual([shown.subject, shown.issuer], ['CN=news.example, O=News', 'CN=Test authority, O=Test'])
    assert.deepEqual([shown.names, shown.problem], [['news.example', '192.0.2.80'], undefined])
    assert.ok(shown.validFrom < now && shown.validTo > now)
    assert.equal(asked[0]!.port, 443)
    assert.equal((await look('https://192.0.2.80/', server, { extraRoots })).failure, undefined, 'an address is a name, too')
  })

  test('T18: two exits, of which one lies, show two certificates; nothing is asked of the one that nobody trusts', async () => {
    const honest = await serve(socket => socket.write(answer('true')), authority.issue('News', ['news.example'], now))
    const second = await serve(socket => socket.write(answer('true')), authority.issue('News', ['news.example'], now))
    const lying = await serve(socket => socket.write(answer('false')), new WebAuthority('x', 'y', now).issue('News', ['news.example'], now))
    const [a, b, c] = await Promise.all([honest, second, lying].map(server => look('https://news.example/', server, { extraRoots })))
    const fingerprints = [a, b, c].map(column => column!.hops[0]!.certificate!.fingerprint)
    assert.equal(new Set(fingerprints).size, 3)
    assert.deepEqual(
      [a, b, c].map(column => column!.failure),
      [undefined, undefined, 'certificate'],
    )
    assert.equal(c!.hops[0]!.certificate!.problem, 'unknown-issuer')
    assert.deepEqual(lying.requests, [], 'no request was sent to it')
  })

  const bad: [name: string, make: () => ReturnType<typeof makeLinkCertificate>, problem: string][] = [
    ['for another name', () => authority.issue('News', ['other.example'], now), 'other-name'],
    ['for names under the name', () => authority.issue('News', ['*.news.example'], now), 'other-name'],
    ['that has expired', () => authority.issue('News', ['news.example'], now - 40 * 86_400_000), 'expired'],
    ['that begins tomorrow', () => authority.issue('News', ['news.example'], now + 3 * 86_400_000), 'not-yet-valid'],
    ['of an unknown issuer', () => new WebAuthority('x', 'y', now).issue('News', ['news.example'], now), 'unknown-issuer'],
    ['of a relay', () => makeLinkCertificate(now), 'unknown-issuer'],
  ]
  for (const [name, make, problem] of bad)
    test(`${name}: ${problem}, without a way past it`, async () => {
      const server = await serve(socket => socket.write(answer('x')), make())
      const through: string[] = []
      const way = server.way([], 'D'.repeat(40))
      const { failure, hops, page } = await look('https://news.example/', server, {
        extraRoots,
        way,
        onThrough: relay => through.push(relay),
      })
      assert.deepEqual(through, ['D'.repeat(40)], 'who showed it is known')
      assert.deepEqual([failure, hops[0]!.certificate!.problem, page], ['certificate', problem, undefined])
      assert.deepEqual(server.requests, [])
      await server.left()
    })

  test('what trusts the practice authority trusts nothing for the world: without its root it is unknown', async () => {
    const server = await serve(socket => socket.write(answer('x')), authority.issue('News', ['news.example'], now))
    assert.equal((await look('https://news.example/', server)).hops[0]!.certificate!.problem, 'unknown-issuer')
  })

  test('a server that speaks no TLS, or never ends its handshake, is said to', async () => {
    const plain = await serve(() => {})
    const way = (write: string): PageFetchOptions['way'] => ({
      ...plain.way(),
      handler: {
        open: async request => {
          const connection = await plain.way().handler.open(request, AbortSignal.timeout(5000))
          return {
            ...connection,
            splice: (client, early) => {
              client.write(write)
              connection.splice(client, early)
            },
          }
        },
      },
    })
    assert.equal((await look('https://news.example/', plain, { way: way('HTTP/1.1 400 Bad Request\r\n\r\n') })).failure, 'tls')
    assert.equal((await look('https://news.example/', plain, { limits: { exchangeMs: 300 } })).failure, 'timeout')
  })
})

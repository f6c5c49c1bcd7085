import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HttpProxyServer } from '../../main/perspective/http-proxy.ts'
import { ProxyRefused } from '../../main/perspective/proxy-target.ts'

function ask(text: string) {
  const server = new HttpProxyServer()
  server.receive(Buffer.from(text, 'latin1'))
  return server
}
const basic = (pair: string) => `Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`
const status = (server: HttpProxyServer) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(server.takeOutput().toString())?.[1])

describe('what is asked', () => {
  test("a name, without credentials, and what follows is the destination's", () => {
    const server = ask('CONNECT News.Example.SE:443 HTTP/1.1\r\nHost: News.Example.SE:443\r\nUser-Agent: x\r\n\r\nhello')
    assert.deepEqual(server.state, {
      step: 'asked',
      command: 'connect',
      request: { host: 'news.example.se', port: 443, user: undefined, choice: undefined },
    })
    assert.equal(server.takeRest().toString(), 'hello')
    server.accept()
    assert.equal(server.takeOutput().toString(), 'HTTP/1.1 200 Connection established\r\n\r\n')
  })
  test('byte by byte is the same', () => {
    const text = `CONNECT [2001:db8::1]:80 HTTP/1.0\r\n${basic('se:pw')}\r\n`
    const server = new HttpProxyServer()
    for (const byte of Buffer.from(text)) server.receive(Buffer.of(byte))
    assert.deepEqual(server.state.step === 'asked' && server.state.request, {
      host: '2001:db8::1',
      port: 80,
      user: 'se',
      choice: { kind: 'country', country: 'se' },
    })
  })
  test('Host may leave the port out', () => {
    assert.equal(ask('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n').state.step, 'asked')
  })
  test('a fixed choice stands, whatever the credentials', () => {
    const server = new HttpProxyServer({ fixed: { choice: { kind: 'any' }, user: 'window 1' } })
    server.receive(Buffer.from(`CONNECT a.example:443 HTTP/1.1\r\n${basic('nonsense:')}\r\n`))
    assert.deepEqual(server.state.step === 'asked' && server.state.request.choice, { kind: 'any' })
  })
})

test('a refusal has its status and code', () => {
  for (const [code, expected] of [
    ['general', 502],
    ['locked', 403],
    ['no-relay', 503],
    ['timeout', 504],
  ] as const) {
    const server = ask('CONNECT a.example:443 HTTP/1.1\r\n\r\n')
    server.refuse(new ProxyRefused(code))
    const answer = server.takeOutput().toString()
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${expected} .*\r\n\r\n${code}\n$`, 's'))
  }
})

describe('hostile input', () => {
  const refused: [string, string, number][] = [
    ['GET of a whole address', 'GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n', 405],
    ['GET from a rebound name', 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 405],
    ['POST', 'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nabcde', 405],
    ['CONNECT by a web page', 'CONNECT a.example:443 HTTP/1.1\r\nOrigin: https://evil.example\r\n\r\n', 403],
    ['a Host that disagrees', 'CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n', 400],
    ['two Hosts', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nHost: b.example:443\r\n\r\n', 400],
    ['no port', 'CONNECT a.example HTTP/1.1\r\n\r\n', 400],
    ['port 0', 'CONNECT a.example:0 HTTP/1.1\r\n\r\n', 400],
    ['port 65536', 'CONNECT a.example:65536 HTTP/1.1\r\n\r\n', 400],
    ['a bare IPv6 address', 'CONNECT 2001:db8::1:80 HTTP/1.1\r\n\r\n', 400],
    ['a name in brackets', 'CONNECT [a.example]:80 HTTP/1.1\r\n\r\n', 400],
    ['a user before the host', 'CONNECT user@a.example:80 HTTP/1.1\r\n\r\n', 400],
    ['two spaces', 'CONNECT  a.example:80 HTTP/1.1\r\n\r\n', 400],
    ['HTTP/2', 'CONNECT a.example:80 HTTP/2.0\r\n\r\n', 400],
    ['no HTTP at all', 'EHLO mail\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n', 400],
    ['a folded field', 'CONNECT a.example:80 HTTP/1.1\r\nX: a\r\n b\r\n\r\n', 400],
    ['a space before the colon', 'CONNECT a.example:80 HTTP/1.1\r\nHost : a.example\r\n\r\n', 400],
    ['a bare line feed in a field', 'CONNECT a.example:80 HTTP/1.1\r\nX: a\nHost: b\r\n\r\n', 400],
    ['a NUL', 'CONNECT a.example:80 HTTP/1.1\r\nX: a\0b\r\n\r\n', 400],
    ['a body in chunks', 'CONNECT a.example:80 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['a body', 'CONNECT a.example:80 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', 400],
    ['101 fields', `CONNECT a.example:80 HTTP/1.1\r\n${Array.from({ length: 101 }, (_, i) => `X${i}: a\r\n`).join('')}\r\n`, 400],
    ['a user name that names nothing', `CONNECT a.example:80 HTTP/1.1\r\n${basic('sweden:pw')}\r\n`, 407],
    ['credentials of another scheme', 'CONNECT a.example:80 HTTP/1.1\r\nProxy-Authorization: Bearer abc\r\n\r\n', 407],
    ['credentials that are not base64', 'CONNECT a.example:80 HTTP/1.1\r\nProxy-Authorization: Basic %%%\r\n\r\n', 407],
    ['a long head', `CONNECT a.example:80 HTTP/1.1\r\nX: ${'a'.repeat(9000)}\r\n\r\n`, 431],
    ['a head without end', `CONNECT a.example:80 HTTP/1.1\r\nX: ${'a'.repeat(9000)}`, 431],
  ]
  for (const [what, text, expected] of refused)
    test(what, () => {
      const server = ask(text)
      assert.equal(server.state.step, 'failed')
      assert.equal(status(server), expected)
    })

  test('the texts say what to do', () => {
    assert.match(ask('GET http://a.example/ HTTP/1.1\r\n\r\n').takeOutput().toString(), /Allow: CONNECT\r\n.*SOCKS5/s)
    assert.match(
      ask(`CONNECT a.example:80 HTTP/1.1\r\n${basic('x:')}\r\n`)
        .takeOutput()
        .toString(),
      /Proxy-Authenticate: Basic /,
    )
  })

  test('no text makes it throw or wait past the limit', () => {
    const part = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('CONNECT ', 'a.example:80', ' HTTP/1.1', '\r\n', ': ', 'Host'))
    fc.assert(
      fc.property(fc.array(part), parts => {
        const server = ask(parts.join(''))
        if (server.state.step === 'reading') server.receive(Buffer.alloc(8200, 'a'))
        assert.notEqual(server.state.step, 'reading')
      }),
    )
  })
})

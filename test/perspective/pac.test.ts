import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { HttpProxyServer } from '../../main/perspective/http-proxy.ts'
import { PAC_TYPE, pacFile } from '../../main/perspective/pac.ts'
import { listenProxy } from '../../main/perspective/proxy-listener.ts'

const PORTS = { http: { host: '127.0.0.1', port: 8118 }, socks: { host: '127.0.0.1', port: 9150 } }
const URLS = ['http://a.example/', 'https://a.example/', 'ws://a.example/', 'wss://a.example/', 'ftp://a.example/', 'http://localhost/', '']

/** What a browser makes of the file. */
function find(text: string, url: string): string {
  return runInNewContext(`${text}\nFindProxyForURL(url, host)`, { url, host: 'a.example' }, { timeout: 1000 }) as string
}

test('every address goes through us, and never directly, whatever happens', () => {
  for (const secret of [false, true]) {
    const text = pacFile(PORTS, { secret })
    for (const url of URLS) {
      const found = find(text, url)
      assert.doesNotMatch(found, /DIRECT/)
      assert.match(found, /^(PROXY 127\.0\.0\.1:8118|SOCKS5 127\.0\.0\.1:9150)$/)
    }
  }
})

test('names of secure pages are left to the tunnel; plain ones go by SOCKS5, unless that wants a password', () => {
  assert.equal(find(pacFile(PORTS, { secret: false }), 'https://a.example/'), 'PROXY 127.0.0.1:8118')
  assert.equal(find(pacFile(PORTS, { secret: false }), 'http://a.example/'), 'SOCKS5 127.0.0.1:9150')
  assert.equal(find(pacFile(PORTS, { secret: true }), 'http://a.example/'), 'PROXY 127.0.0.1:8118')
})

describe('T8: the file on the HTTP port', () => {
  const pac = { hosts: ['127.0.0.1:8118', 'localhost:8118'], text: pacFile(PORTS, { secret: false }) }
  function ask(head: string, rules = { pac } as ConstructorParameters<typeof HttpProxyServer>[0]) {
    const server = new HttpProxyServer(rules)
    server.receive(Buffer.from(head))
    const output = server.takeOutput().toString()
    return { status: Number(output.slice(9, 12)), output }
  }
  const get = (fields: string) => ask(`GET /proxy.pac HTTP/1.1\r\n${fields}\r\n`)

  test('is given by our own name, as what it is', () => {
    for (const host of pac.hosts) {
      const { status, output } = get(`Host: ${host}\r\n`)
      assert.equal(status, 200)
      assert.match(output, new RegExp(`\r\nContent-Type: ${PAC_TYPE}\r\n`))
      assert.match(output, /\r\nX-Content-Type-Options: nosniff\r\n/)
      assert.ok(output.endsWith(`\r\n\r\n${pac.text}`))
    }
  })
  test('also when the proxies want a password, which browsers do not give for it; it holds no secret', () => {
    assert.equal(ask('GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:8118\r\n\r\n', { pac, secret: 'word' }).status, 200)
  })
  test('is not given to other names (DNS rebinding) nor to pages of other sites', () => {
    for (const [fields, status] of [
      ['Host: evil.example:8118\r\n', 421],
      ['Host: 127.0.0.1\r\n', 421],
      ['', 421],
      ['Host: 127.0.0.1:8118\r\nOrigin: https://evil.example\r\n', 403],
      ['Host: 127.0.0.1:8118\r\nSec-Fetch-Site: cross-site\r\n', 403],
      ['Host: 127.0.0.1:8118\r\nSec-Fetch-Site: same-site\r\n', 403],
    ] as const)
      assert.equal(get(fields).status, status, fields)
  })
  test('nothing else is there', () => {
    for (const head of [
      'GET / HTTP/1.1',
      'GET /proxy.pac?x HTTP/1.1',
      'POST /proxy.pac HTTP/1.1',
      'GET http://127.0.0.1:8118/proxy.pac HTTP/1.1',
    ])
      assert.equal(ask(`${head}\r\nHost: 127.0.0.1:8118\r\n\r\n`).status, 405, head)
    assert.equal(ask('GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:8118\r\n\r\n', {}).status, 405, 'a port without one')
  })
  test('over the port itself, by its real number', async () => {
    const proxy = await listenProxy({
      protocol: 'http',
      port: 0,
      handler: { open: () => assert.fail('a stream was opened') },
      rules: at => ({ pac: { hosts: [`${at.host}:${at.port}`], text: pacFile({ http: at, socks: PORTS.socks }, { secret: false }) } }),
    })
    try {
      const answer = await fetch(`http://127.0.0.1:${proxy.port}/proxy.pac`, { headers: { 'Sec-Fetch-Site': 'none' } }).catch(
        () => undefined,
      )
      // fetch() of Node says sec-fetch-mode itself; what matters is that the file names the port it came from.
      assert.equal(answer?.status, 200)
      assert.match(await answer!.text(), new RegExp(`PROXY 127\\.0\\.0\\.1:${proxy.port}`))
    } finally {
      await proxy.close()
    }
  })
})

describe('T8: web pages and the proxy ports', () => {
  test('a tunnel asked for by a page is refused', () => {
    for (const field of [
      'Origin: https://evil.example',
      'Referer: https://evil.example/',
      'Cookie: a=b',
      'Sec-Fetch-Site: cross-site',
      'Sec-Fetch-Mode: cors',
    ]) {
      const server = new HttpProxyServer()
      server.receive(Buffer.from(`CONNECT a.example:443 HTTP/1.1\r\n${field}\r\n\r\n`))
      assert.equal(server.state.step, 'failed', field)
      assert.match(server.takeOutput().toString(), /^HTTP\/1\.1 403 /)
    }
  })

  test('a form post that carries a CONNECT or a SOCKS greeting in its body opens nothing, on either port', async () => {
    for (const protocol of ['http', 'socks5'] as const) {
      const proxy = await listenProxy({ protocol, port: 0, handler: { open: () => assert.fail('a stream was opened') } })
      try {
        for (const body of ['CONNECT a.example:443 HTTP/1.1\r\n\r\n', '\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb']) {
          const socket = connect({ host: '127.0.0.1', port: proxy.port })
          socket.write(
            `POST / HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nOrigin: https://evil.example\r\nContent-Type: text/plain\r\n` +
              `Content-Length: ${body.length}\r\n\r\n${body}`,
            'latin1',
          )
          let answer = ''
          socket.setEncoding('latin1').on('data', text => {
            answer += text
          })
          await once(socket, 'close')
          assert.match(answer, /^HTTP\/1\.[01] (405|501) /)
          assert.equal(answer.match(/HTTP\/1/g)!.length, 1, 'one answer, then the end')
        }
      } finally {
        await proxy.close()
      }
    }
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { listenProxy } from '../../main/perspective/proxy-listener.ts'
import { duplexConnection, type ProxyHandler, type ProxyRequest } from '../../main/perspective/proxy-target.ts'

test('curl gets through by name, by SOCKS5 with a user name and by HTTP CONNECT', async () => {
  const site = createServer(socket => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')))
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const { port } = site.address() as { port: number }
  const asked: ProxyRequest[] = []
  const handler: ProxyHandler = {
    async open(request) {
      asked.push(request)
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      await once(socket, 'connect')
      return duplexConnection(socket)
    },
  }
  const socks = await listenProxy({ protocol: 'socks5', port: 0, handler })
  const http = await listenProxy({ protocol: 'http', port: 0, handler })
  const curl = (...args: string[]) =>
    new Promise<string>((resolve, reject) =>
      execFile('curl', ['-sS', '--max-time', '10', ...args, 'http://news.example:8080/'], (error, out) =>
        error ? reject(error) : resolve(out),
      ),
    )
  assert.equal(await curl('--proxy', `socks5h://se:x@127.0.0.1:${socks.port}`), 'hello')
  assert.equal(await curl('--proxy', `socks5h://127.0.0.1:${socks.port}`), 'hello')
  assert.equal(await curl('--proxytunnel', '--proxy', `http://tor-se:x@127.0.0.1:${http.port}`), 'hello')
  assert.deepEqual(
    asked.map(({ host, port, user }) => [host, port, user]),
    [
      ['news.example', 8080, 'se'],
      ['news.example', 8080, undefined],
      ['news.example', 8080, 'tor-se'],
    ],
  )
  await assert.rejects(curl('--proxy', `http://127.0.0.1:${http.port}`, '--fail'), /405/)
  await Promise.all([socks.close(), http.close()])
  site.close()
})

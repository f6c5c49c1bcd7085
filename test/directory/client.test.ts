import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { DirectoryClient, DirectoryError, type DirectorySource, type RequestOptions } from '../../main/directory/client.ts'
import { type Listener, listenTcp } from '../../main/net/listener.ts'

const client = new DirectoryClient()

/** A server that does as told with each connection, once the request has arrived. */
async function withServer<T>(handle: (socket: Socket, request: string) => void, use: (source: DirectorySource) => Promise<T>): Promise<T> {
  const listener: Listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    onConnection: socket => {
      socket.once('data', chunk => handle(socket, chunk.toString('latin1')))
    },
  })
  try {
    return await use({ kind: 'dirport', address: '127.0.0.1', port: listener.port })
  } finally {
    await listener.close()
  }
}

async function codeOf(handle: (socket: Socket) => void, options: RequestOptions = {}): Promise<string> {
  return withServer(handle, async source => {
    const error = await client.get(source, '/tor/x', options).then(
      () => undefined,
      error => error,
    )
    assert.ok(error instanceof DirectoryError, String(error))
    return error.code
  })
}

describe('the directory client', () => {
  test('asks in HTTP/1.0 and unwraps what comes', async () => {
    let asked = ''
    const response = await withServer(
      (socket, request) => {
        asked = request
        socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\nContent-Encoding: deflate\r\n\r\n'), deflateSync('hello')]))
      },
      source => client.get(source, '/tor/keys/all', { headers: { 'If-Modified-Since': 'now' } }),
    )
    assert.equal(asked, 'GET /tor/keys/all HTTP/1.0\r\nAccept-Encoding: deflate, gzip, identity\r\nIf-Modified-Since: now\r\n\r\n')
    assert.equal(response.status, 200)
    assert.equal(response.body.toString(), 'hello')
  })

  test('posts a body with its length', async () => {
    let asked = ''
    await withServer(
      (socket, request) => {
        asked = request
        socket.end('HTTP/1.0 200 [None]\r\n\r\n')
      },
      source => client.post(source, '/tor/', 'router ä'),
    )
    assert.match(asked, /^POST \/tor\/ HTTP\/1\.0\r\n.*Content-Length: 9\r\n\r\nrouter /s)
  })

  test('asks through a stream as well, and closes it', async () => {
    let closed = false
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        assert.match(chunk.toString(), /^GET \/tor\/server\/authority HTTP\/1\.0\r\n/)
        this.push('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')
        done()
      },
      destroy(error, done) {
        closed = true
        done(error)
      },
    })
    const response = await client.get({ kind: 'begindir', open: async () => stream }, '/tor/server/authority')
    assert.equal(response.body.toString(), 'ok')
    assert.ok(closed)
  })

  test('a status is an answer', async () => {
    const response = await withServer(
      socket => socket.end('HTTP/1.0 503 Directory busy, try again later\r\n\r\n'),
      source => client.get(source, '/'),
    )
    assert.equal(response.reason, 'Directory busy, try again later')
  })

  test('servers that misbehave are told apart', async () => {
    assert.equal(await codeOf(socket => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nhalf')), 'malformed')
    assert.equal(await codeOf(socket => socket.end('220 smtp.example.org ESMTP\r\n\r\n')), 'malformed')
    assert.equal(await codeOf(socket => socket.resetAndDestroy()), 'cut-off')
    assert.equal(await codeOf(() => {}, { timeoutMs: 100 }), 'timeout')
    assert.equal(await codeOf(socket => socket.end(`HTTP/1.0 200 OK\r\n\r\n${'a'.repeat(101)}`), { maxBytes: 100 }), 'too-large')
    assert.equal(await codeOf(socket => socket.end(`HTTP/1.0 200 OK\r\nA: ${'a'.repeat(9000)}\r\n\r\n`)), 'too-large')
    const bomb = Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\nContent-Encoding: deflate\r\n\r\n'), deflateSync(Buffer.alloc(8_000_000))])
    assert.equal(await codeOf(socket => socket.end(bomb)), 'too-large')
    const endless = (socket: Socket): void => {
      socket.write('HTTP/1.0 200 OK\r\n\r\n')
      const timer = setInterval(() => socket.write('a'), 10)
      socket.once('close', () => clearInterval(timer))
    }
    assert.equal(await codeOf(endless, { timeoutMs: 200 }), 'timeout')
  })

  test('nobody there: unreachable; given up: aborted, at any time', async () => {
    const port = await withServer(
      () => {},
      async source => (source as { port: number }).port,
    )
    await assert.rejects(client.get({ kind: 'dirport', address: '127.0.0.1', port }, '/'), { name: 'DirectoryError', code: 'unreachable' })
    const refused: DirectorySource = { kind: 'begindir', open: async () => Promise.reject(new Error('no circuit')) }
    await assert.rejects(client.get(refused, '/'), { code: 'unreachable' })
    assert.equal(await codeOf(() => {}, { signal: AbortSignal.abort() }), 'aborted')
    const abort = new AbortController()
    assert.equal(await codeOf(() => abort.abort(), { signal: abort.signal }), 'aborted')
  })
})

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { EndReason } from '../../main/cell/command.ts'
import { spliceSocket } from '../../main/circuit/splice.ts'
import type { CircuitStream } from '../../main/circuit/stream.ts'
import { StreamClosed, streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { Chain, listen, until } from './chain.ts'

/** A stream of a one-hop circuit, and the site's socket at the other end. */
async function open(body: (stream: CircuitStream, site: Socket, chain: Chain) => Promise<void>): Promise<void> {
  const chain = Chain.of(1)
  const accepted = Promise.withResolvers<Socket>()
  const site = await listen(accepted.resolve)
  try {
    const circuit = await chain.build()
    await body(
      await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: AbortSignal.timeout(5000) }),
      await accepted.promise,
      chain,
    )
  } finally {
    await chain.close()
    await site.close()
  }
}

/** Two ends of a TCP connection, half-open allowed: the application's, and the one that is spliced. */
async function socketPair(): Promise<{ app: Socket; spliced: Socket; close(): Promise<void> }> {
  const accepted = Promise.withResolvers<Socket>()
  const server = await listen(accepted.resolve)
  const app = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  app.on('error', () => {})
  return {
    app,
    spliced: await accepted.promise,
    async close() {
      app.destroy()
      await server.close()
    },
  }
}

describe('a spliced socket', () => {
  test('the end of the site reaches the application behind all data', () =>
    open(async (stream, site) => {
      const pair = await socketPair()
      spliceSocket(stream, pair.spliced)
      const content = randomBytes(300_000)
      site.end(content)
      const got: Buffer[] = []
      for await (const chunk of pair.app) got.push(chunk as Buffer)
      assert.equal(Buffer.concat(got).equals(content), true)
      await pair.close()
    }))

  test('the end of the application closes the site behind all data', () =>
    open(async (stream, site) => {
      const pair = await socketPair()
      const reasons: number[] = []
      stream.onClose.add((_stream, reason) => reasons.push(reason))
      spliceSocket(stream, pair.spliced)
      const content = randomBytes(300_000)
      pair.app.end(content)
      const got: Buffer[] = []
      for await (const chunk of site) got.push(chunk as Buffer)
      assert.equal(Buffer.concat(got).equals(content), true)
      assert.deepEqual(reasons, [EndReason.DONE])
      assert.deepEqual([stream.bytesIn, stream.bytesOut], [0, 300_000])
      await pair.close()
    }))

  test('a socket that dies ends the stream', () =>
    open(async (stream, site) => {
      const pair = await socketPair()
      spliceSocket(stream, pair.spliced)
      const ended = once(site, 'close')
      site.resume()
      site.on('end', () => site.end())
      pair.app.resetAndDestroy()
      await ended
      assert.equal(stream.closed, true)
      await pair.close()
    }))

  test('a circuit that dies closes the socket', () =>
    open(async (stream, site, chain) => {
      const pair = await socketPair()
      spliceSocket(stream, pair.spliced)
      site.resume()
      const gone = [once(pair.app, 'end'), once(site, 'close')]
      site.on('end', () => site.end())
      pair.app.resume()
      chain.channel.close()
      await Promise.all(gone)
      await pair.close()
    }))

  test('a socket that is gone already ends the stream at once', () =>
    open(async stream => {
      const pair = await socketPair()
      pair.spliced.destroy()
      await once(pair.spliced, 'close')
      spliceSocket(stream, pair.spliced)
      assert.equal(stream.closed, true)
      await pair.close()
    }))
})

describe('a stream as a Node stream', () => {
  test('ends for the reader when the site ends, and is gone then', () =>
    open(async (stream, site) => {
      const duplex = streamDuplex(stream)
      site.end('bye')
      const got: Buffer[] = []
      for await (const chunk of duplex) got.push(chunk as Buffer)
      assert.equal(Buffer.concat(got).toString(), 'bye')
      await until(() => duplex.destroyed, 'the end of the duplex')
    }))

  test('finish comes when everything was packed; then the reader ends too', () =>
    open(async (stream, site) => {
      const duplex = streamDuplex(stream)
      duplex.resume()
      duplex.end(randomBytes(100_000))
      await once(duplex, 'finish')
      assert.equal(stream.bytesOut, 100_000)
      let got = 0
      for await (const chunk of site) got += (chunk as Buffer).length
      assert.equal(got, 100_000)
      await until(() => duplex.destroyed, 'the end of the duplex')
    }))

  test('destroying it ends the stream', () =>
    open(async (stream, site) => {
      const duplex = streamDuplex(stream)
      duplex.destroy()
      site.resume()
      await once(site, 'end')
      assert.equal(stream.closed, true)
    }))

  test('a circuit that dies is an error for the reader and the writer', () =>
    open(async (stream, _site, chain) => {
      const duplex = streamDuplex(stream)
      duplex.resume()
      const failed = once(duplex, 'error')
      chain.channel.close()
      const [error] = await failed
      assert.ok(error instanceof StreamClosed && error.reason === EndReason.DESTROY)
      assert.equal(duplex.write('late'), false)
    }))

  test('a writer waits while the site does not read', () =>
    open(async (stream, site) => {
      site.pause()
      const duplex = streamDuplex(stream)
      let written = 0
      const piece = randomBytes(65_536)
      while (written < 40_000_000 && duplex.write(piece)) written += piece.length
      await until(() => duplex.writableNeedDrain, 'backpressure')
      site.resume()
      await once(duplex, 'drain')
      duplex.destroy()
    }))
})

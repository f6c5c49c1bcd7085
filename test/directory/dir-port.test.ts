import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { DirPort } from '../../main/directory/dir-port.ts'
import { type DirectoryLimits, DirectoryServer, type DirectoryServerOptions } from '../../main/directory/server.ts'
import { FakeView, RELAYS } from './tiny-network.ts'

const view = new FakeView()

function makeServer(limits: Partial<DirectoryLimits> = {}, more: Partial<DirectoryServerOptions> = {}): DirectoryServer {
  return new DirectoryServer({ directory: view, ownDescriptor: () => undefined, ownExtraInfo: () => undefined, limits, ...more })
}

interface Reply {
  readonly head: string
  readonly body: Buffer
}

function parseReply(bytes: Buffer): Reply {
  const at = bytes.indexOf('\r\n\r\n')
  return { head: bytes.toString('latin1', 0, Math.max(0, at)), body: bytes.subarray(at + 4) }
}

/** Sends bytes and reads until the server closes. */
async function exchange(port: number, sent: string | Buffer): Promise<Reply> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(sent)
  return parseReply(await readAll(socket))
}

async function idle(server: DirectoryServer): Promise<void> {
  for (const deadline = Date.now() + 5000; server.active > 0; ) {
    assert.ok(Date.now() < deadline, `${server.active} requests are still served`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

describe('the DirPort', () => {
  const server = makeServer({ headMs: 300 })
  let port: DirPort
  before(async () => {
    port = await DirPort.open({ server, host: '127.0.0.1', port: 0 })
  })
  after(async () => {
    await port.close()
    server.close()
  })

  test('answers with length, encoding and dates; no address is told to a nearby peer', async () => {
    const { head, body } = await exchange(port.port, `GET /tor/server/d/${RELAYS[0]!.digest} HTTP/1.0\r\n\r\n`)
    assert.match(head, /^HTTP\/1\.0 200 OK\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n/)
    assert.match(head, new RegExp(`\r\nContent-Encoding: identity\r\nContent-Length: ${RELAYS[0]!.text.length}\r\nExpires: `))
    assert.doesNotMatch(head, /X-Your-Address-Is/)
    assert.equal(body.toString(), RELAYS[0]!.text)
  })

  test('compresses for who takes it', async () => {
    for (const request of ['GET /tor/server/all.z HTTP/1.0\r\n\r\n', 'GET /tor/server/all HTTP/1.0\r\nAccept-Encoding: deflate\r\n\r\n']) {
      const { head, body } = await exchange(port.port, request)
      assert.match(head, /Content-Encoding: deflate/)
      assert.equal(inflateSync(body).toString(), RELAYS.map(relay => relay.text).join(''))
    }
  })

  test('refuses uploads as C tor does, read or unread', async () => {
    for (const length of [0, 5, 1_000_000]) {
      const { head } = await exchange(port.port, `POST /tor/ HTTP/1.0\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`)
      assert.match(head, /^HTTP\/1\.0 400 Nonauthoritative directory does not accept posted server descriptors\r\n/)
    }
  })

  test('answers what is no request with 400 and closes', async () => {
    for (const sent of [
      '\x16\x03\x01\x00\x05hello\r\n\r\n',
      'HEAD / HTTP/1.0\r\n\r\n',
      `GET /${'a'.repeat(9000)} HTTP/1.0\r\n\r\n`,
      'GET / HTTP/1.0\r\nX: \x00\r\n\r\n',
    ]) {
      assert.match((await exchange(port.port, sent)).head, /^HTTP\/1\.0 400 /, sent.slice(0, 30))
    }
  })

  test('drops who sends its request drop by drop, or nothing', async () => {
    const silent = connect(port.port, '127.0.0.1')
    const dripping = connect(port.port, '127.0.0.1')
    const drip = setInterval(() => dripping.write('a'), 50)
    dripping.write('GET / HTTP/1.0\r\nA: ')
    dripping.on('error', () => clearInterval(drip))
    const started = Date.now()
    const replies = await Promise.all([readAll(silent), readAll(dripping)])
    clearInterval(drip)
    assert.ok(Date.now() - started < 5000)
    assert.deepEqual(
      replies.map(reply => reply.length),
      [0, 0],
    )
    await idle(server)
  })

  test('a client that leaves in the middle costs nothing', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(port.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write('GET /tor/server/all HTTP/1.0\r\n\r\n')
      if (i % 2) socket.resetAndDestroy()
      else socket.destroy()
    }
    assert.match((await exchange(port.port, 'GET /tor/robots.txt HTTP/1.0\r\n\r\n')).head, /^HTTP\/1\.0 200 OK/)
    await idle(server)
  })
})

describe('limits of the directory server', () => {
  /** A duplex whose other side is this test; a `stuck` one never takes what is written. */
  class Wire extends Duplex {
    readonly taken: Buffer[] = []
    readonly stuck: boolean
    constructor(stuck = false) {
      super()
      this.stuck = stuck
    }
    override _read(): void {}
    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
      this.taken.push(chunk)
      if (!this.stuck) done()
    }
    ask(text: string): void {
      this.push(Buffer.from(text))
    }
    async reply(): Promise<Reply> {
      if (!this.writableFinished) await once(this, 'finish')
      return parseReply(Buffer.concat(this.taken))
    }
  }
  const TUNNELLED = { remoteAddress: '203.0.114.5', tunnelled: true }

  test('through BEGIN_DIR long lists are taken, and a far peer is told its address', async () => {
    const server = makeServer()
    const wire = new Wire()
    server.serve(wire, TUNNELLED)
    wire.ask(
      `GET /tor/server/d/${Array.from({ length: 499 }, (_, i) => String(i).padStart(40, '0')).join('+')}+${RELAYS[0]!.digest} HTTP/1.0\r\n\r\n`,
    )
    const { head, body } = await wire.reply()
    assert.match(head, /200 OK.*\r\nX-Your-Address-Is: 203\.0\.114\.5\r\n/s)
    assert.equal(body.toString(), RELAYS[0]!.text)
    server.close()
  })

  test('a client that takes nothing is dropped', async () => {
    const server = makeServer({ graceMs: 50, minRate: 1_000_000 })
    const wire = new Wire(true)
    server.serve(wire, TUNNELLED)
    wire.ask('GET /tor/server/all HTTP/1.0\r\n\r\n')
    await once(wire, 'close')
    assert.equal(server.active, 0)
  })

  test('no more requests at a time than the limit', () => {
    const server = makeServer({ requests: 2 })
    const wires = [new Wire(), new Wire(), new Wire()]
    for (const wire of wires) server.serve(wire, TUNNELLED)
    assert.deepEqual(
      wires.map(wire => wire.destroyed),
      [false, false, true],
    )
    server.close()
    assert.ok(wires.every(wire => wire.destroyed))
  })

  test('no more bytes on their way at a time than the limit: 503, and again 200 when they have left', async () => {
    const all = RELAYS.reduce((sum, relay) => sum + relay.text.length, 0)
    const server = makeServer({ bytes: all * 1.5, graceMs: 100, minRate: 10_000_000 })
    const stuck = new Wire(true)
    server.serve(stuck, TUNNELLED)
    stuck.ask('GET /tor/server/all HTTP/1.0\r\n\r\n')
    const ask = async (): Promise<Reply> => {
      const wire = new Wire()
      server.serve(wire, TUNNELLED)
      wire.ask('GET /tor/server/all HTTP/1.0\r\n\r\n')
      return wire.reply()
    }
    assert.match((await ask()).head, /^HTTP\/1\.0 503 Directory busy, try again later/)
    await once(stuck, 'close')
    assert.match((await ask()).head, /^HTTP\/1\.0 200 OK/)
    server.close()
  })

  test('while memory is short an eighth of that, and nothing is kept compressed; afterwards as before', async () => {
    const all = RELAYS.reduce((sum, relay) => sum + relay.text.length, 0)
    const short = { memoryShort: false }
    const directory = Object.assign(Object.create(view) as FakeView, short)
    const server = makeServer({ bytes: all * 4 }, { directory })
    const ask = async (path: string): Promise<Reply> => {
      const wire = new Wire()
      server.serve(wire, TUNNELLED)
      wire.ask(`GET ${path} HTTP/1.0\r\n\r\n`)
      return wire.reply()
    }
    assert.match((await ask('/tor/server/all')).head, /^HTTP\/1\.0 200/)
    directory.memoryShort = true
    assert.match((await ask('/tor/server/all')).head, /^HTTP\/1\.0 503 Directory busy/)
    assert.match((await ask('/tor/robots.txt')).head, /^HTTP\/1\.0 200/)
    directory.memoryShort = false
    assert.match((await ask('/tor/server/all')).head, /^HTTP\/1\.0 200/)
    server.close()
  })

  test('the hook answers first, sees the peer and the body, and its mistakes stay its own', async () => {
    const server = makeServer(
      {},
      {
        maxPostBytes: 10,
        extra: (path, request, context) => {
          if (path === '/tor/broken') throw new Error('a mistake')
          return path === '/tor/mine'
            ? { status: 200, reason: 'OK', body: `${request.method} ${request.body} ${context.remoteAddress}` }
            : undefined
        },
      },
    )
    const mine = new Wire()
    server.serve(mine, TUNNELLED)
    mine.ask('POST /mine HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello')
    assert.equal((await mine.reply()).body.toString(), 'POST hello 203.0.114.5')
    const broken = new Wire()
    server.serve(broken, TUNNELLED)
    broken.ask('GET /tor/broken HTTP/1.0\r\n\r\n')
    await once(broken, 'close')
    assert.equal(broken.taken.length, 0)
    server.close()
  })
})

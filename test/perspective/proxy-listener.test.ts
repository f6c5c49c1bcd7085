import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Duplex, duplexPair } from 'node:stream'
import { after, test } from 'node:test'
import { listenProxy, type ProxyListener, type ProxyListenerOptions } from '../../main/perspective/proxy-listener.ts'
import { duplexConnection, type ProxyHandler, ProxyRefused, type ProxyRequest } from '../../main/perspective/proxy-target.ts'

const listeners: ProxyListener[] = []
after(() => Promise.all(listeners.map(listener => listener.close())))

async function listen(handler: ProxyHandler, options: Partial<ProxyListenerOptions> = {}): Promise<ProxyListener> {
  const listener = await listenProxy({ protocol: 'socks5', port: 0, handler, ...options })
  listeners.push(listener)
  return listener
}

/** A far end in memory: `far` holds what a destination would hold. */
function memoryHandler() {
  const asked: ProxyRequest[] = []
  const far: Duplex[] = []
  const handler: ProxyHandler = {
    async open(request) {
      asked.push(request)
      const [near, end] = duplexPair()
      far.push(end)
      return duplexConnection(near, '192.0.2.1')
    },
  }
  return { asked, far, handler }
}

function client(listener: ProxyListener, options: { allowHalfOpen?: boolean } = {}) {
  const socket = connect({ port: listener.port, host: listener.host, ...options })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  const until = async (length: number) => {
    while (Buffer.concat(chunks).length < length && !socket.destroyed) await Promise.race([once(socket, 'data'), closed])
    return Buffer.concat(chunks)
  }
  return { socket, closed, until, received: () => Buffer.concat(chunks) }
}

const ASK = Buffer.from(`050100${'050100030961 2e6578616d706c65 0050'.replaceAll(' ', '')}`, 'hex')
const GREETED_AND_OPEN = '0500' + '05000001c00002010000'

test('bytes go both ways, those sent early first, and an end in one direction leaves the other open', async () => {
  const { asked, far, handler } = memoryHandler()
  const listener = await listen(handler)
  const { socket, until, received, closed } = client(listener, { allowHalfOpen: true })
  socket.write(Buffer.concat([ASK, Buffer.from('early ')]))
  assert.equal((await until(12)).toString('hex'), GREETED_AND_OPEN)
  assert.deepEqual(asked, [{ host: 'a.example', port: 80, user: undefined, choice: undefined }])
  socket.end('late')
  const request: Buffer[] = []
  for await (const chunk of far[0]!) request.push(chunk)
  assert.equal(Buffer.concat(request).toString(), 'early late')
  far[0]!.end('answer after the client had finished')
  await once(socket, 'end')
  socket.destroy()
  await closed
  assert.equal(received().toString('latin1', 12), 'answer after the client had finished')
})

test('a failing far end closes the client, a client that goes away closes the far end', async () => {
  const { far, handler } = memoryHandler()
  const listener = await listen(handler)
  const one = client(listener)
  one.socket.write(ASK)
  await one.until(12)
  far[0]!.on('error', () => {})
  far[0]!.destroy()
  await one.closed
  const two = client(listener)
  two.socket.write(ASK)
  await two.until(12)
  far[1]!.on('error', () => {})
  far[1]!.resume()
  two.socket.resetAndDestroy()
  await once(far[1]!, 'close')
})

test('the way is not opened further for a client that has gone', async () => {
  const opening = Promise.withResolvers<AbortSignal>()
  const listener = await listen({
    open: (_request, signal) => {
      opening.resolve(signal)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  })
  const { socket } = client(listener)
  socket.write(ASK)
  const signal = await opening.promise
  assert.equal(signal.aborted, false)
  const aborted = once(signal, 'abort')
  socket.resetAndDestroy()
  await aborted
})

test('what opened too late for a client that has gone is closed', async () => {
  const opening = Promise.withResolvers<void>()
  const proceed = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  const listener = await listen({
    async open() {
      opening.resolve()
      await proceed.promise
      return { splice: () => assert.fail('spliced'), abort: () => aborted.resolve() }
    },
  })
  const { socket } = client(listener)
  socket.write(ASK)
  await opening.promise
  socket.resetAndDestroy()
  const server = listener
  await server.close()
  proceed.resolve()
  await aborted.promise
})

test('refusals and failures are answered in words of the protocol', async () => {
  for (const [error, reply] of [
    [new ProxyRefused('locked'), 2],
    [new Error('anything'), 1],
  ] as const) {
    const listener = await listen({ open: () => Promise.reject(error) })
    const { socket, closed, received } = client(listener)
    socket.write(ASK)
    await closed
    assert.equal(received().toString('hex'), `0500050${reply}0001000000000000`)
  }
})

test('RESOLVE is answered where the handler can, refused where it cannot', async () => {
  const resolve = Buffer.from(ASK)
  resolve[4] = 0xf0
  const { handler } = memoryHandler()
  const able = await listen({ ...handler, resolve: async () => '2001:db8::5' })
  const one = client(able)
  one.socket.write(resolve)
  await one.closed
  assert.equal(one.received().toString('hex'), '050005000004' + '20010db8000000000000000000000005' + '0000')
  const two = client(await listen(handler))
  two.socket.write(resolve)
  await two.closed
  assert.equal(two.received()[3], 7)
})

test('slow clients, slow ways and crowds are bounded', async () => {
  const limits = { requestMs: 100, openMs: 100, connections: 2 }
  const { handler } = memoryHandler()
  const silent = client(await listen(handler, { limits }))
  await silent.closed
  assert.equal(silent.received().length, 0)
  const stuck = await listen(
    { open: (_, signal) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))) },
    { limits },
  )
  const waiting = client(stuck)
  waiting.socket.write(ASK)
  await waiting.closed
  assert.equal(waiting.received()[3], 6)
  const full = await listen(handler, { limits: { connections: 2 } })
  const [a, b] = [client(full), client(full)]
  a.socket.write(ASK)
  b.socket.write(ASK)
  await Promise.all([a.until(12), b.until(12)])
  const third = client(full)
  await third.closed
  assert.equal(third.received().length, 0)
})

test('a client that floods before the way is open is held back', async () => {
  const listener = await listen({ open: (_, signal) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))) })
  const { socket } = client(listener)
  await once(socket, 'connect')
  socket.write(ASK)
  const block = Buffer.alloc(1 << 20)
  let sent = 0
  // Loopback buffers take a few MiB; beyond them only a reader on the other side lets more through.
  while (sent < 64 && socket.write(block)) sent++
  while (sent < 64) {
    const drained = await Promise.race([once(socket, 'drain'), new Promise(resolve => setTimeout(resolve, 300, 'stuck'))])
    if (drained === 'stuck') break
    socket.write(block)
    sent++
  }
  assert.ok(sent < 64, 'all was read')
  socket.destroy()
})

test('it is on loopback and nowhere else', async () => {
  const { handler } = memoryHandler()
  const listener = await listen(handler)
  assert.equal(listener.host, '127.0.0.1')
  const others = Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).filter(entry => !entry.internal && entry.family === 'IPv4'),
  )
  for (const { address } of [...others, { address: '127.0.0.2' }]) {
    const socket: Socket = connect({ port: listener.port, host: address })
    const [error] = await once(socket, 'error')
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED', address)
  }
})

test("a taken port is said with the system's code", async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  await assert.rejects(listenProxy({ protocol: 'http', port, handler: memoryHandler().handler }), { code: 'EADDRINUSE' })
  taken.close()
})

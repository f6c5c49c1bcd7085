import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { addressGroup, type Listener, type ListenTcpOptions, listenTcp } from '../../main/net/listener.ts'
import { ConnectError, connectTcp } from '../../main/net/tcp.ts'

const listeners: Listener[] = []
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close()
})

async function listen(options: Partial<ListenTcpOptions> = {}): Promise<{ listener: Listener; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const listener = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: socket => sockets.push(socket), ...options })
  listeners.push(listener)
  return { listener, sockets }
}

function codeOf(code: string) {
  return (error: unknown) => error instanceof ConnectError && error.code === code
}

describe('connectTcp', () => {
  test('connects, bound to the local address asked for', async () => {
    const { listener, sockets } = await listen({ onConnection: socket => sockets.push(socket) && socket.end('hi') })
    const socket = await connectTcp({ host: '127.0.0.1', port: listener.port, localAddress: '127.0.0.9' })
    assert.equal(socket.localAddress, '127.0.0.9')
    const [data] = await once(socket, 'data')
    assert.equal(String(data), 'hi')
    assert.equal(sockets[0]!.remoteAddress, '127.0.0.9')
    socket.destroy()
  })

  test('ignores a local address of the other family', async () => {
    const { listener } = await listen()
    const socket = await connectTcp({ host: '127.0.0.1', port: listener.port, localAddress: '2001:db8::1' })
    socket.destroy()
  })

  test('refuses names, odd notations and bad ports without asking anybody', async () => {
    for (const host of ['localhost', 'example.com', '127.1', '0x7f.0.0.1', ''])
      await assert.rejects(connectTcp({ host, port: 80 }), codeOf('BAD_ADDRESS'))
    for (const port of [0, -1, 65536, 1.5]) await assert.rejects(connectTcp({ host: '127.0.0.1', port }), codeOf('BAD_ADDRESS'))
  })

  test('says why it failed', async () => {
    const { listener } = await listen()
    const { port } = listener
    await listener.close()
    await assert.rejects(connectTcp({ host: '127.0.0.1', port }), codeOf('ECONNREFUSED'))
    await assert.rejects(connectTcp({ host: '127.0.0.1', port, localAddress: '192.0.2.1' }), codeOf('EADDRNOTAVAIL'))
  })

  test('ends when told to, before and during', async () => {
    const { listener } = await listen()
    await assert.rejects(connectTcp({ host: '127.0.0.1', port: listener.port, signal: AbortSignal.abort() }), codeOf('ABORTED'))
    const controller = new AbortController()
    const connecting = connectTcp({ host: '127.0.0.1', port: listener.port, signal: controller.signal })
    controller.abort()
    await assert.rejects(connecting, codeOf('ABORTED'))
  })
})

describe('listenTcp', () => {
  test('rejects when the port is taken', async () => {
    const { listener } = await listen()
    await assert.rejects(listen({ port: listener.port }), codeOf('EADDRINUSE'))
  })

  test('closes connections over the limits, counts per address, and frees places', async () => {
    const { listener, sockets } = await listen({ limits: { total: 3, perAddress: 2 } })
    const open = async (localAddress: string) => {
      const socket = connect({ host: '127.0.0.1', port: listener.port, localAddress })
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    }
    const closed = (socket: Socket) => once(socket, 'close')
    const [a, b] = [await open('127.0.0.1'), await open('127.0.0.1')]
    await closed(await open('127.0.0.1'))
    const c = await open('127.0.0.2')
    await closed(await open('127.0.0.3'))
    while (sockets.length < 3) await new Promise(resolve => setImmediate(resolve))
    assert.equal(listener.connections, 3)
    const gone = closed(sockets[0]!)
    a.destroy()
    sockets[0]!.destroy()
    await gone
    const d = await open('127.0.0.1')
    while (sockets.length < 4) await new Promise(resolve => setImmediate(resolve))
    assert.equal(listener.connections, 3)
    for (const socket of [b, c, d]) socket.destroy()
  })

  test('destroys idle sockets, and on close all of them', async () => {
    const { listener } = await listen({ idleMs: 20 })
    const idle = connect({ host: '127.0.0.1', port: listener.port })
    await once(idle, 'close')
    const other = await listen()
    const held = connect({ host: '127.0.0.1', port: other.listener.port })
    await once(held, 'connect')
    const gone = once(held, 'close')
    held.on('error', () => {})
    held.resume()
    await other.listener.close()
    await gone
  })

  test('counts an IPv6 /64 as one peer', () => {
    assert.equal(addressGroup('2001:db8:1:2::1'), addressGroup('2001:db8:1:2:ffff::9'))
    assert.notEqual(addressGroup('2001:db8:1:2::1'), addressGroup('2001:db8:1:3::1'))
    assert.notEqual(addressGroup('192.0.2.1'), addressGroup('192.0.2.2'))
  })
})

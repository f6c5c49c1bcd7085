import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { ConnectionRate, type ConnectionRateLimits } from '../../main/net/connection-rate.ts'
import { listenTcp } from '../../main/net/listener.ts'

function rated(change: Partial<ConnectionRateLimits> = {}) {
  const clock = { now: 1_000_000 }
  let limits = { rate: 20, burst: 40, shutMs: 1000, ...change }
  const rate = new ConnectionRate(() => limits, { now: () => clock.now, random: () => 0.5 })
  const knock = (address: string, times: number) => Array.from({ length: times }, () => rate.admits(address)).filter(Boolean).length
  return { rate, clock, knock, set: (next: Partial<ConnectionRateLimits>) => Object.assign(limits, next) && (limits = { ...limits }) }
}

describe('T9 T11: connections of one address', () => {
  test('so many at once, so many a second, and others are not worse off for it', () => {
    const { clock, knock } = rated({ shutMs: 0 })
    assert.equal(knock('93.184.216.34', 100), 40)
    assert.equal(knock('93.184.216.35', 10), 10)
    clock.now += 1000
    assert.equal(knock('93.184.216.34', 100), 20)
    clock.now += 60_000
    assert.equal(knock('93.184.216.34', 100), 40)
  })

  test('who used it up is shut out for a time that it cannot foresee', () => {
    const { clock, knock } = rated({ shutMs: 10_000 })
    assert.equal(knock('93.184.216.34', 41), 40)
    clock.now += 12_499
    assert.equal(knock('93.184.216.34', 1), 0)
    clock.now += 1
    assert.equal(knock('93.184.216.34', 41), 40)
  })

  test('all of an IPv6 /64 is one caller', () => {
    const { knock } = rated()
    assert.equal(knock('2a00:1450:4001:81b::1', 30), 30)
    assert.equal(knock('2a00:1450:4001:81b:ffff::2', 30), 10)
    assert.equal(knock('2a00:1450:4001:81c::1', 30), 30)
  })

  test('a router before us, or a test network on one machine, is let in always', () => {
    const { knock } = rated()
    for (const address of ['127.0.0.1', '192.168.1.1', '10.0.0.1', '100.64.0.1', '::1', 'fe80::1']) assert.equal(knock(address, 200), 200)
  })

  test('other limits hold from the next connection on', () => {
    const { knock, set } = rated()
    assert.equal(knock('93.184.216.34', 10), 10)
    set({ burst: 5 })
    assert.equal(knock('93.184.216.34', 10), 5)
  })

  test('a flood from everywhere costs bounded memory, and those who are shut out stay so while there is room', () => {
    const { knock, rate } = rated({ shutMs: 3_600_000 })
    knock('93.184.216.34', 50)
    for (let i = 0; i < 19_000; i++) knock(`94.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1)
    assert.equal(knock('93.184.216.34', 1), 0)
    for (let i = 0; i < 200_000; i++) knock(`95.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1)
    assert.ok(rate.callers <= 20_000, `${rate.callers} are remembered`)
  })

  test('a listener closes what is not admitted, and asks for its limits anew each time', async () => {
    let admitted = true
    let perAddress = 1
    let came = 0
    const listener = await listenTcp({
      host: '127.0.0.1',
      port: 0,
      limits: () => ({ perAddress }),
      admits: address => address === '127.0.0.1' && admitted,
      onConnection: socket => {
        came++
        socket.write('welcome')
      },
    })
    try {
      const greeting = async () => {
        const socket = connect({ host: '127.0.0.1', port: listener.port })
        socket.on('error', () => {})
        let text = ''
        socket.on('data', data => {
          text += data
          socket.emit('close')
        })
        await once(socket, 'close')
        return { text, socket }
      }
      const first = await greeting()
      assert.equal(first.text, 'welcome')
      assert.equal((await greeting()).text, '')
      perAddress = 2
      const second = await greeting()
      assert.equal(second.text, 'welcome')
      perAddress = 10
      admitted = false
      assert.equal((await greeting()).text, '')
      assert.equal(came, 2)
      for (const { socket } of [first, second]) socket.destroy()
    } finally {
      await listener.close()
    }
  })
})

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { MalformedError } from '../../../main/lib/bytes.ts'
import { MappingError } from '../../../main/net/port-map/gateway-client.ts'
import { decodeResponse, encodeMapRequest, NatPmpClient } from '../../../main/net/port-map/nat-pmp.ts'
import { FakeNatPmp } from './fake-router.ts'

const GATEWAY = { address: '127.0.0.1', localAddress: '127.0.0.1' }
const signal = () => AbortSignal.timeout(20_000)
const reason = (wanted: string) => (error: unknown) => error instanceof MappingError && error.reason === wanted
let router: FakeNatPmp
let client: NatPmpClient
beforeEach(async () => {
  router = await new FakeNatPmp().start()
  client = new NatPmpClient(GATEWAY, router.port)
})
afterEach(() => router.stop())

test('messages are as RFC 6886 draws them', () => {
  assert.equal(encodeMapRequest(9001, 443, 3600).toString('hex'), '00020000' + '2329' + '01bb' + '00000e10')
  assert.deepEqual(decodeResponse(Buffer.from('0080000000000001c0000201', 'hex')), { kind: 'external-address', address: '192.0.2.1' })
  assert.deepEqual(decodeResponse(Buffer.from('008200000000000123290 1bb00000e10'.replace(' ', ''), 'hex')), {
    kind: 'mapped',
    internalPort: 9001,
    externalPort: 443,
    lifetimeSeconds: 3600,
  })
  assert.deepEqual(decodeResponse(Buffer.from('00820002', 'hex')), { kind: 'failed', opcode: 2, result: 2 })
})

test('a port is mapped for the time asked, and taken back', async () => {
  assert.equal(await client.externalAddress(signal()), '8.8.4.4')
  const mapped = await client.map(9001, 9001, 3600, signal())
  assert.deepEqual([mapped.externalPort, mapped.lifetimeSeconds], [9001, 3600])
  assert.deepEqual(router.mappings.get(9001), { externalPort: 9001, lifetime: 3600 })
  await client.unmap(9001, 9001, signal())
  assert.equal(router.mappings.size, 0)
})

test('the router may grant another port', async () => {
  router.taken.add(9001)
  assert.equal((await client.map(9001, 9001, 3600, signal())).externalPort, 9002)
})

test('a lost datagram is sent again', async () => {
  router.silentFor = 2
  assert.equal(await client.externalAddress(signal()), '8.8.4.4')
  assert.equal(router.requests.length, 3)
})

describe('what goes wrong has a name', () => {
  test('nobody listens', async () => {
    const nobody = await new FakeNatPmp().start()
    nobody.stop()
    await assert.rejects(new NatPmpClient(GATEWAY, nobody.port).externalAddress(signal()), reason('no-answer'))
  })
  test('silence', async () => {
    router.silentFor = 100
    await assert.rejects(client.externalAddress(signal()), reason('no-answer'))
    assert.equal(router.requests.length, 4)
  })
  for (const [result, wanted] of [
    [1, 'no-answer'],
    [2, 'refused'],
    [3, 'refused'],
    [4, 'refused'],
    [5, 'no-answer'],
    [99, 'refused'],
  ] as const)
    test(`result ${result}`, async () => {
      router.result = result
      await assert.rejects(client.map(9001, 9001, 3600, signal()), reason(wanted))
    })
  test('the caller has had enough', async () => {
    router.silentFor = 100
    const controller = new AbortController()
    const asked = client.externalAddress(controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(asked, /enough/)
  })
})

describe('hostile datagrams', () => {
  test('short ones, those of other versions, other requests and other ports are ignored', async () => {
    const good = Buffer.from('0082000000000001232923290 0000e10'.replace(' ', ''), 'hex')
    const otherPort = Buffer.from('00820000000000012328232800000e10', 'hex')
    const address = Buffer.from('0080000000000001c0000201', 'hex')
    const otherVersion = Buffer.from(good)
    otherVersion[0] = 2
    router.garbage = [
      Buffer.alloc(0),
      Buffer.of(0),
      good.subarray(0, 15),
      otherVersion,
      otherPort,
      address,
      Buffer.from('00800002', 'hex'),
      good,
    ]
    assert.equal((await client.map(9001, 9001, 3600, signal())).externalPort, 9001)
  })
  test('a mapping to port 0 is none', async () => {
    router.garbage = [Buffer.from('00820000000000012329000000000e10', 'hex')]
    await assert.rejects(client.map(9001, 9001, 3600, signal()), reason('refused'))
  })
  test('only the router is heard', async () => {
    router.silentFor = 1
    const asked = client.externalAddress(signal())
    const neighbour = createSocket('udp4')
    neighbour.bind(0, '127.0.0.9')
    await once(neighbour, 'listening')
    while (router.clientPort === 0) await new Promise(resolve => setImmediate(resolve))
    neighbour.send(Buffer.from('008000000000000106060606', 'hex'), router.clientPort, '127.0.0.1')
    assert.equal(await asked, '8.8.4.4')
    neighbour.close()
  })
  test('decoding throws nothing but MalformedError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), bytes => {
        try {
          decodeResponse(bytes)
        } catch (error) {
          assert.ok(error instanceof MalformedError)
        }
      }),
    )
  })
})

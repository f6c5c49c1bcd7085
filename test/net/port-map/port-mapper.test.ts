import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { silentLog } from '../../../main/lib/log.ts'
import type { Gateway } from '../../../main/net/port-map/gateway.ts'
import { NatPmpClient } from '../../../main/net/port-map/nat-pmp.ts'
import { type MappingState, PortMapper, type PortMapperTimes } from '../../../main/net/port-map/port-mapper.ts'
import { UpnpClient } from '../../../main/net/port-map/upnp.ts'
import { FakeIgd, FakeNatPmp } from './fake-router.ts'

const GATEWAY: Gateway = { address: '127.0.0.1', localAddress: '127.0.0.1' }
let pmp: FakeNatPmp
let igd: FakeIgd
let mapper: PortMapper | undefined
beforeEach(async () => {
  pmp = await new FakeNatPmp().start()
  igd = await new FakeIgd().start()
})
afterEach(async () => {
  await mapper?.stop()
  mapper = undefined
  pmp.stop()
  igd.stop()
})

function make(options: { gateway?: Gateway | undefined; times?: Partial<PortMapperTimes> } = { gateway: GATEWAY }) {
  mapper = new PortMapper({
    log: silentLog,
    findGateway: async () => options.gateway,
    clients: gateway => [
      new NatPmpClient(gateway, pmp.port),
      new UpnpClient(gateway, { searchAt: [{ address: '127.0.0.1', port: igd.searchPort }] }),
    ],
    times: options.times ?? {},
  })
  return mapper
}

/** Until the port's state is as wanted. */
function until(made: PortMapper, name: string, wanted: (state: MappingState) => boolean): Promise<MappingState> {
  const { promise, resolve } = Promise.withResolvers<MappingState>()
  const look = () => {
    if (wanted(made.state(name))) resolve(made.state(name))
  }
  const end = made.onChange.add(look)
  look()
  return promise.finally(end)
}
const settled = (state: MappingState) => state.state === 'mapped' || state.state === 'failed'
const or = { name: 'or', address: '0.0.0.0', port: 9001 }
const dir = { name: 'dir', address: '0.0.0.0', port: 9030 }

test('all ports are mapped, and taken back at the end', async () => {
  const made = make()
  const seen: string[] = []
  made.onChange.add((name, state) => seen.push(`${name} ${state.state}`))
  made.setPorts([or, dir])
  await made.start()
  const state = await until(made, 'or', settled)
  assert.deepEqual(made.gateway, GATEWAY)
  assert.ok(state.state === 'mapped' && state.until && Math.abs(state.until - Date.now() - 3_600_000) < 60_000)
  assert.deepEqual({ ...state, until: 0 }, { state: 'mapped', method: 'nat-pmp', externalAddress: '8.8.4.4', externalPort: 9001, until: 0 })
  await until(made, 'dir', settled)
  assert.equal(pmp.mappings.size, 2)
  await made.stop()
  assert.equal(pmp.mappings.size, 0)
  assert.deepEqual(seen, ['or asking', 'dir asking', 'or mapped', 'dir mapped', 'or off', 'dir off'])
})

test('a router without NAT-PMP is asked by UPnP', async () => {
  pmp.result = 1
  const made = make()
  made.setPorts([or])
  await made.start()
  const state = await until(made, 'or', settled)
  assert.equal(state.state === 'mapped' && state.method, 'upnp')
  await made.stop()
  assert.equal(igd.mappings.size, 0)
})

test('the port that the router gave is the one that is told, kept and removed', async () => {
  pmp.taken.add(9001)
  const made = make()
  made.setPorts([or])
  await made.start()
  const state = await until(made, 'or', settled)
  assert.equal(state.state === 'mapped' && state.externalPort, 9002)
  const before = pmp.requests.length
  made.refresh()
  while (pmp.requests.length < before + 2) await new Promise(resolve => setImmediate(resolve))
  assert.equal(pmp.requests.at(-1)!.readUInt16BE(6), 9002, 'renewed as it was')
})

test('leases are renewed', async () => {
  const made = make({ gateway: GATEWAY, times: { renewMs: 20 } })
  made.setPorts([or])
  await made.start()
  const first = await until(made, 'or', settled)
  await until(made, 'or', state => state.state === 'mapped' && first.state === 'mapped' && state.until! > first.until!)
})

test('a port that is no longer named is unmapped, a new one mapped', async () => {
  const made = make()
  made.setPorts([or])
  await made.start()
  await until(made, 'or', settled)
  made.setPorts([dir])
  await until(made, 'dir', settled)
  assert.deepEqual([...pmp.mappings.keys()], [9030])
  assert.deepEqual(made.state('or'), { state: 'off' })
})

test('loopback, public and IPv6 addresses need nothing, and no router is asked', async () => {
  const made = make()
  made.setPorts([
    { name: 'a', address: '127.0.0.5', port: 1 },
    { name: 'b', address: '8.8.8.8', port: 2 },
    { name: 'c', address: '::1', port: 3 },
    { name: 'd', address: 'fd00::1', port: 4 },
  ])
  await made.start()
  for (const name of ['a', 'b', 'c', 'd']) await until(made, name, state => state.state === 'not-needed')
  assert.equal(pmp.requests.length, 0)
})

test('a machine that faces its gateway with a public address needs nothing', async () => {
  const made = make({ gateway: { address: '8.8.8.1', localAddress: '8.8.8.8' } })
  made.setPorts([or])
  await made.start()
  await until(made, 'or', state => state.state === 'not-needed')
})

describe('failures are named', () => {
  test('no gateway', async () => {
    const made = make({ gateway: undefined })
    made.setPorts([or])
    await made.start()
    assert.deepEqual(await until(made, 'or', settled), { state: 'failed', reason: 'no-gateway' })
  })
  test('a provider that shares one address among homes', async () => {
    pmp.externalAddress = [100, 72, 1, 2]
    const made = make()
    made.setPorts([or])
    await made.start()
    assert.deepEqual(await until(made, 'or', settled), { state: 'failed', reason: 'address-shared', externalAddress: '100.72.1.2' })
  })
  test('two routers in a row', async () => {
    pmp.externalAddress = [192, 168, 0, 2]
    const made = make()
    made.setPorts([or])
    await made.start()
    assert.deepEqual(await until(made, 'or', settled), { state: 'failed', reason: 'double-nat', externalAddress: '192.168.0.2' })
    await made.stop()
    assert.equal(pmp.mappings.size, 0, 'and its mapping is taken back too')
  })
  test('one that refuses tells more than one that is silent', async () => {
    pmp.result = 1
    igd.respond = (_, response) => response.writeHead(500).end()
    const made = make()
    made.setPorts([or])
    await made.start()
    assert.deepEqual(await until(made, 'or', settled), { state: 'failed', reason: 'refused' })
  })
  test('a failure is tried again', async () => {
    pmp.result = 2
    igd.respond = (_, response) => response.writeHead(500).end()
    const made = make({ gateway: GATEWAY, times: { retryMs: 20 } })
    made.setPorts([or])
    await made.start()
    await until(made, 'or', state => state.state === 'failed')
    pmp.result = 0
    await until(made, 'or', state => state.state === 'mapped')
  })
  test('a port that is taken does not keep the others', async () => {
    pmp.result = 1
    igd.refusals.set(9001, '718')
    const made = make()
    made.setPorts([or, dir])
    await made.start()
    assert.deepEqual(await until(made, 'or', settled), { state: 'failed', reason: 'port-taken' })
    assert.equal((await until(made, 'dir', settled)).state, 'mapped')
  })
})

test('stop does not wait for a router that went silent', async () => {
  const made = make({ gateway: GATEWAY, times: { stopMs: 50 } })
  made.setPorts([or])
  await made.start()
  await until(made, 'or', settled)
  pmp.silentFor = 1000
  const started = performance.now()
  await made.stop()
  assert.ok(performance.now() - started < 2000)
})

test('stop interrupts a question', async () => {
  pmp.silentFor = 1000
  const made = make()
  made.setPorts([or])
  await made.start()
  await until(made, 'or', state => state.state === 'asking')
  await made.stop()
  assert.deepEqual(made.state('or'), { state: 'off' })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Channel } from '../../main/channel/channel.ts'
import { ClientCircuits } from '../../main/relay/client-circuits.ts'
import { dosParams } from '../../main/relay/dos-params.ts'

const params = (text: string) =>
  dosParams(
    new Map(
      text
        .split(' ')
        .filter(Boolean)
        .map(pair => pair.split('=') as [string, string])
        .map(([name, value]) => [name, Number(value)]),
    ),
  )

describe('T11: what the authorities want done about floods', () => {
  test('without their word connections are limited for a second at a time, and circuits are not', () => {
    const ours = { rate: 20, burst: 40, shutMs: 1000, perAddress: 100 }
    assert.deepEqual(params(''), { connections: ours, circuits: undefined, streams: undefined })
    // Not asked for, or with another defence than ours.
    assert.deepEqual(params('DoSConnectionEnabled=0 DoSConnectionConnectRate=1 DoSCircuitCreationEnabled=0').connections, ours)
    assert.deepEqual(params('DoSConnectionEnabled=1 DoSConnectionDefenseType=1').connections, ours)
    assert.equal(params('DoSCircuitCreationEnabled=1 DoSCircuitCreationDefenseType=1').circuits, undefined)
  })

  test('with it the defaults are those of C tor, and what a consensus says holds', () => {
    assert.deepEqual(params('DoSConnectionEnabled=1 DoSCircuitCreationEnabled=1 DoSStreamCreationEnabled=1'), {
      connections: { rate: 20, burst: 40, shutMs: 86_400_000, perAddress: 100 },
      circuits: { minLinks: 3, rate: 3, burst: 90, shutMs: 3_600_000 },
      streams: { streamRate: 100, streamBurst: 300 },
    })
    assert.deepEqual(params('DoSStreamCreationEnabled=1 DoSStreamCreationRate=7 DoSStreamCreationBurst=0').streams, {
      streamRate: 7,
      streamBurst: 1,
    })
    assert.equal(params('DoSStreamCreationEnabled=1 DoSStreamCreationDefenseType=1').streams, undefined)
    // As the public consensus had it in 2026, and hostile values.
    const live = 'DoSConnectionEnabled=1 DoSConnectionMaxConcurrentCount=50 DoSConnectionConnectRate=10 DoSConnectionConnectBurst=20'
    assert.deepEqual(params(`${live} DoSConnectionConnectDefenseTimePeriod=60`).connections, {
      rate: 10,
      burst: 20,
      shutMs: 60_000,
      perAddress: 50,
    })
    assert.deepEqual(
      params(
        'DoSConnectionEnabled=1 DoSConnectionMaxConcurrentCount=-5 DoSConnectionConnectRate=0 DoSConnectionConnectDefenseTimePeriod=-1',
      ).connections,
      { rate: 1, burst: 40, shutMs: 10_000, perAddress: 1 },
    )
  })
})

describe('T11: circuits of clients of one address', () => {
  const link = (remoteAddress: string, more: Partial<Channel> = {}) =>
    ({ initiated: false, peer: undefined, remoteAddress, ...more }) as Channel
  function counted() {
    const clock = { now: 1_000_000 }
    const limits: { current: ReturnType<typeof dosParams>['circuits'] } = { current: { minLinks: 3, rate: 3, burst: 90, shutMs: 60_000 } }
    const circuits = new ClientCircuits(
      () => limits.current,
      () => clock.now,
    )
    const open = (address: string, count: number) => {
      const links = Array.from({ length: count }, () => link(address))
      for (const one of links) circuits.opened(one)
      return links
    }
    const make = (channel: Channel, times: number) => Array.from({ length: times }, () => circuits.admits(channel)).filter(Boolean).length
    return { circuits, clock, limits, open, make }
  }

  test('a few links may make as many as they like; many together so many at once and a second, and then none for a while', () => {
    const { clock, open, make } = counted()
    const [few] = open('93.184.216.34', 2)
    assert.equal(make(few!, 500), 500)
    const [many] = open('93.184.216.35', 3)
    assert.equal(make(many!, 500), 90)
    clock.now += 59_000
    assert.equal(make(many!, 1), 0)
    clock.now += 40_000
    assert.equal(make(many!, 500), 90)
    const [other] = open('93.184.216.36', 3)
    assert.equal(make(other!, 10), 10)
  })

  test('hanging up and calling again does not help; whoever went in peace is forgotten', () => {
    const { circuits, clock, open, make } = counted()
    const links = open('93.184.216.34', 3)
    assert.equal(make(links[0]!, 91), 90)
    for (const one of links) circuits.closed(one)
    const [again] = open('93.184.216.34', 1)
    assert.equal(make(again!, 1), 0)
    circuits.closed(again!)
    clock.now += 100_000
    const later = open('93.184.216.34', 1)
    assert.equal(make(later[0]!, 100), 100)
  })

  test('relays, links that we opened, and times without the authorities’ word are not limited', () => {
    const { limits, open, make } = counted()
    open('93.184.216.34', 5)
    const peer = { rsaIdentity: Buffer.alloc(20), ed25519Identity: Buffer.alloc(32) } as never
    assert.equal(make(link('93.184.216.34', { peer }), 200), 200)
    assert.equal(make(link('93.184.216.34', { initiated: true }), 200), 200)
    limits.current = undefined
    assert.equal(make(link('93.184.216.34'), 200), 200)
    // Switched on while links are open.
    limits.current = { minLinks: 3, rate: 3, burst: 10, shutMs: 60_000 }
    assert.equal(make(link('93.184.216.34'), 200), 10)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command, RelayCommand } from '../../main/cell/command.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import type { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { Chain } from './chain.ts'
import { RawEnd } from './raw.ts'

/** A reproducible stream of numbers below `below`. */
function random(seed: number): (below: number) => number {
  let x = seed | 1
  return below => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}

const COMMANDS = [...new Set(Object.values(RelayCommand)), 0, 99, 255]

/** Bytes that often look like something. */
function payload(pick: (below: number) => number): Buffer {
  const kinds = [
    () => Buffer.alloc(0),
    () => Buffer.from('127.0.0.1:1\0\0\0\0\0'),
    () => Buffer.from('name.example\0'),
    () => Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]),
    () => Buffer.from([1, 0, 20, ...new Array<number>(20).fill(pick(256))]),
    () => Buffer.from(Array.from({ length: pick(499) }, () => pick(256))),
    () =>
      Buffer.from([
        2,
        0,
        6,
        8,
        8,
        8,
        8,
        0,
        80,
        2,
        20,
        ...Array.from({ length: 20 }, () => pick(256)),
        0,
        2,
        0,
        84,
        ...new Array<number>(84).fill(7),
      ]),
  ]
  return kinds[pick(kinds.length)]!()
}

// A callback that throws closes the whole channel: this is what must never happen, whatever a peer says.

test('no message of a client can do more than end its circuit', async () => {
  const chain = Chain.of(2)
  try {
    chain.exit.connect = target => (target.port % 2 ? Promise.reject(new Error('odd')) : new Promise(() => {}))
    for (let round = 0; round < 60; round++) {
      const pick = random(1000 + round)
      const client = await RawEnd.client(
        chain.channel,
        chain.relays.map(relay => relay.hop({ congestionControl: round % 2 === 0, ntorV3: true })),
      )
      for (let i = 0; i < 40 && client.destroyed === undefined; i++) {
        client.send(COMMANDS[pick(COMMANDS.length)]!, pick(4), payload(pick), { hop: pick(2), early: pick(3) === 0 })
        if (i % 8 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      if (client.destroyed === undefined) client.destroy(0)
      for (const pair of chain.pairs) assert.deepEqual([pair.initiator.closed, pair.responder.closed], [false, false], `round ${round}`)
    }
  } finally {
    await chain.close()
  }
})

test('no message of a relay can do more than end its circuit', async () => {
  const chain = Chain.of(2)
  let end: RawEnd | undefined
  const keys = { ...chain.exit.identity, findNtor: () => chain.exit.ntor }
  chain.pairs[1]!.responder.handler = RawEnd.relayHandler(keys, relay => {
    end = relay
  })
  try {
    for (let round = 0; round < 60; round++) {
      const pick = random(5000 + round)
      const circuit: OriginCircuit = await chain.build({ congestionControl: round % 2 === 0 })
      const relay = end!
      const opening = circuit.openStream({ host: 'a.example', port: 80 }, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      if (round % 3 === 0) relay.send(RelayCommand.CONNECTED, streamId, Buffer.alloc(0))
      for (let i = 0; i < 20 && relay.destroyed === undefined; i++) {
        relay.send(COMMANDS[pick(COMMANDS.length)]!, pick(2) ? streamId : pick(3), payload(pick))
        if (i % 4 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      circuit.close()
      await opening
      for (const pair of chain.pairs) assert.deepEqual([pair.initiator.closed, pair.responder.closed], [false, false], `round ${round}`)
    }
  } finally {
    await chain.close()
  }
})

test('no cell out of place can do more than end its circuit', async () => {
  const chain = Chain.of(2)
  try {
    for (let round = 0; round < 100; round++) {
      const pick = random(9000 + round)
      const end = new RawEnd(chain.channel, chain.channel.allocateCircId())
      for (let i = 0; i < 10; i++) {
        const command = [
          Command.CREATE2,
          Command.CREATE_FAST,
          Command.CREATE,
          Command.CREATED2,
          Command.RELAY,
          Command.RELAY_EARLY,
          Command.DESTROY,
        ][pick(7)]!
        chain.channel.send(undefined, encodeFixedCell(end.circId, command, payload(pick).subarray(0, 509)))
      }
      await new Promise(resolve => setImmediate(resolve))
      assert.equal(chain.channel.closed, false)
      end.destroy(0)
    }
  } finally {
    await chain.close()
  }
})

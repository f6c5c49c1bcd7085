import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DestroyReason, EndReason, RelayCommand } from '../../main/cell/command.ts'
import { encodeSendme } from '../../main/cell/sendme.ts'
import { OriginCircuit } from '../../main/circuit/origin-circuit.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { Chain, TestRelay, until } from './chain.ts'
import { RawEnd } from './raw.ts'

const NOTHING = Buffer.alloc(0)
const params = congestionParams(new Map())

/** A circuit of ours whose last hop says whatever the test wants. */
async function circuitTo(
  length: number,
  body: (circuit: OriginCircuit, relay: RawEnd) => Promise<void>,
  hopOptions = { ntorV3: true, congestionControl: false },
): Promise<void> {
  const relays = Array.from({ length }, () => new TestRelay())
  const chain = new Chain(relays)
  const last = relays.at(-1)!
  let end: RawEnd | undefined
  chain.pairs.at(-1)!.responder.handler = RawEnd.relayHandler({ ...last.identity, findNtor: () => last.ntor }, relay => {
    end = relay
  })
  try {
    const circuit = await chain.build(hopOptions)
    await body(circuit, end!)
  } finally {
    await chain.close()
  }
}

const signal = () => AbortSignal.timeout(5000)
const target = { host: 'name.example', port: 80 }
const closed = (circuit: OriginCircuit) => until(() => circuit.closed, 'the end of the circuit')

describe('what a relay may not send closes the circuit', () => {
  const cases: [string, (relay: RawEnd) => void][] = [
    ['RELAY_EARLY', relay => relay.send(RelayCommand.DROP, 0, NOTHING, { early: true })],
    ['a cell of nobody', relay => relay.sendBody(randomBytes(509))],
    ['a wrong digest', relay => relay.send(RelayCommand.DROP, 0, NOTHING, { tamper: body => body.writeUInt8(body[400]! ^ 1, 400) })],
    ['BEGIN', relay => relay.send(RelayCommand.BEGIN, 4, Buffer.from('a.example:80\0'))],
    ['BEGIN_DIR', relay => relay.send(RelayCommand.BEGIN_DIR, 4, NOTHING)],
    ['RESOLVE', relay => relay.send(RelayCommand.RESOLVE, 4, Buffer.from('a.example\0'))],
    ['EXTEND2', relay => relay.send(RelayCommand.EXTEND2, 0, randomBytes(200))],
    ['TRUNCATE', relay => relay.send(RelayCommand.TRUNCATE, 0, Buffer.of(0))],
    ['EXTENDED2 that nobody asked for', relay => relay.send(RelayCommand.EXTENDED2, 0, Buffer.of(0, 1, 7))],
    ['DATA for a stream that never was', relay => relay.send(RelayCommand.DATA, 4, randomBytes(10))],
    ['DATA without a stream', relay => relay.send(RelayCommand.DATA, 0, randomBytes(10))],
    ['END for a stream that never was', relay => relay.send(RelayCommand.END, 4, Buffer.of(6))],
    ['CONNECTED for a stream that never was', relay => relay.send(RelayCommand.CONNECTED, 4, NOTHING)],
    ['RESOLVED for nobody', relay => relay.send(RelayCommand.RESOLVED, 4, Buffer.from('0404010203040000003c', 'hex'))],
    ['a circuit SENDME too many', relay => relay.send(RelayCommand.SENDME, 0, encodeSendme(randomBytes(20)))],
    ['a stream SENDME for nobody', relay => relay.send(RelayCommand.SENDME, 4, NOTHING)],
    ['XOFF for nobody', relay => relay.send(RelayCommand.XOFF, 4, Buffer.of(0))],
    ['a malformed XON', relay => relay.send(RelayCommand.XON, 4, Buffer.of(0))],
    ['a length beyond the cell', relay => relay.send(RelayCommand.DROP, 0, NOTHING, { length: 499 })],
    ['TRUNCATED', relay => relay.send(RelayCommand.TRUNCATED, 0, Buffer.of(DestroyReason.PROTOCOL))],
  ]
  for (const [name, act] of cases) {
    test(name, () =>
      circuitTo(name.length % 2 === 0 ? 1 : 2, async (circuit, relay) => {
        act(relay)
        await closed(circuit)
        assert.equal(await relay.destroyReason(), circuit.hops.length === 1 ? DestroyReason.NONE : DestroyReason.DESTROYED)
      }),
    )
  }

  test('but unknown messages, DROP and PADDING_NEGOTIATED are ignored', () =>
    circuitTo(1, async (circuit, relay) => {
      for (const command of [RelayCommand.DROP, RelayCommand.PADDING_NEGOTIATED, RelayCommand.CONFLUX_SWITCH, 200])
        relay.send(command, 0, randomBytes(30))
      const answer = circuit.resolve('name.example', { signal: signal() })
      const question = await relay.message(RelayCommand.RESOLVE)
      relay.send(RelayCommand.RESOLVED, question.streamId, Buffer.from('0404010203040000003c', 'hex'))
      assert.deepEqual(await answer, [{ kind: 'address', address: '1.2.3.4', ttl: 60 }])
    }))
})

describe('streams', () => {
  test('a relay that refuses says why', () =>
    circuitTo(1, async (circuit, relay) => {
      const stream = circuit.openStream(target, { signal: signal() })
      const begin = await relay.message(RelayCommand.BEGIN)
      assert.equal(begin.data.toString('latin1'), 'name.example:80\0')
      relay.send(RelayCommand.END, begin.streamId, Buffer.from('04010203040000004d', 'hex'))
      await assert.rejects(stream, { name: 'StreamRefused', reason: EndReason.EXITPOLICY, address: '1.2.3.4', ttl: 77 })
      assert.equal(circuit.streamCount, 0)
      assert.equal(circuit.closed, false)
    }))

  test('data before CONNECTED closes the circuit', () =>
    circuitTo(1, async (circuit, relay) => {
      const stream = circuit.openStream(target, { signal: signal() })
      relay.send(RelayCommand.DATA, (await relay.message(RelayCommand.BEGIN)).streamId, randomBytes(10))
      await assert.rejects(stream, { name: 'StreamRefused', reason: EndReason.DESTROY })
      assert.equal(circuit.closed, true)
    }))

  test('CONNECTED twice, or with nonsense, closes the circuit', async () => {
    for (const second of [NOTHING, Buffer.of(0, 0, 0, 0, 9)]) {
      await circuitTo(1, async (circuit, relay) => {
        const stream = circuit.openStream(target, { signal: signal() })
        const { streamId } = await relay.message(RelayCommand.BEGIN)
        if (second.length === 0) {
          relay.send(RelayCommand.CONNECTED, streamId, NOTHING)
          await stream
        } else stream.catch(() => {})
        relay.send(RelayCommand.CONNECTED, streamId, second)
        await closed(circuit)
      })
    }
  })

  test('data and END that come with CONNECTED wait for the reader', () =>
    circuitTo(1, async (circuit, relay) => {
      const opening = circuit.openStream(target, { signal: signal() })
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      relay.send(RelayCommand.CONNECTED, streamId, Buffer.from('010203040000004d', 'hex'))
      relay.send(RelayCommand.DATA, streamId, Buffer.from('so '))
      relay.send(RelayCommand.DATA, streamId, Buffer.from('soon'))
      relay.send(RelayCommand.END, streamId, Buffer.of(EndReason.DONE))
      const stream = await opening
      assert.deepEqual([stream.address, stream.ttl], ['1.2.3.4', 77])
      await until(() => stream.closed, 'END')
      const seen: string[] = []
      stream.onData = data => seen.push(data.toString())
      stream.onEnd = reason => seen.push(`end ${reason}`)
      stream.resume()
      assert.deepEqual(seen, ['so soon', 'end 6'])
    }))

  test('giving up ends the stream; what crosses our END is excused, as far as the window went', () =>
    circuitTo(1, async (circuit, relay) => {
      const abort = new AbortController()
      const opening = circuit.openStream(target, { signal: abort.signal })
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      abort.abort(new Error('changed my mind'))
      await assert.rejects(opening, /changed my mind/)
      assert.deepEqual([...(await relay.message(RelayCommand.END)).data], [EndReason.MISC])
      relay.send(RelayCommand.CONNECTED, streamId, NOTHING)
      for (let i = 0; i < 500; i++) relay.send(RelayCommand.DATA, streamId, NOTHING)
      await until(() => relay.of(RelayCommand.SENDME).length === 5, 'circuit SENDMEs for dropped data')
      assert.equal(circuit.closed, false)
      relay.send(RelayCommand.DATA, streamId, NOTHING)
      await closed(circuit)
    }))

  test('after the END of the relay nothing more may come on that stream', () =>
    circuitTo(1, async (circuit, relay) => {
      const abort = new AbortController()
      const opening = circuit.openStream(target, { signal: abort.signal })
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      abort.abort()
      await assert.rejects(opening)
      relay.send(RelayCommand.END, streamId, Buffer.of(6))
      relay.send(RelayCommand.DATA, streamId, NOTHING)
      await closed(circuit)
    }))

  test('a lookup that was given up may still be answered, once', () =>
    circuitTo(1, async (circuit, relay) => {
      const abort = new AbortController()
      const answer = circuit.resolve('name.example', { signal: abort.signal })
      const { streamId } = await relay.message(RelayCommand.RESOLVE)
      abort.abort()
      await assert.rejects(answer)
      const reply = Buffer.from('0404010203040000003c', 'hex')
      relay.send(RelayCommand.RESOLVED, streamId, reply)
      relay.send(RelayCommand.DROP, 0, NOTHING)
      await new Promise(resolve => setTimeout(resolve, 5))
      assert.equal(circuit.closed, false)
      relay.send(RelayCommand.RESOLVED, streamId, reply)
      await closed(circuit)
    }))

  test('more data than the stream window closes the circuit', () =>
    circuitTo(1, async (circuit, relay) => {
      const opening = circuit.openStream(target, { signal: signal() })
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      relay.send(RelayCommand.CONNECTED, streamId, NOTHING)
      await opening
      for (let i = 0; i < 501; i++) relay.send(RelayCommand.DATA, streamId, randomBytes(498))
      await closed(circuit)
    }))

  test('an XOFF before anything was sent marks the circuit, and closes it', () =>
    circuitTo(
      1,
      async (circuit, relay) => {
        const opening = circuit.openStream(target, { signal: signal() })
        const { streamId } = await relay.message(RelayCommand.BEGIN)
        relay.send(RelayCommand.CONNECTED, streamId, NOTHING)
        await opening
        relay.send(RelayCommand.XOFF, streamId, Buffer.of(0))
        await closed(circuit)
      },
      { ntorV3: true, congestionControl: true },
    ))

  test('optimistic data goes out before CONNECTED', () =>
    circuitTo(2, async (circuit, relay) => {
      void circuit.openStream(target, { signal: signal(), optimistic: stream => stream.write(Buffer.from('GET')) }).catch(() => {})
      assert.equal((await relay.message(RelayCommand.DATA)).data.toString(), 'GET')
    }))

  test('when the circuit goes, streams end and new ones are refused', () =>
    circuitTo(1, async (circuit, relay) => {
      const opening = circuit.openStream(target, { signal: signal() })
      const { streamId } = await relay.message(RelayCommand.BEGIN)
      relay.send(RelayCommand.CONNECTED, streamId, NOTHING)
      const stream = await opening
      const ends: number[] = []
      stream.onEnd = reason => ends.push(reason)
      stream.resume()
      relay.destroy(DestroyReason.RESOURCELIMIT)
      await closed(circuit)
      assert.deepEqual(ends, [EndReason.DESTROY])
      await assert.rejects(circuit.openStream(target, { signal: signal() }), { name: 'StreamRefused', reason: EndReason.DESTROY })
      await assert.rejects(circuit.resolve('a.example', { signal: signal() }), { name: 'StreamRefused' })
    }))
})

describe('building', () => {
  test('a relay without the keys that were promised is not taken', async () => {
    for (const ntorV3 of [false, true]) {
      const chain = Chain.of(2)
      try {
        for (const wrong of [0, 1]) {
          const hops = chain.relays.map((relay, i) =>
            relay.hop({ ntorV3, ...(i === wrong ? { ntorKey: new TestRelay().ntor.public } : {}) }),
          )
          await assert.rejects(OriginCircuit.build({ channel: chain.channel, hops, signal: signal(), params }), { name: 'CircuitRefused' })
        }
      } finally {
        await chain.close()
      }
    }
  })

  test('stops when asked, and leaves nothing behind', async () => {
    const chain = Chain.of(2)
    try {
      const abort = new AbortController()
      chain.relays[0]!.extend = () => {
        abort.abort(new Error('enough'))
        return new Promise(() => {})
      }
      const hops = chain.relays.map(relay => relay.hop())
      await assert.rejects(OriginCircuit.build({ channel: chain.channel, hops, signal: abort.signal, params }), /enough/)
      await until(() => chain.relays[0]!.server.circuits.size === 0, 'the end at the first hop')
      assert.equal(chain.channel.circuitCount, 0)
      await assert.rejects(OriginCircuit.build({ channel: chain.channel, hops, signal: abort.signal, params }), /enough/)
    } finally {
      await chain.close()
    }
  })

  test('a SENDME increment far from the consensus is not taken', async () => {
    const chain = new Chain([new TestRelay({ params: congestionParams(new Map([['cc_sendme_inc', 33]])) })])
    try {
      await assert.rejects(chain.build(), { name: 'CircuitRefused', reason: DestroyReason.PROTOCOL })
    } finally {
      await chain.close()
    }
  })

  test('a closed channel is told at once', async () => {
    const chain = Chain.of(1)
    chain.channel.close()
    await assert.rejects(chain.build(), { name: 'CircuitRefused', reason: DestroyReason.CHANNEL_CLOSED })
    await chain.close()
  })
})

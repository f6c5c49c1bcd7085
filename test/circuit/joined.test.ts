import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { Command, DestroyReason, RelayCommand } from '../../main/cell/command.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import { CryptoLayer } from '../../main/circuit/relay-crypto.ts'
import { createFastClient } from '../../main/crypto/fast.ts'
import { Chain, until } from './chain.ts'
import { RawEnd } from './raw.ts'

/** Two circuits that end at the same relay. */
async function two(body: (clients: [RawEnd, RawEnd], chain: Chain) => Promise<void>): Promise<void> {
  const chain = Chain.of(1)
  try {
    const hop = chain.exit.hop({ congestionControl: false })
    await body([await RawEnd.client(chain.channel, [hop]), await RawEnd.client(chain.channel, [hop])], chain)
  } finally {
    await chain.close()
  }
}

describe('joined circuits', () => {
  test('what the relay does not recognise goes to the other side, whole and in order; what it does stays', () =>
    two(async ([a, b], chain) => {
      const [first, second] = chain.exit.circuits
      first!.joinTo(second!)
      // A layer that only the two clients share.
      const keys = randomBytes(72)
      a.layers.push(CryptoLayer.tor1(keys, 'client'))
      b.layers.push(CryptoLayer.tor1(keys, 'relay'))
      for (let i = 0; i < 50; i++) a.send(RelayCommand.DATA, 1, Buffer.from(`message ${i}`), { early: i < 8 })
      await until(() => b.received.length === 50, 'fifty messages')
      assert.deepEqual(
        b.received.map(message => message.data.toString()),
        Array.from({ length: 50 }, (_, i) => `message ${i}`),
      )
      b.send(RelayCommand.DATA, 1, Buffer.from('back'))
      assert.equal((await a.message(RelayCommand.DATA)).data.toString(), 'back')
      a.send(RelayCommand.RESOLVE, 5, Buffer.from('name.example\0'), { hop: 0 })
      await a.message(RelayCommand.RESOLVED)
      assert.equal(b.unknown, 0)
    }))

  test('they end together', () =>
    two(async ([a, b], chain) => {
      chain.exit.circuits[0]!.joinTo(chain.exit.circuits[1]!)
      a.destroy(DestroyReason.NONE)
      assert.equal(await b.destroyReason(), DestroyReason.DESTROYED)
      assert.equal(chain.exit.server.circuits.size, 0)
    }))

  test('only two free ends can be joined', () =>
    two(async (_clients, chain) => {
      const [first, second] = chain.exit.circuits
      assert.throws(() => first!.joinTo(first!))
      first!.joinTo(second!)
      assert.throws(() => second!.joinTo(first!))
    }))
})

test('messages that the role takes, and its answer', () =>
  two(async ([client], chain) => {
    const taken: string[] = []
    chain.exit.message = (command, data, circuit) => {
      if (command !== RelayCommand.ESTABLISH_RENDEZVOUS) return false
      taken.push(data.toString())
      circuit.send(RelayCommand.RENDEZVOUS_ESTABLISHED, Buffer.alloc(0))
      return true
    }
    client.send(RelayCommand.ESTABLISH_RENDEZVOUS, 0, Buffer.from('a cookie of 20 bytes'))
    client.send(RelayCommand.INTRODUCE1, 0, Buffer.from('unknown'))
    await client.message(RelayCommand.RENDEZVOUS_ESTABLISHED)
    assert.deepEqual(taken, ['a cookie of 20 bytes'])
  }))

test('the nonce of a circuit is what the client has too', async () => {
  const chain = Chain.of(1)
  try {
    const end = new RawEnd(chain.channel, chain.channel.allocateCircId())
    const fast = createFastClient()
    chain.channel.send(undefined, encodeFixedCell(end.circId, Command.CREATE_FAST, fast.onionskin))
    await until(() => end.created !== undefined, 'CREATED_FAST')
    const nonce = fast.finish(end.created!.body.subarray(0, 40)).subarray(72)
    assert.equal(chain.exit.circuits[0]!.rendezvousNonce.toString('hex'), nonce.toString('hex'))
  } finally {
    await chain.close()
  }
})

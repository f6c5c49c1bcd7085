import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeBegin } from '../../main/cell/begin.ts'
import { Command, DestroyReason, EndReason, RelayCommand } from '../../main/cell/command.ts'
import { encodeCreate2, HandshakeType } from '../../main/cell/create.ts'
import { encodeExtend2 } from '../../main/cell/extend.ts'
import { encodeCircuitRequest } from '../../main/cell/extensions.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import { encodeSendme } from '../../main/cell/sendme.ts'
import { StreamRefused } from '../../main/circuit/errors.ts'
import { ntorV3Client } from '../../main/crypto/ntor-v3.ts'
import { randomBytes } from '../../main/crypto/random.ts'
import { Chain, listen, TestRelay, until } from './chain.ts'
import { RawEnd } from './raw.ts'

const NOTHING = Buffer.alloc(0)

/** A raw client at the end of a fresh chain of `length` relays. */
async function raw(length: number, body: (client: RawEnd, chain: Chain) => Promise<void>, options = {}): Promise<void> {
  const chain = Chain.of(length)
  try {
    await body(
      await RawEnd.client(
        chain.channel,
        chain.relays.map(relay => relay.hop({ congestionControl: false, ...options })),
      ),
      chain,
    )
  } finally {
    await chain.close()
  }
}

/** A site that says nothing. */
async function silentSite(): Promise<{ begin: Buffer; close(): Promise<void> }> {
  const site = await listen(() => {})
  return { begin: encodeBegin({ host: '127.0.0.1', port: site.port, flags: 0 }), close: () => site.close() }
}

describe('cells', () => {
  test('T15: a changed bit anywhere closes the circuit', async () => {
    for (const at of [0, 1, 2, 5, 9, 300, 508]) {
      await raw(1, async client => {
        client.send(RelayCommand.DROP, 0, NOTHING, { tamper: body => body.writeUInt8(body[at]! ^ 1, at) })
        assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      })
    }
  })

  test('a changed bit behind a middle relay closes the circuit on both sides', async () => {
    await raw(2, async (client, chain) => {
      client.send(RelayCommand.DROP, 0, NOTHING, { tamper: body => body.writeUInt8(body[77]! ^ 1, 77) })
      assert.equal(await client.destroyReason(), DestroyReason.DESTROYED)
      for (const relay of chain.relays) assert.equal(relay.server.circuits.size, 0)
    })
  })

  test('DROP and unknown commands are ignored, at any hop', async () => {
    await raw(2, async (client, chain) => {
      for (const hop of [0, 1])
        for (const command of [RelayCommand.DROP, 99, 255, RelayCommand.CONFLUX_LINK]) client.send(command, 0, randomBytes(40), { hop })
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      assert.equal((await client.message(RelayCommand.RESOLVED)).streamId, 7)
      assert.equal(chain.exit.server.circuits.size, 1)
    })
  })

  test('a length beyond the cell closes the circuit', async () => {
    for (const length of [499, 0xffff]) {
      await raw(1, async client => {
        client.send(RelayCommand.DATA, 1, NOTHING, { length })
        assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      })
    }
  })

  test('stream messages without a stream and circuit messages on one close the circuit', async () => {
    const cases: [number, number][] = [
      [RelayCommand.BEGIN, 0],
      [RelayCommand.BEGIN_DIR, 0],
      [RelayCommand.RESOLVE, 0],
      [RelayCommand.EXTEND2, 3],
      [RelayCommand.TRUNCATE, 3],
    ]
    for (const [command, streamId] of cases) {
      await raw(1, async client => {
        client.send(command, streamId, NOTHING, { early: true })
        assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL, `command ${command}`)
      })
    }
  })

  test('late messages for unknown streams and what only relays send are ignored', async () => {
    await raw(1, async client => {
      for (const command of [RelayCommand.DATA, RelayCommand.END, RelayCommand.SENDME, RelayCommand.CONNECTED, RelayCommand.RESOLVED])
        client.send(command, 5, Buffer.of(6))
      for (const command of [RelayCommand.EXTENDED2, RelayCommand.TRUNCATED]) client.send(command, 0, Buffer.of(0, 0))
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
    })
  })
})

describe('RELAY_EARLY', () => {
  test('eight pass, the ninth closes the circuit', async () => {
    await raw(1, async (client, chain) => {
      for (let i = 0; i < 8; i++) client.send(RelayCommand.DROP, 0, NOTHING, { early: true })
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
      assert.equal(chain.exit.server.circuits.size, 1)
      client.send(RelayCommand.DROP, 0, NOTHING, { early: true })
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
    })
  })

  test('a middle relay passes them on as they came', async () => {
    await raw(2, async (client, chain) => {
      // One was used by EXTEND2, for the first relay only.
      for (let i = 0; i < 7; i++) client.send(RelayCommand.DROP, 0, NOTHING, { early: true })
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
      client.send(RelayCommand.DROP, 0, NOTHING, { early: true })
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      assert.equal(chain.exit.server.circuits.size, 0)
    })
  })

  test('towards the client they close the circuit', async () => {
    const chain = Chain.of(1)
    const last = new TestRelay()
    const far = new Chain([last])
    try {
      chain.relays[0]!.onward.set(last.identity.rsaIdentity.toString('hex'), far.channel)
      let end: RawEnd | undefined
      far.pairs[0]!.responder.handler = RawEnd.relayHandler({ ...last.identity, findNtor: () => last.ntor }, relay => (end = relay))
      const client = await RawEnd.client(chain.channel, [
        chain.relays[0]!.hop({ congestionControl: false }),
        last.hop({ congestionControl: false }),
      ])
      end!.sendBody(randomBytes(509), true)
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      assert.equal(await end!.destroyReason(), DestroyReason.DESTROYED)
    } finally {
      await far.close()
      await chain.close()
    }
  })
})

describe('EXTEND2', () => {
  const target = () => new TestRelay()
  const request = (relay: TestRelay, change: object = {}) =>
    encodeExtend2({ target: { ...relay.hop(), ...change }, handshakeType: HandshakeType.NTOR, data: randomBytes(84) })

  test('is ignored outside of RELAY_EARLY', async () => {
    await raw(1, async (client, chain) => {
      let asked = 0
      chain.exit.extend = async () => {
        asked++
        throw new Error('never')
      }
      client.send(RelayCommand.EXTEND2, 0, request(target()))
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
      assert.equal(asked, 0)
    })
  })

  test('is refused to ourselves, to the previous hop, without identity, without address, twice, and with TAP', async () => {
    const refusals: [string, number, (chain: Chain) => Buffer][] = [
      ['to itself by RSA', 1, chain => request(target(), { rsaIdentity: chain.relays[0]!.identity.rsaIdentity })],
      ['to itself by Ed25519', 1, chain => request(target(), { ed25519Identity: chain.relays[0]!.identity.ed25519Identity })],
      ['back by RSA', 2, chain => request(target(), { rsaIdentity: chain.relays[0]!.identity.rsaIdentity })],
      ['back by Ed25519', 2, chain => request(target(), { ed25519Identity: chain.relays[0]!.identity.ed25519Identity })],
      ['zero identity', 1, () => request(target(), { rsaIdentity: Buffer.alloc(20) })],
      ['no address', 1, () => request(target(), { addresses: [] })],
      ['TAP', 1, () => encodeExtend2({ target: target().hop(), handshakeType: HandshakeType.TAP, data: randomBytes(84) })],
      ['short', 1, () => Buffer.of(4, 0)],
      ['empty', 1, () => NOTHING],
    ]
    for (const [name, length, make] of refusals) {
      await raw(length, async (client, chain) => {
        let asked = 0
        chain.exit.extend = async () => {
          asked++
          throw new Error('never')
        }
        client.send(RelayCommand.EXTEND2, 0, make(chain), { early: true })
        const reason = await client.destroyReason()
        assert.equal(reason, length === 1 ? DestroyReason.PROTOCOL : DestroyReason.DESTROYED, name)
        assert.equal(asked, 0, name)
      })
    }
  })

  test('a second one closes the circuit', async () => {
    await raw(1, async (client, chain) => {
      chain.exit.extend = () => new Promise(() => {})
      client.send(RelayCommand.EXTEND2, 0, request(target()), { early: true })
      client.send(RelayCommand.EXTEND2, 0, request(target()), { early: true })
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
    })
  })

  test('a relay that is not reached closes the circuit', async () => {
    await raw(1, async client => {
      client.send(RelayCommand.EXTEND2, 0, request(target()), { early: true })
      assert.equal(await client.destroyReason(), DestroyReason.CONNECTFAILED)
    })
  })

  test('dialling stops when the circuit goes', async () => {
    await raw(1, async (client, chain) => {
      let signal: AbortSignal | undefined
      chain.exit.extend = (_target, _circuit, given) => {
        signal = given
        return new Promise(() => {})
      }
      client.send(RelayCommand.EXTEND2, 0, request(target()), { early: true })
      await until(() => signal !== undefined, 'dialling')
      client.destroy(DestroyReason.NONE)
      await until(() => signal!.aborted, 'abort')
    })
  })

  test('cells that nobody can take while the circuit is being extended close it', async () => {
    await raw(1, async (client, chain) => {
      chain.exit.extend = () => new Promise(() => {})
      client.send(RelayCommand.EXTEND2, 0, request(target()), { early: true })
      client.sendBody(randomBytes(509))
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
    })
  })
})

describe('TRUNCATE and DESTROY', () => {
  test('TRUNCATE frees what is behind, answers, and the circuit can be extended again', async () => {
    await raw(2, async (client, chain) => {
      client.send(RelayCommand.TRUNCATE, 0, Buffer.of(DestroyReason.NONE), { hop: 0 })
      assert.deepEqual([...(await client.message(RelayCommand.TRUNCATED)).data], [DestroyReason.REQUESTED])
      await until(() => chain.exit.server.circuits.size === 0, 'the end of the last hop')
      client.layers.pop()
      client.received.length = 0
      await client.extend(chain.exit.hop({ congestionControl: false }))
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
    })
  })

  test('TRUNCATE stops dialling', async () => {
    await raw(1, async (client, chain) => {
      chain.exit.extend = (_target, _circuit, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      client.send(
        RelayCommand.EXTEND2,
        0,
        encodeExtend2({ target: new TestRelay().hop(), handshakeType: HandshakeType.NTOR, data: randomBytes(84) }),
        { early: true },
      )
      client.send(RelayCommand.TRUNCATE, 0, Buffer.of(0))
      await client.message(RelayCommand.TRUNCATED)
      client.send(RelayCommand.RESOLVE, 7, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
    })
  })

  test('DESTROY goes through to the last hop and ends its streams', async () => {
    await raw(3, async (client, chain) => {
      const site = await silentSite()
      try {
        client.send(RelayCommand.BEGIN, 1, site.begin)
        await client.message(RelayCommand.CONNECTED)
        client.destroy(DestroyReason.FINISHED)
        await until(() => chain.relays.every(relay => relay.server.circuits.size === 0), 'the end of all hops')
      } finally {
        await site.close()
      }
    })
  })

  test('a channel that closes takes its circuits along, both ways', async () => {
    await raw(3, async (client, chain) => {
      chain.pairs[1]!.responder.close()
      assert.equal(await client.destroyReason(), DestroyReason.CHANNEL_CLOSED)
      await until(() => chain.relays.every(relay => relay.server.circuits.size === 0), 'the end of all hops')
    })
  })
})

describe('windows', () => {
  /** A stream of the relay that has `cells` cells to send, and a client that has taken in as many as come. */
  const download = async (client: RawEnd, cells: number): Promise<() => Promise<void>> => {
    const site = await listen(socket => socket.write(randomBytes(cells * 498)))
    client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: '127.0.0.1', port: site.port, flags: 0 }))
    await client.message(RelayCommand.CONNECTED)
    return () => site.close()
  }

  test('the relay stops at 500 cells a stream and 1000 a circuit, and goes on when it is told', async () => {
    await raw(1, async client => {
      const data = () => client.of(RelayCommand.DATA)
      const close = await download(client, 2000)
      await until(() => data().length === 500, 'the stream window')
      for (let i = 0; i < 10; i++) client.send(RelayCommand.SENDME, 1, NOTHING)
      await until(() => data().length === 1000, 'the circuit window')
      for (let i = 0; i < 10; i++) client.send(RelayCommand.SENDME, 1, NOTHING)
      client.send(RelayCommand.SENDME, 0, encodeSendme(data()[99]!.tag))
      await until(() => data().length === 1100, 'a hundred more')
      await close()
    })
  })

  test('T12: a SENDME with a wrong digest, out of order, too early, of version 0 or malformed closes the circuit', async () => {
    const cases: [string, (client: RawEnd) => Buffer][] = [
      ['wrong digest', () => encodeSendme(randomBytes(20))],
      ['the digest of another cell', client => encodeSendme(client.of(RelayCommand.DATA)[100]!.tag)],
      ['out of order', client => encodeSendme(client.of(RelayCommand.DATA)[199]!.tag)],
      ['truncated digest', client => encodeSendme(client.of(RelayCommand.DATA)[99]!.tag.subarray(0, 16))],
      ['version 0', () => NOTHING],
      ['version 0, not empty', () => Buffer.concat([Buffer.of(0, 0, 20), randomBytes(20)])],
      ['version 2', () => Buffer.concat([Buffer.of(2, 0, 20), randomBytes(20)])],
      ['short', () => Buffer.of(1)],
    ]
    for (const [name, make] of cases) {
      await raw(1, async client => {
        const close = await download(client, 400)
        await until(() => client.of(RelayCommand.DATA).length >= 300, 'data')
        client.send(RelayCommand.SENDME, 0, make(client))
        assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL, name)
        await close()
      })
    }
    await raw(1, async client => {
      client.send(RelayCommand.SENDME, 0, encodeSendme(randomBytes(20)))
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL, 'before any data')
    })
  })

  test('a stream SENDME beyond the window closes the circuit', async () => {
    await raw(1, async client => {
      const site = await silentSite()
      client.send(RelayCommand.BEGIN, 1, site.begin)
      await client.message(RelayCommand.CONNECTED)
      client.send(RelayCommand.SENDME, 1, NOTHING)
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      await site.close()
    })
  })

  test('XON and XOFF without congestion control, and stream SENDMEs with it, close the circuit', async () => {
    for (const [congestionControl, command, data] of [
      [false, RelayCommand.XOFF, Buffer.of(0)],
      [false, RelayCommand.XON, Buffer.of(0, 0, 0, 0, 0)],
      [true, RelayCommand.SENDME, NOTHING],
      [true, RelayCommand.XOFF, Buffer.of(1)],
      [true, RelayCommand.XON, Buffer.of(0, 0)],
    ] as const) {
      await raw(
        1,
        async client => {
          const site = await silentSite()
          client.send(RelayCommand.BEGIN, 1, site.begin)
          await client.message(RelayCommand.CONNECTED)
          client.send(command, 1, data)
          assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
          await site.close()
        },
        { congestionControl },
      )
    }
  })

  test('more data than the stream window allows closes the circuit', async () => {
    await raw(1, async (client, chain) => {
      // A socket that takes nothing.
      const site = await listen(socket => socket.pause())
      client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: '127.0.0.1', port: site.port, flags: 0 }))
      await client.message(RelayCommand.CONNECTED)
      const cell = randomBytes(498)
      for (let sent = 0; client.destroyed === undefined && sent < 40_000; sent++) {
        client.send(RelayCommand.DATA, 1, cell)
        if (sent % 100 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      assert.equal(await client.destroyReason(), DestroyReason.PROTOCOL)
      assert.equal(chain.exit.server.circuits.size, 0)
      await site.close()
    })
  })

  test('every hundred cells of data are acknowledged with the digest of the hundredth', async () => {
    await raw(1, async (client, chain) => {
      const site = await listen(socket => socket.resume())
      client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: '127.0.0.1', port: site.port, flags: 0 }))
      await client.message(RelayCommand.CONNECTED)
      const tags: Buffer[] = []
      for (let i = 0; i < 300; i++) tags.push(client.send(RelayCommand.DATA, 1, randomBytes(1 + i)))
      const own = () => client.of(RelayCommand.SENDME).filter(message => message.streamId === 0)
      await until(() => own().length === 3, 'three SENDMEs')
      assert.deepEqual(
        own().map(message => message.data),
        [99, 199, 299].map(i => encodeSendme(tags[i]!)),
      )
      await until(() => client.of(RelayCommand.SENDME).length === 3 + 6, 'six stream SENDMEs')
      assert.equal(chain.exit.server.circuits.size, 1)
      await site.close()
    })
  })
})

describe('streams', () => {
  test('a BEGIN that cannot be read ends that stream only', async () => {
    await raw(1, async client => {
      const bad = [
        '',
        'no-nul:80',
        'host\0',
        'host:\0',
        'host:0\0',
        'host:70000\0',
        'host:80x\0',
        ':80\0',
        '::1:80\0',
        'ho st:80\0',
        '\x01:80\0',
      ]
      for (const [i, text] of bad.entries()) client.send(RelayCommand.BEGIN, i + 1, Buffer.from(text, 'latin1'))
      for (const i of bad.keys()) {
        const end = await client.message(RelayCommand.END, i)
        assert.deepEqual([end.streamId, end.data[0]], [i + 1, EndReason.TORPROTOCOL], bad[i])
      }
      client.send(RelayCommand.RESOLVE, 99, Buffer.from('name.example\0'))
      await client.message(RelayCommand.RESOLVED)
    })
  })

  test('the target, its flags and IPv6 literals reach the role', async () => {
    await raw(1, async (client, chain) => {
      const targets: unknown[] = []
      chain.exit.connect = async target => {
        targets.push(target)
        throw new StreamRefused(EndReason.EXITPOLICY, 'no', '2001:db8::7', 77)
      }
      client.send(RelayCommand.BEGIN, 1, Buffer.from('WWW.Example.com:443\0\0\0\0\x05', 'latin1'))
      client.send(RelayCommand.BEGIN, 2, Buffer.from('[2001:DB8::1]:80\0', 'latin1'))
      const end = await client.message(RelayCommand.END, 1)
      assert.deepEqual(targets, [
        { host: 'www.example.com', port: 443, flags: 5 },
        { host: '2001:db8::1', port: 80, flags: 0 },
      ])
      assert.equal(end.data.toString('hex'), '0420010db80000000000000000000000070000004d')
    })
  })

  test('a stream id in use stays with its stream', async () => {
    await raw(1, async (client, chain) => {
      const site = await silentSite()
      client.send(RelayCommand.BEGIN, 1, site.begin)
      client.send(RelayCommand.BEGIN, 1, site.begin)
      await client.message(RelayCommand.CONNECTED)
      client.send(RelayCommand.BEGIN, 1, site.begin)
      client.send(RelayCommand.RESOLVE, 1, Buffer.from('name.example\0'))
      client.send(RelayCommand.RESOLVE, 2, Buffer.from('name.example\0'))
      assert.equal((await client.message(RelayCommand.RESOLVED)).streamId, 2)
      assert.equal(chain.exit.dialled.length, 1)
      await site.close()
    })
  })

  test('too many streams at once, and too many in a second, are refused', async () => {
    let streamBurst = 300
    const limits = { streamsPerCircuit: 3, streamRate: 100, streamBurst }
    const chain = new Chain([new TestRelay({ limits, streamLimits: () => ({ streamRate: 1, streamBurst }) })])
    // What the authorities say holds for circuits made from then on.
    streamBurst = 5
    try {
      const client = await RawEnd.client(chain.channel, [chain.exit.hop()])
      chain.exit.connect = () => new Promise(() => {})
      for (let id = 1; id <= 4; id++) client.send(RelayCommand.BEGIN, id, encodeBegin({ host: 'a.example', port: 80, flags: 0 }))
      const end = await client.message(RelayCommand.END)
      assert.deepEqual([end.streamId, end.data[0]], [4, EndReason.MISC])
      assert.equal(chain.exit.circuits[0]!.streamCount, 3)
      for (let id = 1; id <= 3; id++) client.send(RelayCommand.END, id, Buffer.of(1))
      for (let id = 11; id <= 14; id++) client.send(RelayCommand.BEGIN, id, encodeBegin({ host: 'a.example', port: 80, flags: 0 }))
      await client.message(RelayCommand.END, 2)
      assert.equal(
        client.of(RelayCommand.END).every(message => message.data[0] === EndReason.MISC),
        true,
      )
    } finally {
      await chain.close()
    }
  })

  test('END before CONNECTED stops dialling', async () => {
    await raw(1, async (client, chain) => {
      let signal: AbortSignal | undefined
      chain.exit.connect = (_target, _circuit, given) => {
        signal = given
        return new Promise(() => {})
      }
      client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: 'a.example', port: 80, flags: 0 }))
      await until(() => signal !== undefined, 'dialling')
      client.send(RelayCommand.END, 1, Buffer.of(1))
      await until(() => signal!.aborted, 'abort')
      assert.equal(chain.exit.circuits[0]!.streamCount, 0)
    })
  })

  test('BEGIN_DIR without a directory', async () => {
    await raw(1, async client => {
      client.send(RelayCommand.BEGIN_DIR, 1, NOTHING)
      assert.equal((await client.message(RelayCommand.END)).data[0], EndReason.NOTDIRECTORY)
    })
  })

  test('circuit padding is declined', async () => {
    await raw(1, async client => {
      client.send(RelayCommand.PADDING_NEGOTIATE, 0, Buffer.of(0, 2, 1, 0, 0, 0, 0, 5))
      assert.equal((await client.message(RelayCommand.PADDING_NEGOTIATED)).data.toString('hex'), '0002020100000005')
    })
  })
})

describe('CREATE', () => {
  test('what is not a good onionskin is answered with DESTROY', async () => {
    const chain = Chain.of(1)
    const hop = chain.exit.hop()
    const v3 = (congestionControl: boolean, subprotocols: { protocol: number; version: number }[]) =>
      ntorV3Client(hop.ed25519Identity, hop.ntorKey!, encodeCircuitRequest({ congestionControl, subprotocols })).onionskin
    const cases: [string, number, Buffer][] = [
      ['CREATE', Command.CREATE, randomBytes(186)],
      ['TAP', Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.TAP, data: randomBytes(186) })],
      ['unknown handshake', Command.CREATE2, encodeCreate2({ handshakeType: 9, data: randomBytes(84) })],
      ['ntor for another relay', Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.NTOR, data: randomBytes(84) })],
      ['short ntor', Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.NTOR, data: randomBytes(83) })],
      ['ntor-v3 with junk', Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.NTOR_V3, data: randomBytes(140) })],
      [
        'a subprotocol',
        Command.CREATE2,
        encodeCreate2({ handshakeType: HandshakeType.NTOR_V3, data: v3(true, [{ protocol: 2, version: 6 }]) }),
      ],
      ['length beyond the cell', Command.CREATE2, Buffer.of(0, 2, 0xff, 0xff)],
    ]
    try {
      for (const [name, command, body] of cases) {
        const end = new RawEnd(chain.channel, chain.channel.allocateCircId())
        chain.channel.send(undefined, encodeFixedCell(end.circId, command, body))
        assert.equal(await end.destroyReason(), DestroyReason.PROTOCOL, name)
      }
      assert.equal(chain.exit.server.circuits.size, 0)
    } finally {
      await chain.close()
    }
  })

  test('a flood is answered with RESOURCELIMIT beyond the queue, and a circuit given up while it waits costs nothing', async () => {
    const chain = new Chain([new TestRelay({ limits: { onionskinQueue: 20, onionskinsPerChannel: 10, onionskinSliceMs: 0 } })])
    try {
      const skin = ntorV3Client(
        chain.exit.identity.ed25519Identity,
        chain.exit.ntor.public,
        encodeCircuitRequest({ congestionControl: false, subprotocols: [] }),
      ).onionskin
      const ends = Array.from({ length: 30 }, () => new RawEnd(chain.channel, chain.channel.allocateCircId()))
      for (const end of ends)
        chain.channel.send(
          undefined,
          encodeFixedCell(end.circId, Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.NTOR_V3, data: skin })),
        )
      await until(() => ends.every(end => end.created || end.destroyed !== undefined), 'answers')
      assert.equal(ends.filter(end => end.created).length, 10)
      assert.equal(ends.filter(end => end.destroyed === DestroyReason.RESOURCELIMIT).length, 20)
      assert.equal(chain.exit.server.circuits.size, 10)
      const late = new RawEnd(chain.channel, chain.channel.allocateCircId())
      chain.channel.send(
        undefined,
        encodeFixedCell(late.circId, Command.CREATE2, encodeCreate2({ handshakeType: HandshakeType.NTOR_V3, data: skin })),
      )
      late.destroy(DestroyReason.NONE)
      await new Promise(resolve => setTimeout(resolve, 20))
      assert.equal(chain.exit.server.circuits.size, 10)
    } finally {
      await chain.close()
    }
  })

  test('CREATE_FAST makes a circuit, known as such', async () => {
    const chain = Chain.of(1)
    try {
      const circuit = await chain.build({ ntorKey: undefined })
      assert.equal(chain.exit.circuits[0]!.createdFast, true)
      assert.deepEqual(await circuit.resolve('name.example', { signal: AbortSignal.timeout(5000) }), [
        { kind: 'address', address: '198.51.100.7', ttl: 300 },
      ])
      circuit.close()
    } finally {
      await chain.close()
    }
  })

  test('limits on circuits hold', async () => {
    const chain = new Chain([new TestRelay({ limits: { circuitsPerClient: 2 } })])
    try {
      const circuits = [await chain.build(), await chain.build()]
      await assert.rejects(chain.build(), { name: 'CircuitRefused', reason: DestroyReason.RESOURCELIMIT })
      circuits[0]!.close()
      await until(() => chain.exit.server.circuits.size === 1, 'one circuit less')
      await chain.build()
    } finally {
      await chain.close()
    }
  })
})

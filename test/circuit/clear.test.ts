import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { Command, DestroyReason, EndReason, RelayCommand } from '../../main/cell/command.ts'
import { encodeCreate2, HandshakeType } from '../../main/cell/create.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import { encodeByteSendme, encodePaRelay } from '../../main/cell/pa-relay.ts'
import { ByteFlow, FIRST_WINDOW, LARGEST_WINDOW } from '../../main/circuit/byte-flow.ts'
import { ClearOriginCircuit } from '../../main/circuit/clear-origin.ts'
import { CircuitStream } from '../../main/circuit/stream.ts'
import { streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { Chain, listen, until } from './chain.ts'

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')
const soon = () => AbortSignal.timeout(20_000)
const NOTHING = Buffer.alloc(0)

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A peer, a server that grants clear circuits, and a site; `onVisit` is the site. */
async function clear(
  onVisit: (socket: Socket) => void,
  body: (circuit: ClearOriginCircuit, target: { host: string; port: number }, chain: Chain) => Promise<void>,
): Promise<void> {
  const chain = Chain.of(1, { clear: true })
  const site = await listen(onVisit)
  try {
    await body(await ClearOriginCircuit.build(chain.channel, soon()), { host: '127.0.0.1', port: site.port }, chain)
  } finally {
    await chain.close()
    await site.close()
  }
}

describe('clear circuits', () => {
  test('a download arrives whole, and so does an upload', async () => {
    const content = randomBytes(5_000_000)
    const visit = (socket: Socket) => {
      const parts: Buffer[] = []
      let length = 0
      socket.on('data', part => {
        parts.push(part)
        length += part.length
        if (length === content.length) socket.end(Buffer.concat([Buffer.from(sha256(Buffer.concat(parts)), 'hex'), content]))
      })
    }
    await clear(visit, async (circuit, target) => {
      const stream = await circuit.openStream(target, { signal: soon() })
      assert.equal(stream.address, '127.0.0.1')
      const duplex = streamDuplex(stream)
      duplex.write(content)
      const got = await readAll(duplex)
      assert.equal(got.subarray(0, 32).toString('hex'), sha256(content))
      assert.equal(sha256(got.subarray(32)), sha256(content))
      assert.equal(stream.bytesIn, content.length + 32)
      assert.equal(stream.bytesOut, content.length)
    })
  })

  test('many streams both ways at the same time', async () => {
    await clear(
      socket => socket.pipe(socket),
      async (circuit, target, chain) => {
        const echo = async (size: number) => {
          const content = randomBytes(size)
          const duplex = streamDuplex(await circuit.openStream(target, { signal: soon() }))
          duplex.write(content)
          const chunks: Buffer[] = []
          let got = 0
          for await (const chunk of duplex) {
            chunks.push(chunk)
            got += chunk.length
            if (got >= size) break
          }
          assert.equal(sha256(Buffer.concat(chunks)), sha256(content))
        }
        await Promise.all([1, 100, 498, 16_384, 16_385, 100_000, 300_000, 2_000_000].map(echo))
        await until(() => circuit.streamCount === 0, 'the end of all streams here')
        await until(() => chain.exit.circuits[0]!.streamCount === 0, 'the end of all streams there')
      },
    )
  })

  test('a reader that stops holds a window and no more, the others go on, and it misses nothing', async () => {
    const content = randomBytes(4_000_000)
    await clear(
      socket => socket.end(content),
      async (circuit, target) => {
        const slow = await circuit.openStream(target, { signal: soon() })
        await until(() => slow.heldBytes === FIRST_WINDOW, 'a full window')
        const quick = await readAll(streamDuplex(await circuit.openStream(target, { signal: soon() })))
        assert.equal(sha256(quick), sha256(content))
        assert.equal(slow.heldBytes, FIRST_WINDOW)
        assert.equal(sha256(await readAll(streamDuplex(slow))), sha256(content))
      },
    )
  })

  test('the window of a reader that keeps up grows, to its largest', async () => {
    const content = randomBytes(12_000_000)
    await clear(
      socket => socket.end(content),
      async (circuit, target) => {
        const stream = await circuit.openStream(target, { signal: soon() })
        let taken = 0
        stream.onData = data => {
          taken += data.length
          if (taken > 6_000_000) stream.pause()
        }
        stream.resume()
        await until(() => stream.heldBytes > LARGEST_WINDOW / 2, 'a large window')
        assert.ok(stream.heldBytes <= LARGEST_WINDOW)
        stream.abort()
      },
    )
  })

  test('names are looked up by the server; a refused stream says why', async () => {
    await clear(
      socket => socket.end(),
      async (circuit, _target, chain) => {
        assert.deepEqual(await circuit.resolve('name.example', { signal: soon() }), [
          { kind: 'address', address: '198.51.100.7', ttl: 300 },
        ])
        const closed = await listen(() => {})
        await closed.close()
        await assert.rejects(circuit.openStream({ host: '127.0.0.1', port: closed.port }, { signal: soon() }), {
          name: 'StreamRefused',
          reason: EndReason.CONNECTREFUSED,
        })
        assert.equal(chain.exit.dialled.length, 1)
      },
    )
  })

  test('streams end with their circuit, whoever closes it', async () => {
    await clear(
      () => {},
      async (circuit, target, chain) => {
        const reasons: number[] = []
        const stream = await circuit.openStream(target, { signal: soon() })
        stream.onEnd = reason => reasons.push(reason)
        stream.resume()
        chain.exit.circuits[0]!.close(DestroyReason.FINISHED)
        await until(() => circuit.closed && reasons.length === 1, 'the end')
        assert.deepEqual(reasons, [EndReason.DESTROY])
        await assert.rejects(circuit.openStream(target, { signal: soon() }), { name: 'StreamRefused' })
        const second = await ClearOriginCircuit.build(chain.channel, soon())
        second.close()
        await until(() => chain.exit.circuits[1]!.closed, 'the end there')
      },
    )
  })

  test('a server that did not agree to them grants none', async () => {
    const chain = Chain.of(1)
    try {
      await assert.rejects(ClearOriginCircuit.build(chain.channel, soon()), { name: 'CircuitRefused', reason: DestroyReason.PROTOCOL })
    } finally {
      await chain.close()
    }
  })
})

/** A peer that keeps no rules: it writes what it likes. */
async function hostile(
  body: (peer: { write(cells: Buffer): void; circId: number; destroyed(): Promise<number> }, chain: Chain) => Promise<void>,
) {
  const chain = Chain.of(1, { clear: true })
  const { channel } = chain
  const circId = channel.allocateCircId()
  let created = false
  const destroyed = Promise.withResolvers<number>()
  const end = {
    trafficClass: 'pa' as const,
    onCells: () => {},
    onCreated: () => {
      created = true
    },
    onDestroy: destroyed.resolve,
    onChannelClosed: () => destroyed.resolve(-1),
    onBulkCell: () => {},
  }
  channel.attach(circId, end)
  const create = encodeCreate2({ handshakeType: HandshakeType.PA_CLEAR, data: NOTHING })
  channel.send(undefined, encodeFixedCell(circId, Command.CREATE2, create))
  try {
    await until(() => created, 'CREATED2')
    await body({ write: cells => channel.send(end, cells), circId, destroyed: () => destroyed.promise }, chain)
  } finally {
    await chain.close()
  }
}

describe('T15: what a hostile peer does on a clear circuit ends that circuit with PROTOCOL, and dials nobody', () => {
  const cases: Record<string, (circId: number) => Buffer> = {
    EXTEND2: id => encodePaRelay(id, RelayCommand.EXTEND2, 0, Buffer.alloc(100)),
    'the old EXTEND': id => encodePaRelay(id, RelayCommand.EXTEND, 0, Buffer.alloc(100)),
    'a rendezvous': id => encodePaRelay(id, RelayCommand.ESTABLISH_RENDEZVOUS, 0, randomBytes(20)),
    'an introduction': id => encodePaRelay(id, RelayCommand.INTRODUCE1, 0, randomBytes(300)),
    'onion cells': id => encodeFixedCell(id, Command.RELAY, randomBytes(509)),
    'a stream message without a stream': id => encodePaRelay(id, RelayCommand.BEGIN, 0, Buffer.from('127.0.0.1:80\0')),
    'a message that is too long': id => encodePaRelay(id, RelayCommand.BEGIN, 1, Buffer.alloc(499, 'a')),
    'an empty cell': id => {
      const cell = encodePaRelay(id, RelayCommand.DATA, 1, NOTHING).subarray(0, 7)
      cell.writeUInt16BE(0, 5)
      return cell
    },
  }
  for (const [name, cells] of Object.entries(cases)) {
    test(name, () =>
      hostile(async (peer, chain) => {
        peer.write(cells(peer.circId))
        assert.equal(await peer.destroyed(), DestroyReason.PROTOCOL)
        assert.deepEqual(chain.exit.dialled, [])
      }),
    )
  }

  test('more data than the window', () =>
    hostile(async (peer, chain) => {
      chain.exit.connect = () => new Promise(() => {})
      peer.write(encodePaRelay(peer.circId, RelayCommand.BEGIN, 7, Buffer.from('192.0.2.1:80\0\0\0\0\0')))
      for (let sent = 0; sent <= FIRST_WINDOW; sent += 16_384)
        peer.write(encodePaRelay(peer.circId, RelayCommand.DATA, 7, Buffer.alloc(16_384)))
      assert.equal(await peer.destroyed(), DestroyReason.PROTOCOL)
    }))

  test('a SENDME for nothing, for far too much, and one cut short', async () => {
    for (const data of [encodeByteSendme(0), encodeByteSendme(0xffff_ffff), Buffer.alloc(3)]) {
      await hostile(async (peer, chain) => {
        chain.exit.connect = () => new Promise(() => {})
        peer.write(encodePaRelay(peer.circId, RelayCommand.BEGIN, 7, Buffer.from('192.0.2.1:80\0\0\0\0\0')))
        peer.write(encodePaRelay(peer.circId, RelayCommand.SENDME, 7, data))
        assert.equal(await peer.destroyed(), DestroyReason.PROTOCOL)
      })
    }
  })
})

test('T10: single bytes that nobody takes are joined, so that each does not cost more than itself', async () => {
  const host = { wake: () => {}, holding: () => {}, finish: () => {} }
  const stream = new CircuitStream(1, new ByteFlow(() => {}), host)
  const content = randomBytes(20_000)
  for (const byte of content) stream.deliver(Buffer.of(byte))
  assert.equal(stream.heldBytes, content.length)
  const pieces: Buffer[] = []
  stream.onData = piece => pieces.push(piece)
  stream.resume()
  assert.deepEqual(Buffer.concat(pieces), content)
  assert.ok(pieces.length <= 1 + content.length / 4096, `${pieces.length} pieces`)
})

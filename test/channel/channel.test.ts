import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { CELL_LENGTH, Command, DestroyReason } from '../../main/cell/command.ts'
import { encodeFixedCell, encodeVariableCell } from '../../main/cell/frame.ts'
import type { Channel, ChannelHandler } from '../../main/channel/channel.ts'
import { bulkCell, RecordingEnd, relayCells, turns } from './cells.ts'
import { type ChannelPair, type ChannelPairOptions, channelPair } from './pair.ts'

const pairs: ChannelPair[] = []
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close()
})

function newPair(options?: ChannelPairOptions): ChannelPair {
  const pair = channelPair(options)
  pairs.push(pair)
  return pair
}

class RecordingHandler implements ChannelHandler {
  readonly calls: string[] = []
  onCreate(_channel: Channel, circId: number, command: number, body: Buffer): void {
    this.calls.push(`create ${circId} ${command} ${body.length}`)
  }
  onControl(_channel: Channel, cell: { command: number; body: Buffer }): void {
    this.calls.push(`control ${cell.command} ${cell.body}`)
  }
  onClose(_channel: Channel, why: string): void {
    this.calls.push(`close ${why}`)
  }
}

/** A responder with a circuit `id` attached, ready to be sent raw bytes. */
function listening(ids: readonly number[] = [0x8000_0001]) {
  const { responder, responderLink } = newPair()
  const handler = new RecordingHandler()
  responder.handler = handler
  const ends = ids.map(id => {
    const end = new RecordingEnd()
    responder.attach(id, end)
    return end
  })
  return { channel: responder, link: responderLink, handler, ends, end: ends[0]! }
}

const A = 0x8000_0001
const B = 0x8000_0002

describe('cells that arrive', () => {
  test('are handed over as one run for each circuit and turn, in order, RELAY and RELAY_EARLY alike', async () => {
    const { link, ends } = listening([A, B])
    link.inject(Buffer.concat([relayCells(A, 2), relayCells(B, 1, 100), relayCells(A, 1, 2, Command.RELAY_EARLY)]))
    link.inject(Buffer.concat([relayCells(B, 2, 101), relayCells(A, 1, 3)]))
    await turns(1)
    assert.deepEqual(ends[0]!.calls, [[0, 1, 2, 3]])
    assert.deepEqual(ends[1]!.calls, [[100, 101, 102]])
  })

  test('arrive whole, however the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.constantFrom('a', 'b', 'bulk', 'padding', 'unknown', 'stray'), { minLength: 1, maxLength: 40 }),
        async (cuts, kinds) => {
          const { link, ends, channel } = listening([A, B])
          const expected: Record<number, (number | string)[]> = { [A]: [], [B]: [] }
          const bytes = Buffer.concat(
            kinds.map((kind, i) => {
              if (kind === 'padding') return encodeFixedCell(0, Command.PADDING)
              if (kind === 'unknown') return encodeVariableCell(A, 199, Buffer.alloc(i * 3))
              if (kind === 'stray') return relayCells(77, 1)
              if (kind === 'bulk') {
                expected[B]!.push(`bulk ${i * 50 + 1} of ${i}`)
                return bulkCell(B, i * 50 + 1, i)
              }
              const id = kind === 'a' ? A : B
              expected[id]!.push(i)
              return relayCells(id, 1, i)
            }),
          )
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length]!
            link.inject(Buffer.from(bytes.subarray(at, at + size)))
            at += size
            if (i % 3 === 0) await turns(1)
          }
          await turns(1)
          assert.deepEqual(ends[0]!.calls.flat(), expected[A])
          assert.deepEqual(ends[1]!.calls.flat(), expected[B])
          assert.equal(channel.closed, false)
          assert.equal(channel.bytesRead, bytes.length)
        },
      ),
      { numRuns: 60 },
    ))

  test('of two channels do not mix, when both have half a cell left', async () => {
    const both = [listening(), listening()]
    const cells = both.map((_, i) => relayCells(A, 3, 10 * (i + 1)))
    for (const [i, { link }] of both.entries()) {
      link.inject(Buffer.from(cells[i]!.subarray(0, 100)))
      link.inject(Buffer.from(cells[i]!.subarray(100, 800)))
    }
    await turns(1)
    for (const [i, { link }] of both.entries()) link.inject(Buffer.from(cells[i]!.subarray(800)))
    await turns(1)
    assert.deepEqual(
      both.map(({ end }) => end.numbers),
      [
        [10, 11, 12],
        [20, 21, 22],
      ],
    )
  })

  test('other cells of a circuit keep their place among its relay cells', async () => {
    const { link, ends } = listening([A, B])
    const created = encodeFixedCell(A, Command.CREATED2)
    const destroy = encodeFixedCell(A, Command.DESTROY, Buffer.of(DestroyReason.FINISHED))
    link.inject(
      Buffer.concat([relayCells(B, 1, 9), relayCells(A, 2), created, relayCells(A, 1, 2), bulkCell(A, 5, 7), relayCells(A, 1, 3), destroy]),
    )
    link.inject(Buffer.concat([relayCells(A, 1, 4), relayCells(B, 1, 10)]))
    await turns(1)
    assert.deepEqual(ends[0]!.calls, [[0, 1], 'created 11 509', [2], 'bulk 5 of 7', [3], `destroy ${DestroyReason.FINISHED}`])
    assert.deepEqual(ends[1]!.calls, [[9, 10]])
  })

  test('are walked without waiting when there are 64 KiB of them', () => {
    const { link, end } = listening()
    link.inject(relayCells(A, 127))
    assert.deepEqual(end.calls, [])
    link.inject(relayCells(A, 1, 127))
    assert.equal(end.calls.length, 1)
    assert.equal(end.numbers.length, 128)
  })

  test('may be for a circuit that came into being earlier in the same bytes', async () => {
    const { link, channel } = listening()
    const late = new RecordingEnd()
    channel.handler = {
      ...new RecordingHandler(),
      onControl: () => {},
      onClose: () => {},
      onCreate: (_, circId) => channel.attach(circId, late),
    }
    link.inject(Buffer.concat([relayCells(B, 1, 99), encodeFixedCell(B, Command.CREATE2), relayCells(B, 2)]))
    await turns(1)
    assert.deepEqual(late.calls, [[0, 1]])
  })

  test('are dropped when the circuit is detached before their run is handed over', async () => {
    const { link, channel, ends } = listening([A, B])
    ends[0]!.onEvent = () => channel.detach(B)
    link.inject(Buffer.concat([relayCells(A, 1), relayCells(B, 3)]))
    await turns(1)
    assert.deepEqual(ends[1]!.calls, [])
  })
})

describe('what a peer may not do, or what means nothing', () => {
  test('padding, unknown commands and late handshake cells of the harmless kind are ignored', async () => {
    const { link, channel, handler, end } = listening()
    const ignored = [Command.PADDING, Command.NETINFO, Command.PADDING_NEGOTIATE, 99]
    for (const command of ignored) link.inject(encodeFixedCell(0, command, Buffer.from('x')))
    for (const command of [Command.VPADDING, Command.AUTHORIZE, Command.VERSIONS, 250])
      link.inject(encodeVariableCell(0, command, Buffer.from('y')))
    link.inject(encodeVariableCell(5, Command.PA_NEGOTIATE, Buffer.from('on a circuit')))
    link.inject(relayCells(0, 1))
    link.inject(encodeFixedCell(B, Command.DESTROY))
    link.inject(encodeFixedCell(B, Command.CREATED2))
    await turns(1)
    assert.deepEqual(handler.calls, [])
    assert.deepEqual(end.calls, [])
    assert.equal(channel.closed, false)
  })

  for (const command of [Command.CERTS, Command.AUTH_CHALLENGE, Command.AUTHENTICATE]) {
    test(`cell ${command} closes an open channel, and what follows it is not looked at`, async () => {
      const { link, channel, handler, end } = listening()
      link.inject(Buffer.concat([encodeVariableCell(0, command, Buffer.alloc(8)), relayCells(A, 1)]))
      await turns(3)
      assert.equal(channel.closed, true)
      assert.equal(link.closed, true)
      assert.deepEqual(end.calls, ['closed'])
      assert.deepEqual(handler.calls, [`close cell ${command} on an open channel`])
    })
  }

  test('a CREATE in our half of the ids is answered with DESTROY; on id 0 or a taken one it is dropped', async () => {
    const { link, handler, end } = listening()
    for (const id of [0, A, 7, B]) link.inject(encodeFixedCell(id, Command.CREATE_FAST))
    await turns(2)
    assert.deepEqual(handler.calls, [`create ${B} ${Command.CREATE_FAST} 509`])
    assert.deepEqual(end.calls, [])
    assert.deepEqual(link.writes, [encodeFixedCell(7, Command.DESTROY, Buffer.of(DestroyReason.PROTOCOL))])
  })

  test('perspective-access control cells reach the handler', async () => {
    const { link, handler } = listening()
    link.inject(encodeVariableCell(0, Command.PA_NEGOTIATE, Buffer.from('hello')))
    await turns(1)
    assert.deepEqual(handler.calls, [`control ${Command.PA_NEGOTIATE} hello`])
  })

  test('a fault in a circuit ends its channel and no other', async () => {
    const { link, channel, handler, ends } = listening([A, B])
    const other = listening()
    ends[0]!.onEvent = () => {
      throw new Error('a bug')
    }
    link.inject(Buffer.concat([relayCells(A, 1), relayCells(B, 1)]))
    other.link.inject(relayCells(A, 1))
    await turns(2)
    assert.equal(channel.closed, true)
    assert.deepEqual(handler.calls, ['close internal error'])
    assert.deepEqual(ends[1]!.calls, ['closed'])
    assert.deepEqual(other.end.calls, [[0]])
  })

  test('any bytes at all: the channel ignores them, waits or closes', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }), async chunks => {
        const { link, handler } = listening()
        for (const chunk of chunks) link.inject(Buffer.from(chunk))
        await turns(2)
        assert.equal(handler.calls.includes('close internal error'), false)
      }),
      { numRuns: 100 },
    ))
})

describe('circuit ids', () => {
  test('of the opener have the top bit, of the other end not', () => {
    const { initiator, responder } = newPair()
    for (let i = 0; i < 200; i++) {
      assert.ok(initiator.allocateCircId() >= 0x8000_0000)
      const id = responder.allocateCircId()
      assert.ok(id > 0 && id < 0x8000_0000)
    }
  })

  test('are taken once', () => {
    const { channel } = listening()
    assert.throws(() => channel.attach(A, new RecordingEnd()), /taken/)
    assert.throws(() => channel.attach(0, new RecordingEnd()), /taken/)
    const end = new RecordingEnd()
    channel.attach(B, end)
    assert.throws(() => channel.attach(B + 1, end), /taken/)
    channel.detach(B)
    channel.attach(B, end)
    assert.equal(channel.circuitCount, 2)
  })
})

describe('what is sent', () => {
  test('arrives at the other end, with control cells before the cells of circuits', async () => {
    const { initiator, responder } = newPair()
    const [near, far] = [new RecordingEnd(), new RecordingEnd()]
    const order: string[] = []
    responder.handler = {
      onCreate: (_, circId) => order.push('create') && responder.attach(circId, far),
      onControl: () => {},
      onClose: () => {},
    }
    const circId = initiator.allocateCircId()
    initiator.attach(circId, near)
    far.onEvent = call => order.push(`cells ${call}`)
    initiator.send(near, relayCells(circId, 3))
    initiator.send(undefined, encodeFixedCell(circId, Command.CREATE2))
    await turns()
    assert.deepEqual(order, ['create', 'cells 0,1,2'])
    responder.send(far, relayCells(circId, 2, 50))
    await turns()
    assert.deepEqual(near.numbers, [50, 51])
  })

  test('goes out as one write at the end of the turn', async () => {
    const { initiator, initiatorLink } = newPair()
    const end = new RecordingEnd()
    initiator.attach(B, end)
    for (let i = 0; i < 20; i++) initiator.send(end, relayCells(B, 1, i))
    assert.equal(initiatorLink.writes.length, 0)
    assert.equal(initiator.queuedCells(end), 20)
    await turns(1)
    assert.deepEqual(
      initiatorLink.writes.map(write => write.length),
      [20 * CELL_LENGTH],
    )
    assert.equal(initiator.queuedCells(end), 0)
    assert.equal(initiator.bytesWritten, 20 * CELL_LENGTH)
  })

  test('of a circuit that is not attached, or on a closed channel, is dropped', async () => {
    const { initiator, initiatorLink } = newPair()
    const end = new RecordingEnd()
    initiator.send(end, relayCells(B, 1))
    initiator.attach(B, end)
    initiator.send(end, relayCells(B, 1))
    initiator.detach(B)
    await turns(1)
    assert.deepEqual(initiatorLink.writes, [])
    initiator.close()
    initiator.send(undefined, relayCells(B, 1))
    await turns(1)
    assert.deepEqual(initiatorLink.writes, [])
  })

  test('is counted by class', async () => {
    const { initiator, responder } = newPair()
    const [or, pa] = [new RecordingEnd('or'), new RecordingEnd('pa')]
    initiator.attach(A, or)
    initiator.attach(B, pa)
    responder.attach(B, new RecordingEnd('pa'))
    initiator.send(or, relayCells(A, 3))
    initiator.send(pa, relayCells(B, 5))
    initiator.send(undefined, encodeFixedCell(0, Command.PADDING))
    await turns()
    assert.deepEqual(initiator.bytes, { orRead: 0, orWritten: 4 * CELL_LENGTH, paRead: 0, paWritten: 5 * CELL_LENGTH })
    // Nobody knows circuit A there: it counts as what the link is for.
    assert.deepEqual(responder.bytes, { orRead: 4 * CELL_LENGTH, orWritten: 0, paRead: 5 * CELL_LENGTH, paWritten: 0 })
  })
})

describe('closing', () => {
  test('tells circuits and handlers at both ends once, after control cells that waited', async () => {
    const { initiator, responder } = newPair()
    const handlers = [new RecordingHandler(), new RecordingHandler()]
    initiator.handler = handlers[0]!
    responder.handler = handlers[1]!
    const [near, far] = [new RecordingEnd(), new RecordingEnd()]
    initiator.attach(B, near)
    responder.attach(B, far)
    initiator.send(near, relayCells(B, 1))
    initiator.send(undefined, encodeVariableCell(0, Command.PA_STATUS, Buffer.from('bye')))
    initiator.close('enough')
    initiator.close('twice')
    assert.equal(initiator.closed, true)
    assert.deepEqual(near.calls, ['closed'])
    assert.deepEqual(handlers[0]!.calls, ['close enough'])
    await turns(8)
    assert.deepEqual(handlers[1]!.calls, [`control ${Command.PA_STATUS} bye`, 'close closed by the peer'])
    assert.deepEqual(far.calls, ['closed'])
    assert.throws(() => initiator.attach(B, near), /closed/)
  })

  test('within a run stops the walk', async () => {
    const { link, channel, ends } = listening([A, B])
    ends[0]!.onEvent = call => {
      if (typeof call !== 'string') channel.close()
    }
    link.inject(Buffer.concat([relayCells(A, 2), relayCells(B, 2)]))
    await turns(2)
    assert.deepEqual(ends[0]!.calls, [[0, 1], 'closed'])
    assert.deepEqual(ends[1]!.calls, ['closed'])
  })

  test('idleSince is set exactly while there is no circuit', () => {
    const { channel } = listening()
    assert.equal(channel.idleSince, undefined)
    channel.detach(A)
    assert.equal(typeof channel.idleSince, 'number')
    channel.attach(B, new RecordingEnd())
    assert.equal(channel.idleSince, undefined)
  })
})

import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { CELL_LENGTH, Command, DestroyReason } from '../../main/cell/command.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import { type Channel, CIRCUIT_HIGH_WATER, CIRCUIT_LOW_WATER, CIRCUIT_QUEUE_CAP } from '../../main/channel/channel.ts'
import { IN_SOCKET_BYTES } from '../../main/channel/link-writer.ts'
import { CONTROL_CAP_BYTES, TURN_BYTES } from '../../main/channel/outbound.ts'
import { WRITE_BYTES } from '../../main/channel/write-buffers.ts'
import { bulkCell, numbersOf, RecordingEnd, relayCells, turns } from './cells.ts'
import { type ChannelPair, channelPair } from './pair.ts'

const pairs: ChannelPair[] = []
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close()
})

/** A channel that sends, with circuits 1, 2, … of the given classes, and its link. */
function sender(...classes: ('or' | 'pa')[]) {
  const pair = channelPair()
  pairs.push(pair)
  const ends = classes.map((trafficClass, i) => {
    const end = new RecordingEnd(trafficClass)
    pair.initiator.attach(i + 1, end)
    return end
  })
  return { channel: pair.initiator, link: pair.initiatorLink, ends }
}

const circuitsIn = (write: Buffer) => numbersOf(write).map(cell => cell.circId)
const TURN_CELLS = TURN_BYTES / CELL_LENGTH

/** [1, 1, 1, 2, 2] → [[1, 3], [2, 2]] */
function runs(list: readonly number[]): [number, number][] {
  const out: [number, number][] = []
  for (const id of list) {
    const last = out.at(-1)
    if (last?.[0] === id) last[1]++
    else out.push([id, 1])
  }
  return out
}

describe('the order of what is sent', () => {
  test('circuits of a class take turns, each in its own order', async () => {
    const { channel, link, ends } = sender('or', 'or', 'or')
    for (const [i, end] of ends.entries()) channel.send(end, relayCells(i + 1, 40))
    await turns(1)
    assert.deepEqual(runs(circuitsIn(Buffer.concat(link.writes))), [
      [1, TURN_CELLS],
      [2, TURN_CELLS],
      [3, TURN_CELLS],
      [1, TURN_CELLS],
      [2, TURN_CELLS],
      [3, TURN_CELLS],
      [1, 8],
      [2, 8],
      [3, 8],
    ])
    for (const id of [1, 2, 3]) {
      const numbers = numbersOf(Buffer.concat(link.writes)).filter(cell => cell.circId === id)
      assert.deepEqual(
        numbers.map(cell => cell.number),
        Array.from({ length: 40 }, (_, n) => n),
      )
    }
  })

  test('class or goes before class pa, whoever was first; control cells before both', async () => {
    const { channel, link, ends } = sender('pa', 'or')
    channel.send(ends[0], relayCells(1, 30))
    channel.send(ends[1], relayCells(2, 30))
    channel.send(undefined, encodeFixedCell(9, Command.DESTROY))
    await turns(1)
    assert.deepEqual(runs(circuitsIn(Buffer.concat(link.writes))), [
      [9, 1],
      [2, 30],
      [1, 30],
    ])
  })

  test('an or cell queued while the link is full overtakes all pa cells that have not gone into it', async () => {
    const { channel, link, ends } = sender('pa', 'or')
    link.hold = true
    channel.send(ends[0], relayCells(1, 2000))
    await turns(2)
    const before = link.writes.length
    channel.send(ends[1], relayCells(2, 1))
    await turns(2)
    assert.equal(link.writes.length, before, 'nothing more fits')
    link.release()
    await turns(8)
    assert.equal(circuitsIn(link.writes[before]!)[0], 2)
  })

  test('variable cells are never cut, and fixed ones of others go between them', async () => {
    const { channel, link, ends } = sender('pa', 'pa')
    for (let i = 0; i < 8; i++) channel.send(ends[0], bulkCell(1, 16_384, i))
    channel.send(ends[1], relayCells(2, 200))
    await turns(8)
    const all = Buffer.concat(link.writes)
    assert.equal(all.length, 8 * (16_384 + 7) + 200 * CELL_LENGTH)
    const order: string[] = []
    for (let at = 0; at < all.length; ) {
      const bulk = all[at + 4] === Command.PA_RELAY
      assert.equal(all.readUInt32BE(at), bulk ? 1 : 2)
      order.push(bulk ? `bulk ${all[at + 7]}` : 'fixed')
      at += bulk ? 7 + all.readUInt16BE(at + 5) : CELL_LENGTH
    }
    assert.deepEqual(
      order.filter(what => what !== 'fixed'),
      Array.from({ length: 8 }, (_, i) => `bulk ${i}`),
    )
    assert.deepEqual(
      [order[0], order[1], order[1 + TURN_CELLS]],
      ['bulk 0', 'fixed', 'bulk 1'],
      'a turn is one long cell, or 16 fixed ones',
    )
  })

  test('a cell longer than any batch goes as it is', async () => {
    const { channel, link, ends } = sender('or')
    channel.send(ends[0], relayCells(1, 1))
    channel.send(ends[0], bulkCell(1, 65_535, 3))
    channel.send(ends[0], relayCells(1, 1, 1))
    await turns(8)
    assert.deepEqual(Buffer.concat(link.writes), Buffer.concat([relayCells(1, 1), bulkCell(1, 65_535, 3), relayCells(1, 1, 1)]))
  })
})

describe('backpressure', () => {
  test('batches are full, and only so many bytes are in the socket', async () => {
    const { channel, link, ends } = sender('or')
    link.hold = true
    channel.send(ends[0], relayCells(1, 1000))
    await turns(3)
    const inSocket = link.writes.reduce((sum, write) => sum + write.length, 0)
    assert.ok(inSocket <= IN_SOCKET_BYTES && inSocket > IN_SOCKET_BYTES - WRITE_BYTES, `${inSocket} bytes`)
    for (const write of link.writes) assert.equal(write.length, 127 * CELL_LENGTH)
    assert.equal(typeof channel.stuckSince, 'number')
    link.release()
    await turns(40)
    assert.equal(Buffer.concat(link.writes).length, 1000 * CELL_LENGTH)
    assert.deepEqual(Buffer.concat(link.writes), relayCells(1, 1000), 'buffers are used again without mixing up bytes')
    assert.equal(channel.stuckSince, undefined)
  })

  test('buffers of writes that are not taken yet are left alone', async () => {
    const senders = [sender('or'), sender('or')]
    for (let round = 0; round < 4; round++) {
      for (const { channel, link, ends } of senders) {
        link.hold = round % 2 === 1
        channel.send(ends[0], relayCells(1, 20, 1000 * senders.findIndex(one => one.link === link) + 20 * round))
      }
      await turns(2)
      for (const { link } of senders) link.release()
      await turns(2)
    }
    for (const [i, { link }] of senders.entries()) assert.deepEqual(Buffer.concat(link.writes), relayCells(1, 80, 1000 * i))
  })

  test('onWritable comes once, when a queue that was full has drained to low water', async () => {
    const { channel, link, ends } = sender('or', 'or')
    const inSocket = 2 * 127
    link.hold = true
    channel.send(ends[0], relayCells(1, inSocket + CIRCUIT_HIGH_WATER + 50))
    channel.send(ends[1], relayCells(2, CIRCUIT_LOW_WATER))
    await turns(2)
    assert.ok(channel.queuedCells(ends[0]!) >= CIRCUIT_HIGH_WATER)
    assert.deepEqual(ends[0]!.calls, [])
    let atCall = -1
    ends[0]!.onEvent = () => {
      atCall = channel.queuedCells(ends[0]!)
    }
    link.release()
    await turns(20)
    assert.deepEqual(ends[0]!.calls, ['writable'])
    assert.ok(atCall >= 0 && atCall <= CIRCUIT_LOW_WATER, `${atCall} cells`)
    assert.deepEqual(ends[1]!.calls, [], 'a queue that never was full tells nothing')
  })

  test('a queue over the cap destroys its circuit on both sides, even when the peer reads nothing, and spares the others', async () => {
    const { channel, link, ends } = sender('or', 'or')
    link.hold = true
    channel.send(ends[1], relayCells(2, 300))
    await turns(1)
    for (let sent = 0; sent <= CIRCUIT_QUEUE_CAP; sent += 500) channel.send(ends[0], relayCells(1, 500))
    channel.send(ends[0], relayCells(1, 500))
    await turns(2)
    assert.deepEqual(ends[0]!.calls, [`destroy ${DestroyReason.RESOURCELIMIT}`])
    assert.equal(channel.queuedCells(ends[0]!), 0)
    assert.equal(channel.circuitCount, 1)
    link.release()
    await turns(20)
    const cells = Buffer.concat(link.writes)
    assert.equal(circuitsIn(cells).filter(id => id === 2).length, 300)
    const destroys = numbersAt(cells, Command.DESTROY)
    assert.deepEqual(destroys, [{ circId: 1, first: DestroyReason.RESOURCELIMIT }])
  })

  test('exactly the cap is not too much', async () => {
    const { channel, link, ends } = sender('or')
    link.hold = true
    channel.send(ends[0], relayCells(1, CIRCUIT_QUEUE_CAP))
    await turns(2)
    assert.deepEqual(ends[0]!.calls, [])
  })

  test('a peer that makes us answer and does not read is dropped', async () => {
    const { channel, link } = sender('or')
    link.hold = true
    const answers = Math.ceil((CONTROL_CAP_BYTES + IN_SOCKET_BYTES) / CELL_LENGTH)
    for (let i = 0; i <= answers; i++) channel.send(undefined, encodeFixedCell(1, Command.DESTROY))
    await turns(2)
    assert.equal(channel.closed, true)
    assert.equal(link.closed, true)
  })

  test('pauseReading holds the other end back, and loses nothing', async () => {
    const pair = channelPair()
    pairs.push(pair)
    const [near, far] = [new RecordingEnd(), new RecordingEnd()]
    pair.initiator.attach(1, near)
    pair.responder.attach(1, far)
    pair.responder.pauseReading()
    pair.initiator.send(near, relayCells(1, 400))
    await turns(6)
    assert.deepEqual(far.calls, [])
    assert.equal(pair.initiator.queuedCells(near), 400 - 2 * 127)
    pair.responder.resumeReading()
    await turns(20)
    assert.equal(far.numbers.length, 400)
  })
})

function numbersAt(cells: Buffer, command: number): { circId: number; first: number }[] {
  const found: { circId: number; first: number }[] = []
  for (let at = 0; at < cells.length; at += CELL_LENGTH) {
    if (cells[at + 4] === command) found.push({ circId: cells.readUInt32BE(at), first: cells[at + 5]! })
  }
  return found
}

describe('a shaper', () => {
  test('holds back a class until it allows more, while the other class goes on', async () => {
    let allowed = 10 * CELL_LENGTH
    const spent: Record<string, number> = { or: 0, pa: 0 }
    const pair = channelPair({
      shaper: {
        allowance: (_channel: Channel, trafficClass) => (trafficClass === 'pa' ? allowed : Number.POSITIVE_INFINITY),
        spent: (_channel: Channel, trafficClass, bytes) => {
          spent[trafficClass]! += bytes
          if (trafficClass === 'pa') allowed -= bytes
        },
      },
    })
    pairs.push(pair)
    const [or, pa] = [new RecordingEnd('or'), new RecordingEnd('pa')]
    pair.initiator.attach(1, or)
    pair.initiator.attach(2, pa)
    pair.initiator.send(pa, relayCells(2, 25))
    await turns(2)
    pair.initiator.send(or, relayCells(1, 3))
    await turns(2)
    assert.deepEqual(runs(circuitsIn(Buffer.concat(pair.initiatorLink.writes))), [
      [2, 10],
      [1, 3],
    ])
    allowed = 100 * CELL_LENGTH
    pair.initiator.resumeWriting()
    await turns(2)
    assert.deepEqual(spent, { or: 3 * CELL_LENGTH, pa: 25 * CELL_LENGTH })
  })
})

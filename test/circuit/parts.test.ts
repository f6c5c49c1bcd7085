import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { RelayCommand } from '../../main/cell/command.ts'
import { decodeXon } from '../../main/cell/xon-xoff.ts'
import { gatherBodies, scatterBodies } from '../../main/circuit/cell-run.ts'
import { WindowedStream } from '../../main/circuit/flow-control.ts'
import { HalfClosedStreams } from '../../main/circuit/half-closed.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import { CryptoLayer } from '../../main/circuit/relay-crypto.ts'
import { SendQueue } from '../../main/circuit/send-queue.ts'
import { XonXoffStream } from '../../main/circuit/xon-xoff-flow.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

test('the send queue gives bytes in order, in pieces of any size', () => {
  const queue = new SendQueue()
  const all: Buffer[] = []
  const out: Buffer[] = []
  for (let round = 0; round < 300; round++) {
    const chunk = randomBytes((round * 37) % 700)
    all.push(chunk)
    queue.push(chunk)
    const piece = Buffer.alloc(Math.min(queue.length, 498))
    queue.take(piece, 0, piece.length)
    out.push(piece)
  }
  const rest = Buffer.alloc(queue.length)
  queue.take(rest, 0, rest.length)
  assert.equal(Buffer.concat([...out, rest]).equals(Buffer.concat(all)), true)
  assert.equal(queue.length, 0)
  queue.push(Buffer.of(1))
  queue.clear()
  assert.equal(queue.length, 0)
})

test('bodies are gathered from cells and scattered into cells', () => {
  const bodies = randomBytes(3 * 509)
  const cells = scatterBodies(bodies, 3, 0xfedcba98, 2)
  assert.deepEqual(
    [0, 1, 2].map(i => cells.readUInt32BE(i * 514)),
    [0xfedcba98, 0xfedcba98, 0xfedcba98],
  )
  assert.deepEqual(
    [0, 1, 2].map(i => cells[i * 514 + 4]),
    [9, 9, 3],
  )
  assert.equal(gatherBodies(cells, [0, 514, 1028], 3).equals(bodies), true)
  const long = Array.from({ length: 600 }, () => 0)
  assert.equal(gatherBodies(cells, long, 600).length, 600 * 509)
})

describe('one layer of relay crypto', () => {
  test('a run is the same as its cells one by one, and each side reads the other', () => {
    const keys = randomBytes(72)
    const [client, relay] = [CryptoLayer.tor1(keys, 'client'), CryptoLayer.tor1(keys, 'relay')]
    const bodies = randomBytes(10 * 509)
    const run = client.encrypt(bodies)
    const single = Buffer.concat(Array.from({ length: 10 }, (_, i) => relay.decrypt(run.subarray(i * 509, (i + 1) * 509))))
    assert.equal(single.equals(bodies), true)
    assert.equal(client.decrypt(relay.encrypt(bodies)).equals(bodies), true)
  })

  test('digests: probing what is not ours changes nothing', () => {
    const keys = randomBytes(72)
    const [client, relay] = [CryptoLayer.tor1(keys, 'client'), CryptoLayer.tor1(keys, 'relay')]
    const seal = () => {
      const body = randomBytes(509)
      body.fill(0, 1, 3)
      body.fill(0, 5, 9)
      client.sent.seal(body, 0)
      return body
    }
    assert.equal(relay.received.probe(seal(), 0), true)
    for (let i = 0; i < 5; i++) {
      const other = randomBytes(509)
      const copy = Buffer.from(other)
      assert.equal(relay.received.probe(other, 0), false)
      assert.equal(other.equals(copy), true)
      assert.equal(relay.received.check(seal(), 0), true)
      assert.equal(relay.received.tag.equals(client.sent.tag), true)
    }
    const late = seal()
    assert.equal(relay.received.check(seal(), 0), false)
    assert.equal(relay.received.check(late, 0), false)
  })

  test('needs all its keys', () => {
    assert.throws(() => CryptoLayer.tor1(randomBytes(71), 'relay'), MalformedError)
  })
})

describe('windows of a stream', () => {
  test('a SENDME for 50 cells, but not while the receiver holds ten cells back', () => {
    const sent: number[] = []
    const stream = new WindowedStream(command => sent.push(command))
    for (let i = 0; i < 120; i++) assert.equal(stream.received(), true)
    stream.drained(0, 4980)
    assert.deepEqual(sent, [])
    stream.drained(4980, 4979)
    assert.deepEqual(sent, [RelayCommand.SENDME, RelayCommand.SENDME])
    assert.equal(stream.late, 480)
  })

  test('500 cells and no more', () => {
    const stream = new WindowedStream(() => {})
    for (let i = 0; i < 500; i++) assert.equal(stream.received(), true)
    assert.equal(stream.received(), false)
    assert.equal(stream.sendme(), false)
    for (let i = 0; i < 50; i++) stream.sent()
    assert.equal(stream.sendable, 450)
    assert.equal(stream.sendme(), true)
    assert.deepEqual([stream.xoff(), stream.xon()], [false, false])
  })
})

describe('XON and XOFF', () => {
  const params = congestionParams(new Map())
  const CELL = 498
  const make = (side: 'client' | 'relay') => {
    const clock = { now: 1_000_000 }
    const sent: [number, Buffer][] = []
    return {
      clock,
      sent,
      flow: new XonXoffStream(
        params,
        side,
        (command, data) => sent.push([command, data]),
        () => clock.now,
      ),
    }
  }

  test('XOFF only after more than the limit was held for 5 ms; XON with the rate when all was taken', () => {
    const { clock, sent, flow } = make('relay')
    flow.drained(0, 501 * CELL)
    clock.now += 4000
    flow.drained(0, 600 * CELL)
    assert.equal(sent.length, 0)
    clock.now += 2000
    flow.drained(0, 700 * CELL)
    flow.drained(0, 800 * CELL)
    assert.deepEqual(
      sent.map(([command]) => command),
      [RelayCommand.XOFF],
    )
    clock.now += 994_000
    flow.drained(700 * CELL, 100 * CELL)
    assert.equal(sent.length, 1)
    flow.drained(100 * CELL, 0)
    assert.deepEqual(
      sent.map(([command]) => command),
      [RelayCommand.XOFF, RelayCommand.XON],
    )
    // 700 cells in a second.
    assert.equal(decodeXon(sent[1]![1]), Math.floor((700 * CELL) / 1000))
  })

  test('a short overflow costs nothing', () => {
    const { clock, sent, flow } = make('relay')
    flow.drained(0, 501 * CELL)
    clock.now += 1000
    flow.drained(100 * CELL, 401 * CELL)
    clock.now += 10_000
    flow.drained(0, 501 * CELL)
    assert.equal(sent.length, 0)
  })

  test('a changed rate is told again, a steady one is not', () => {
    const { clock, sent, flow } = make('relay')
    flow.drained(0, 600 * CELL)
    clock.now += 6000
    flow.drained(0, 5000 * CELL)
    const take = (cells: number, ms: number) => {
      clock.now += ms * 1000
      flow.drained(cells * CELL, 100 * CELL)
    }
    take(501, 1000)
    clock.now += 1
    flow.drained(100 * CELL, 0)
    assert.equal(sent.length, 2)
    flow.drained(0, 100 * CELL)
    for (let i = 0; i < 5; i++) take(501, 1000)
    assert.equal(sent.length, 2)
    for (let i = 0; i < 4; i++) take(501, 250)
    assert.ok(sent.length > 2)
    assert.equal(sent.at(-1)![0], RelayCommand.XON)
  })

  test('XOFF stops, XON starts and limits', () => {
    const { clock, flow } = make('relay')
    assert.equal(flow.sendable, Number.POSITIVE_INFINITY)
    assert.equal(flow.xoff(), true)
    assert.equal(flow.sendable, 0)
    assert.equal(flow.waitMs, 0)
    assert.equal(flow.xoff(), false)
    assert.equal(flow.xon(10), true)
    assert.equal(flow.sendable, 21)
    for (let i = 0; i < 21; i++) flow.sent(CELL)
    assert.equal(flow.sendable, 0)
    assert.ok(flow.waitMs > 0 && flow.waitMs < 100)
    clock.now += 100_000
    assert.ok(flow.sendable >= 1)
    flow.xon(0)
    assert.equal(flow.sendable, Number.POSITIVE_INFINITY)
    assert.equal(flow.sendme(), false)
  })

  test('a client counts what it sent before it believes an XOFF or XON', () => {
    const early = make('client').flow
    assert.equal(early.xoff(), false)
    const { flow } = make('client')
    for (let i = 0; i < 500; i++) flow.sent(CELL)
    assert.equal(flow.xoff(), true)
    assert.equal(flow.xon(100), true)
    assert.equal(flow.xon(200), false)
    for (let i = 0; i < 500; i++) flow.sent(CELL)
    assert.equal(flow.xoff(), true)
  })
})

describe('half-closed streams', () => {
  test('only what may still be on its way is excused', () => {
    const streams = new HalfClosedStreams()
    streams.add(5, 2, true)
    assert.deepEqual(
      [RelayCommand.DATA, RelayCommand.DATA, RelayCommand.DATA].map(command => streams.accept(command, 5)),
      [true, true, false],
    )
    assert.deepEqual([streams.accept(RelayCommand.CONNECTED, 5), streams.accept(RelayCommand.CONNECTED, 5)], [true, false])
    assert.equal(streams.accept(RelayCommand.BEGIN, 5), false)
    assert.equal(streams.has(5), true)
    assert.deepEqual([streams.accept(RelayCommand.END, 5), streams.accept(RelayCommand.END, 5)], [true, false])
    assert.equal(streams.accept(RelayCommand.DATA, 6), false)
  })

  test('flow control is excused a limited number of times', () => {
    const streams = new HalfClosedStreams()
    streams.add(5, undefined, false)
    let accepted = 0
    while (streams.accept(RelayCommand.XON, 5)) accepted++
    assert.ok(accepted >= 10 && accepted < 100)
    for (let i = 0; i < 1000; i++) assert.equal(streams.accept(RelayCommand.DATA, 5), true)
    assert.equal(streams.accept(RelayCommand.CONNECTED, 5), false)
  })
})

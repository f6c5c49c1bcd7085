import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { encodeBegin } from '../../main/cell/begin.ts'
import { EndReason, RelayCommand } from '../../main/cell/command.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import type { CircuitStream } from '../../main/circuit/stream.ts'
import { Chain, listen, TestRelay, until } from './chain.ts'
import { RawEnd } from './raw.ts'

const MB = 1_000_000
const signal = () => AbortSignal.timeout(10_000)

/** Resolves when `value` has not changed for `ms`. */
async function steady(value: () => number, ms = 60): Promise<number> {
  let [last, since] = [value(), Date.now()]
  while (Date.now() - since < ms) {
    await new Promise(resolve => setTimeout(resolve, 2))
    if (value() !== last) [last, since] = [value(), Date.now()]
  }
  return last
}

for (const congestionControl of [false, true]) {
  describe(congestionControl ? 'with congestion control' : 'with windows', () => {
    const hop = { ntorV3: true, congestionControl }

    test('a client that does not read stops the site, and all arrives when it reads again', async () => {
      const chain = Chain.of(2)
      let sent = 0
      const total = 20 * MB
      const site = await listen(socket => {
        const piece = randomBytes(100_000)
        const more = () => {
          while (sent < total) {
            sent += piece.length
            if (!socket.write(piece)) return void socket.once('drain', more)
          }
          socket.end()
        }
        more()
      })
      try {
        const circuit = await chain.build(hop)
        const stream = await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: signal() })
        let got = 0
        let ended: number | undefined
        stream.onData = data => {
          got += data.length
        }
        stream.onEnd = reason => {
          ended = reason
        }
        await until(() => stream.heldBytes >= 200_000, 'a window of data')
        await steady(() => stream.heldBytes)
        // A window, or the XOFF limit and what was under way; never all of it.
        assert.ok(stream.heldBytes < 3 * MB, `held ${stream.heldBytes}`)
        stream.resume()
        await until(() => ended !== undefined, 'the end of the download')
        assert.deepEqual([got, ended], [total, EndReason.DONE])
      } finally {
        await chain.close()
        await site.close()
      }
    })

    test('a stream that nobody reads does not hold up another on the same circuit', async () => {
      const chain = Chain.of(2)
      const site = await listen(socket => socket.end(randomBytes(4 * MB)))
      try {
        const circuit = await chain.build(hop)
        const open = () => circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: signal() })
        const stuck = await open()
        await until(() => stuck.heldBytes >= 200_000, 'a window of data')
        await steady(() => stuck.heldBytes)
        const other = await open()
        let got = 0
        other.onData = data => {
          got += data.length
        }
        other.resume()
        await until(() => got === 4 * MB, 'the other download')
        stuck.abort()
        circuit.close()
      } finally {
        await chain.close()
        await site.close()
      }
    })

    test('a site that does not read stops the writer', async () => {
      const chain = Chain.of(2)
      const site = await listen(socket => socket.pause())
      try {
        const circuit = await chain.build(hop)
        const stream = await circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: signal() })
        const piece = randomBytes(50_000)
        let written = 0
        const fill = () => {
          do written += piece.length
          while (stream.write(piece) && written < 100 * MB)
        }
        stream.onDrain = fill
        fill()
        await until(() => written > 300_000, 'a window of data')
        await steady(() => written, 150)
        // The kernel's buffers of the loopback connection take several megabytes by themselves.
        assert.ok(written < 40 * MB, `written ${written}`)
        assert.ok(stream.queuedBytes <= 200_000)
        circuit.close()
      } finally {
        await chain.close()
        await site.close()
      }
    })
  })
}

test('a client that ignores XOFF loses its stream, not the relay its memory', async () => {
  const chain = Chain.of(1)
  const site = await listen(socket => socket.pause())
  try {
    const client = await RawEnd.client(chain.channel, [chain.exit.hop()])
    client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: '127.0.0.1', port: site.port, flags: 0 }))
    await client.message(RelayCommand.CONNECTED)
    const cell = randomBytes(498)
    let sent = 0
    while (client.of(RelayCommand.END).length === 0 && sent < 100_000) {
      for (let i = 0; i < 200; i++, sent++) client.send(RelayCommand.DATA, 1, cell)
      await until(() => chain.channel.queuedCells(client) === 0, 'room in the channel')
    }
    assert.equal((await client.message(RelayCommand.END)).data[0], EndReason.RESOURCELIMIT)
    assert.equal(client.of(RelayCommand.XOFF).length, 1)
    assert.equal(chain.exit.server.circuits.size, 1)
    assert.equal(chain.exit.circuits[0]!.streamCount, 0)
  } finally {
    await chain.close()
    await site.close()
  }
})

test('all circuits together hold no more than the limit', async () => {
  const chain = new Chain([new TestRelay({ limits: { heldBytes: 300_000 } })])
  try {
    chain.exit.connect = () => new Promise(() => {})
    const clients = [await RawEnd.client(chain.channel, [chain.exit.hop()]), await RawEnd.client(chain.channel, [chain.exit.hop()])]
    for (const client of clients) {
      client.send(RelayCommand.BEGIN, 1, encodeBegin({ host: 'a.example', port: 80, flags: 0 }))
      for (let i = 0; i < 400; i++) client.send(RelayCommand.DATA, 1, randomBytes(498))
    }
    await until(() => clients.some(client => client.destroyed !== undefined), 'one circuit to go')
    assert.equal(chain.exit.server.circuits.size, 1)
  } finally {
    await chain.close()
  }
})

test('a rate in XON is kept', async () => {
  const chain = Chain.of(1)
  let stream: CircuitStream | undefined
  try {
    let relay: RawEnd | undefined
    chain.pairs[0]!.responder.handler = RawEnd.relayHandler({ ...chain.exit.identity, findNtor: () => chain.exit.ntor }, end => {
      relay = end
    })
    const circuit = await chain.build({}, congestionParams(new Map([['cc_cwnd_init', 10_000]])))
    const opening = circuit.openStream({ host: 'a.example', port: 80 }, { signal: signal() })
    const { streamId } = await relay!.message(RelayCommand.BEGIN)
    relay!.send(RelayCommand.CONNECTED, streamId, Buffer.alloc(0))
    stream = await opening
    const data = () => relay!.of(RelayCommand.DATA).length
    stream.write(randomBytes(600 * 498))
    await until(() => data() >= 600, 'data without limit')
    const unlimited = data()
    // What comes behind XOFF tells when it has arrived.
    let behind = false
    stream.onData = () => {
      behind = true
    }
    stream.resume()
    relay!.send(RelayCommand.XOFF, streamId, Buffer.of(0))
    relay!.send(RelayCommand.DATA, streamId, Buffer.from('x'))
    await until(() => behind, 'what comes behind XOFF')
    stream.write(randomBytes(1000 * 498))
    await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(data(), unlimited)
    // 20 kB/s: a second's worth at once, then 40 cells a second.
    relay!.send(RelayCommand.XON, streamId, Buffer.from('0000000014', 'hex'))
    await until(() => data() >= unlimited + 41, 'a second of data')
    const [before, start] = [data(), performance.now()]
    await until(() => data() >= before + 8, 'more data')
    const seconds = (performance.now() - start) / 1000
    assert.ok(seconds > 0.1 && data() < unlimited + 300, `${data() - before} cells in ${seconds} s`)
    circuit.close()
  } finally {
    await chain.close()
  }
})

test('a stream that is given up in the turn in which it wrote does not hold up those that wrote after it', async () => {
  const chain = Chain.of(1)
  const got: string[] = []
  const site = await listen(socket => socket.on('data', data => got.push(String(data))))
  try {
    const circuit = await chain.build()
    const open = () => circuit.openStream({ host: '127.0.0.1', port: site.port }, { signal: signal() })
    const [first, second] = [await open(), await open()]
    first.write(Buffer.from('never sent'))
    second.write(Buffer.from('sent'))
    first.abort()
    await until(() => got.length > 0, 'what the second stream wrote')
    assert.deepEqual(got, ['sent'])
  } finally {
    await chain.close()
    await site.close()
  }
})

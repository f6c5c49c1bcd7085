import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Command } from '../../main/cell/command.ts'
import { type Cell, CellSplitter, decodeVersions, encodeFixedCell, encodeVariableCell, encodeVersions } from '../../main/cell/frame.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

function all(splitter: CellSplitter): Cell[] {
  const cells: Cell[] = []
  for (let cell = splitter.next(); cell; cell = splitter.next()) cells.push(cell)
  return cells
}

describe('encoding', () => {
  test('a fixed cell has 514 bytes, filled up with zeros', () => {
    const cell = encodeFixedCell(0x80000001, Command.CREATE2, Buffer.from('abc'))
    assert.equal(cell.length, 514)
    assert.equal(cell.subarray(0, 8).toString('hex'), `800000010a${Buffer.from('abc').toString('hex')}`)
    assert.ok(cell.subarray(8).every(byte => byte === 0))
    assert.equal(encodeFixedCell(1, Command.PADDING).length, 514)
    assert.equal(encodeFixedCell(1, Command.RELAY, Buffer.alloc(509, 1))[513], 1)
    assert.throws(() => encodeFixedCell(1, Command.RELAY, Buffer.alloc(510)), RangeError)
  })

  test('a variable-length cell says how long it is', () => {
    assert.equal(encodeVariableCell(0, Command.CERTS, Buffer.from('abc')).toString('hex'), '00000000810003616263')
    assert.equal(encodeVariableCell(0, Command.VPADDING, Buffer.alloc(65_535)).length, 65_542)
    assert.throws(() => encodeVariableCell(0, Command.VPADDING, Buffer.alloc(65_536)), RangeError)
  })

  test('VERSIONS has a short circuit id', () => {
    assert.equal(encodeVersions([3, 4, 5]).toString('hex'), '0000070006000300040005')
    assert.deepEqual(decodeVersions(Buffer.from('000300040005', 'hex')), [3, 4, 5])
    assert.deepEqual(decodeVersions(Buffer.alloc(0)), [])
    assert.throws(() => decodeVersions(Buffer.alloc(3)), MalformedError)
  })
})

describe('CellSplitter', () => {
  const stream = Buffer.concat([
    encodeVersions([4, 5]),
    encodeVariableCell(0, Command.CERTS, Buffer.alloc(1000, 1)),
    encodeVariableCell(0, Command.VPADDING, Buffer.alloc(0)),
    encodeFixedCell(0, Command.NETINFO, Buffer.from('netinfo')),
    encodeFixedCell(7, Command.RELAY, Buffer.alloc(509, 2)),
    encodeFixedCell(0xffffffff, Command.DESTROY, Buffer.of(9)),
  ])

  function split(chunks: readonly Uint8Array[]): Cell[] {
    const splitter = new CellSplitter()
    const cells: Cell[] = []
    for (const chunk of chunks) {
      splitter.push(chunk)
      for (let cell = splitter.next(); cell; cell = splitter.next()) {
        cells.push(cell)
        if (cell.command === Command.VERSIONS) splitter.setWide()
      }
    }
    assert.equal(splitter.takeRest().length, 0)
    return cells
  }

  test('gives the same cells however the stream is cut', () => {
    const whole = split([stream])
    assert.deepEqual(
      whole.map(cell => [cell.circId, cell.command, cell.body.length]),
      [
        [0, Command.VERSIONS, 4],
        [0, Command.CERTS, 1000],
        [0, Command.VPADDING, 0],
        [0, Command.NETINFO, 509],
        [7, Command.RELAY, 509],
        [0xffffffff, Command.DESTROY, 509],
      ],
    )
    assert.deepEqual(Buffer.concat(whole.map(cell => cell.raw)), stream)
    assert.deepEqual(split(Array.from(stream, byte => Buffer.of(byte))), whole, 'byte by byte')
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), cuts => {
        const sorted = [0, ...cuts.sort((a, b) => a - b), stream.length]
        assert.deepEqual(split(sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end))), whole)
      }),
      { numRuns: 50 },
    )
  })

  test('cells stay what they are when the caller reuses its chunk and more arrives', () => {
    const splitter = new CellSplitter({ wide: true })
    const chunk = encodeFixedCell(1, Command.RELAY, Buffer.alloc(509, 0xaa))
    splitter.push(chunk)
    const cell = splitter.next()!
    chunk.fill(0)
    for (let i = 0; i < 20; i++) splitter.push(Buffer.alloc(400))
    assert.ok(cell.body.every(byte => byte === 0xaa))
  })

  test('hands over what it has not used, once', () => {
    const splitter = new CellSplitter({ wide: true })
    splitter.push(Buffer.concat([encodeFixedCell(1, Command.NETINFO), Buffer.from('the rest')]))
    assert.equal(splitter.next()?.command, Command.NETINFO)
    assert.equal(splitter.next(), undefined)
    assert.equal(splitter.takeRest().toString(), 'the rest')
    assert.equal(splitter.takeRest().length, 0)
  })

  test('refuses a variable-length cell over the limit before its body comes', () => {
    const splitter = new CellSplitter({ wide: true, maxVariableBody: 100 })
    splitter.push(encodeVariableCell(0, Command.CERTS, Buffer.alloc(100)))
    assert.equal(splitter.next()?.body.length, 100)
    splitter.push(encodeVariableCell(0, Command.CERTS, Buffer.alloc(101)).subarray(0, 7))
    assert.throws(() => splitter.next(), MalformedError)
  })

  test('keeps no more than a cell and a chunk, whatever comes', () => {
    const splitter = new CellSplitter({ wide: true })
    const chunk = Buffer.concat(Array.from({ length: 100 }, () => encodeFixedCell(1, Command.RELAY)))
    for (let i = 0; i < 200; i++) {
      splitter.push(chunk.subarray(0, chunk.length - 7))
      assert.equal(all(splitter).length, 99)
      splitter.push(chunk.subarray(chunk.length - 7))
      assert.equal(all(splitter).length, 1)
    }
    assert.equal(splitter.takeRest().length, 0)
  })
})

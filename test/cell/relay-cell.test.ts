import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CELL_BODY, RELAY_DATA_MAX, RelayCommand } from '../../main/cell/command.ts'
import { RELAY_DATA_AT, readRelayHeader, writeRelayCell } from '../../main/cell/relay-cell.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

describe('relay bodies', () => {
  test('have the layout of tor-spec, at any place, and touch nothing around them', () => {
    const target = Buffer.alloc(600, 0xee)
    writeRelayCell(target, 40, RelayCommand.BEGIN, 0x1234, Buffer.from('data'))
    assert.equal(
      target.toString('hex', 40, 40 + 11 + 4),
      `01 0000 1234 00000000 0004 ${Buffer.from('data').toString('hex')}`.replaceAll(' ', ''),
    )
    assert.equal(target.toString('hex', 55, 59), '00000000', 'four zeros after the data')
    assert.ok(target.subarray(0, 40).every(byte => byte === 0xee))
    assert.ok(target.subarray(40 + CELL_BODY).every(byte => byte === 0xee))
    assert.deepEqual(readRelayHeader(target, 40), { command: RelayCommand.BEGIN, recognized: 0, streamId: 0x1234, length: 4 })
  })

  test('are padded with random bytes that differ each time', () => {
    const [one, two] = [Buffer.alloc(CELL_BODY), Buffer.alloc(CELL_BODY)]
    writeRelayCell(one, 0, RelayCommand.SENDME, 0, Buffer.alloc(0))
    writeRelayCell(two, 0, RelayCommand.SENDME, 0, Buffer.alloc(0))
    assert.deepEqual(one.subarray(0, 15), two.subarray(0, 15))
    assert.notDeepEqual(one.subarray(15), two.subarray(15))
    assert.ok(new Set(one.subarray(15)).size > 100)
  })

  test('every length of data leaves a whole body, up to the most there is', () => {
    for (let length = 480; length <= RELAY_DATA_MAX; length++) {
      const body = Buffer.alloc(CELL_BODY, 0xee)
      const data = Buffer.alloc(length, 0x55)
      writeRelayCell(body, 0, RelayCommand.DATA, 1, data)
      assert.equal(readRelayHeader(body, 0).length, length)
      assert.deepEqual(body.subarray(RELAY_DATA_AT, RELAY_DATA_AT + length), data)
      const zeros = body.subarray(RELAY_DATA_AT + length, RELAY_DATA_AT + length + 4)
      assert.ok(zeros.every(byte => byte === 0))
    }
    assert.throws(() => writeRelayCell(Buffer.alloc(CELL_BODY), 0, RelayCommand.DATA, 1, Buffer.alloc(RELAY_DATA_MAX + 1)), RangeError)
  })

  test('a length that does not fit is refused', () => {
    const body = Buffer.alloc(CELL_BODY)
    writeRelayCell(body, 0, RelayCommand.DATA, 1, Buffer.alloc(RELAY_DATA_MAX))
    body.writeUInt16BE(RELAY_DATA_MAX + 1, 9)
    assert.throws(() => readRelayHeader(body, 0), MalformedError)
    body.writeUInt16BE(0xffff, 9)
    assert.throws(() => readRelayHeader(body, 0), MalformedError)
  })
})

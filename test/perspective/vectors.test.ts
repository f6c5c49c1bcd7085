import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeBegin } from '../../main/cell/begin.ts'
import { Command, RelayCommand } from '../../main/cell/command.ts'
import { encodeCreate2, HandshakeType } from '../../main/cell/create.ts'
import { encodeFixedCell, encodeVariableCell } from '../../main/cell/frame.ts'
import { decodePaNegotiate, decodePaStatus, encodePaNegotiate, encodePaStatus } from '../../main/cell/pa.ts'
import { encodeByteSendme, encodePaRelay } from '../../main/cell/pa-relay.ts'
import { formatPerspectiveLines } from '../../main/document/perspective-lines.ts'
import { PortSummary } from '../../main/document/port-summary.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

/** The specification that strangers implement from: what it prints must be what this code says and understands. */
const text = readFileSync(join(import.meta.dirname, '../../docs/perspective-access.md'), 'utf8')
const HEADER = 7

const cells = [...text.matchAll(/^\| (PA_NEGOTIATE|PA_STATUS) \| (.+?) \| `([0-9a-f]+)` \|$/gm)].map(([, name, fields, hex]) => {
  const field = (of: string) => Number(new RegExp(`${of} (\\d+)`).exec(fields!)?.[1])
  return { name: name!, fields: fields!, field, detail: /detail "(.*)"/.exec(fields!)?.[1] ?? '', bytes: Buffer.from(hex!, 'hex') }
})

/** Cut short or of another version: refused; with more behind it: the same. */
function check(decode: (body: Uint8Array) => unknown, body: Buffer, value: unknown): void {
  for (let length = 0; length < body.length; length++) assert.throws(() => decode(body.subarray(0, length)), MalformedError)
  assert.throws(() => decode(Buffer.from([2, ...body.subarray(1)])), MalformedError)
  assert.deepEqual(decode(Buffer.concat([body, Buffer.alloc(3, 0xff)])), value)
}

test('the specification prints seven cells', () => assert.equal(cells.length, 7))

for (const { name, fields, field, detail, bytes } of cells) {
  test(`S29: ${name} with ${fields} is the cell that the specification prints`, () => {
    const body = bytes.subarray(HEADER)
    if (name === 'PA_NEGOTIATE') {
      const value = { version: 1, capabilities: field('capabilities'), purpose: field('purpose') }
      assert.deepEqual(encodeVariableCell(0, Command.PA_NEGOTIATE, encodePaNegotiate(value)), bytes)
      assert.deepEqual(decodePaNegotiate(body), value)
      check(decodePaNegotiate, body, value)
    } else {
      const value = { version: 1, status: field('status'), capabilities: field('capabilities'), retryAfter: field('retry_after'), detail }
      assert.deepEqual(encodeVariableCell(0, Command.PA_STATUS, encodePaStatus(value)), bytes)
      assert.deepEqual(decodePaStatus(body), value)
      check(decodePaStatus, body, value)
    }
  })
}

test('S22: the descriptor lines of the specification are those that we write, and mean what it says', () => {
  const rows = [...text.matchAll(/^\| `(x-perspective-access 1 (\S+) (\S+))` `(x-perspective-policy (.+?))` \|/gm)]
  assert.equal(rows.length, 2)
  for (const [, access, door, admits, policyLine, policy] of rows) {
    const port = door === 'virtual' ? 'virtual' : Number(door)
    const summary = PortSummary.parse(policy!)
    assert.equal(
      formatPerspectiveLines({ version: 1, port, admits: admits as 'running' | 'stable' }, summary),
      `${access}\n${policyLine}\n`,
    )
    assert.deepEqual(
      [80, 443, 25, 6900].map(each => summary.allows(each)),
      door === 'virtual' ? [true, true, false, false] : [true, true, false, false],
    )
  }
})

test('S9: the cells of clear circuits are those that the specification prints', () => {
  const rows = [...text.matchAll(/^\| (?:CREATE2|PA_RELAY) \| .+ \| `([0-9a-f]+)` \|$/gm)].map(row => row[1])
  const id = 2147483650
  const create = encodeCreate2({ handshakeType: HandshakeType.PA_CLEAR, data: Buffer.alloc(0) })
  const create2 = encodeFixedCell(id, Command.CREATE2, create)
  assert.ok(create2.subarray(9).every(byte => byte === 0))
  const cells = [
    create2.subarray(0, 9),
    encodePaRelay(id, RelayCommand.BEGIN, 7, encodeBegin({ host: 'se.example', port: 443, flags: 0 })),
    encodePaRelay(id, RelayCommand.DATA, 7, Buffer.from('abc')),
    encodePaRelay(id, RelayCommand.SENDME, 7, encodeByteSendme(65536)),
  ]
  assert.deepEqual(
    rows,
    cells.map(cell => cell.toString('hex')),
  )
})

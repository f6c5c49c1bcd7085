import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  decodeCircuitPaddingNegotiate,
  decodeCircuitPaddingNegotiated,
  encodeCircuitPaddingNegotiate,
  encodeCircuitPaddingNegotiated,
} from '../../main/cell/padding.ts'
import { decodeSendme, encodeSendme } from '../../main/cell/sendme.ts'
import { decodeXoff, decodeXon, encodeXoff, encodeXon } from '../../main/cell/xon-xoff.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from '../crypto/hostile.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('SENDME', () => {
  test('version 1 carries a tag, an empty one is version 0', () => {
    const tag = Buffer.alloc(20, 7)
    assert.equal(encodeSendme(tag).toString('hex'), `010014${'07'.repeat(20)}`)
    assert.deepEqual(decodeSendme(encodeSendme(tag)), { version: 1, tag })
    assert.deepEqual(decodeSendme(Buffer.alloc(0)), { version: 0, tag: undefined })
    assert.deepEqual(decodeSendme(encodeSendme(Buffer.alloc(16, 1))), { version: 1, tag: Buffer.alloc(16, 1) })
    assert.deepEqual(decodeSendme(hex(`000014${'07'.repeat(20)}`)), { version: 0, tag: undefined })
  })

  test('other versions, other tag lengths and cut ones are refused', () => {
    for (const text of [`020014${'07'.repeat(20)}`, `010013${'07'.repeat(19)}`, `010015${'07'.repeat(21)}`, '010000']) {
      assert.throws(() => decodeSendme(hex(text)), MalformedError)
    }
    const bytes = encodeSendme(Buffer.alloc(20))
    for (let length = 1; length < bytes.length; length++) assert.throws(() => decodeSendme(bytes.subarray(0, length)), MalformedError)
    neverThrowsAnythingElse(decodeSendme, [bytes])
  })
})

describe('XON and XOFF', () => {
  test('are read back; other versions and cut ones are refused', () => {
    assert.equal(encodeXoff().toString('hex'), '00')
    decodeXoff(encodeXoff())
    assert.equal(encodeXon(0x12345678).toString('hex'), '0012345678')
    assert.equal(decodeXon(encodeXon(0xffffffff)), 0xffffffff)
    for (const text of ['', '01']) assert.throws(() => decodeXoff(hex(text)), MalformedError)
    assert.throws(() => decodeXon(hex('0112345678')), MalformedError)
    refusesEveryTruncation(decodeXon, encodeXon(5))
    neverThrowsAnythingElse(decodeXoff, [encodeXoff()])
    neverThrowsAnythingElse(decodeXon, [encodeXon(5)])
  })
})

describe('circuit padding', () => {
  const ask = { command: 'start', machine: 1, echo: 1, counter: 9 } as const
  const answer = { command: 'stop', response: 'error', machine: 1, counter: 9 } as const

  test('requests and answers are read back', () => {
    assert.equal(encodeCircuitPaddingNegotiate(ask).toString('hex'), '0002010100000009')
    assert.deepEqual(decodeCircuitPaddingNegotiate(encodeCircuitPaddingNegotiate(ask)), ask)
    assert.equal(encodeCircuitPaddingNegotiated(answer).toString('hex'), '0001020100000009')
    assert.deepEqual(decodeCircuitPaddingNegotiated(encodeCircuitPaddingNegotiated(answer)), answer)
  })

  test('fields out of range and cut ones are refused', () => {
    for (const text of ['0102010100000009', '0000010100000009', '0003010100000009', '0002010200000009']) {
      assert.throws(() => decodeCircuitPaddingNegotiate(hex(text)), MalformedError, text)
    }
    for (const text of ['0102010100000009', '0000010100000009', '0002000100000009', '0002030100000009']) {
      assert.throws(() => decodeCircuitPaddingNegotiated(hex(text)), MalformedError, text)
    }
    refusesEveryTruncation(decodeCircuitPaddingNegotiate, encodeCircuitPaddingNegotiate(ask))
    refusesEveryTruncation(decodeCircuitPaddingNegotiated, encodeCircuitPaddingNegotiated(answer))
    neverThrowsAnythingElse(decodeCircuitPaddingNegotiate, [encodeCircuitPaddingNegotiate(ask)])
    neverThrowsAnythingElse(decodeCircuitPaddingNegotiated, [encodeCircuitPaddingNegotiated(answer)])
  })
})

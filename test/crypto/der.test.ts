import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DerReader, DerTag, der, derInteger, derOid, derTime } from '../../main/crypto/der.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse } from './hostile.ts'

describe('DER', () => {
  test('lengths take as many bytes as they need', () => {
    assert.equal(der(4, Buffer.alloc(127)).subarray(0, 2).toString('hex'), '047f')
    assert.equal(der(4, Buffer.alloc(128)).subarray(0, 3).toString('hex'), '048180')
    assert.equal(der(4, Buffer.alloc(65_536)).subarray(0, 5).toString('hex'), '0483010000')
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      assert.equal(new DerReader(der(4, Buffer.alloc(length))).element(4).length, length)
    }
  })

  test('integers are positive and as short as can be', () => {
    for (const [bytes, expected] of [
      [[], '020100'],
      [[0], '020100'],
      [[0, 0, 5], '020105'],
      [[0x80], '02020080'],
      [[1, 0, 1], '0203010001'],
    ] as const) {
      assert.equal(derInteger(Buffer.from(bytes)).toString('hex'), expected)
    }
    assert.deepEqual(new DerReader(derInteger(Buffer.of(0x80))).positiveInteger(), Buffer.of(0x80))
  })

  test('object identifiers and times', () => {
    assert.equal(derOid('1.2.840.113549.1.1.11').toString('hex'), '06092a864886f70d01010b')
    assert.equal(
      derTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
        .subarray(2)
        .toString(),
      '260102030405Z',
    )
    assert.equal(
      derTime(Date.UTC(2050, 0, 2))
        .subarray(2)
        .toString(),
      '20500102000000Z',
    )
  })

  test('the reader takes nothing but strict encodings', () => {
    for (const text of ['', '02', '0201', '028101ff', '02820001ff', '0280', '0284000000010101', '02847fffffff01', '0300']) {
      assert.throws(() => new DerReader(Buffer.from(text, 'hex')).element(DerTag.INTEGER), MalformedError, text)
    }
    for (const text of ['0200', '020100', '0201ff', '02020001']) {
      assert.throws(() => new DerReader(Buffer.from(text, 'hex')).positiveInteger(), MalformedError, text)
    }
    const reader = new DerReader(Buffer.from('02010105', 'hex'))
    reader.element(DerTag.INTEGER)
    assert.throws(() => reader.end(), MalformedError)
    neverThrowsAnythingElse(bytes => new DerReader(bytes).element(bytes[0] ?? 0), [der(4, Buffer.alloc(300))])
  })
})

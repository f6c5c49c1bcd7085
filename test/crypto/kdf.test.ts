import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { hkdfExpandSha256, hkdfSha256, kdfTor } from '../../main/crypto/kdf.ts'

describe('kdfTor', () => {
  // From C tor's test_crypto.c.
  const vectors = [
    [
      '',
      '5ba93c9db0cff93f52b521d7420e43f6eda2784fbf8b4530d8d246dd74ac53a13471bba17941dff7c4ea21bb365bbeeaf5f2c654883e56d11e43c44e9842926af7ca0a8cca12604f945414f07b01e13da42c6cf1de3abfdea9b95f34687cbbe92b9a7383',
    ],
    [
      'Tor',
      '776c6214fc647aaa5f683c737ee66ec44f03d0372e1cce69227950f236ddf1e329a7ce7c227903303f525a8c6662426e8034870642a6dabbd41b5d97ec9bf2312ea729992f48f8ea2d0ba83f45dfda1a80bdc8b80de01b23e3e0ffae099b3e4ccf28dc28',
    ],
    [
      'AN ALARMING ITEM TO FIND ON A MONTHLY AUTO-DEBIT NOTICE',
      'a340b5d126086c3ab29c2af4179196dbf95e1c72431419d3314844bf8f6afb6098db952b95581fb6c33625709d6f4400b8e7ace18a70579fad83c0982ef73f89395bcc39493ad53a685854daf2ba9b78733b805d9a6824c907ee1dba5ac27a1e466d4d10',
    ],
  ] as const
  for (const [secret, expected] of vectors) {
    test(`of "${secret}"`, () => {
      assert.equal(kdfTor(Buffer.from(secret), 100).toString('hex'), expected)
      assert.equal(kdfTor(Buffer.from(secret), 33).toString('hex'), expected.slice(0, 66))
    })
  }

  test('gives 5120 bytes and no more', () => {
    assert.equal(kdfTor(Buffer.from('x'), 5120).length, 5120)
    assert.throws(() => kdfTor(Buffer.from('x'), 5121), RangeError)
  })
})

describe('hkdfSha256', () => {
  test('of RFC 5869, A.1 and A.3', () => {
    const secret = Buffer.alloc(22, 0x0b)
    assert.equal(
      hkdfSha256(secret, Buffer.from('000102030405060708090a0b0c', 'hex'), Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42).toString('hex'),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
    assert.equal(
      hkdfSha256(secret, Buffer.alloc(0), Buffer.alloc(0), 42).toString('hex'),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    )
  })

  test('is that of node:crypto at lengths around its blocks, up to the most there is', () => {
    const [secret, salt, info] = [Buffer.from('secret'), Buffer.from('salt'), Buffer.from('info')]
    for (const length of [1, 31, 32, 33, 92, 8160]) {
      assert.deepEqual(hkdfSha256(secret, salt, info, length), Buffer.from(hkdfSync('sha256', secret, salt, info, length)))
    }
    assert.throws(() => hkdfExpandSha256(secret, info, 8161), RangeError)
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generateX25519, importX25519Public, x25519, x25519FromSecret } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('x25519', () => {
  test('RFC 7748, 5.2, and a public key', () => {
    assert.equal(
      x25519(
        x25519FromSecret(hex('4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d')),
        hex('e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493'),
      ).toString('hex'),
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    )
    // The relay's onion key in C tor's ntor-v3 vectors.
    const relay = x25519FromSecret(hex('4051daa5921cfa2a1c27b08451324919538e79e788a81b38cbed097a5dff454a'))
    assert.equal(relay.public.toString('hex'), 'f8307a2bc1870b00b828bb74dbb8fd88e632a6375ab3bcd1ae706aaa8b6cdd1d')
  })

  test('both ends agree, by bytes, by imported key, and by a plain object', () => {
    const a = generateX25519()
    const b = generateX25519()
    const shared = x25519(a, b.public)
    assert.deepEqual(x25519(b, a.public), shared)
    assert.deepEqual(x25519(b, importX25519Public(a.public)), shared)
    assert.deepEqual(x25519({ secret: b.secret, public: b.public }, a.public), shared)
    assert.notDeepEqual(a.public, b.public)
  })

  test('a key is rebuilt from its secret, which is kept as it was given', () => {
    const key = generateX25519()
    assert.equal(key.secret.length, 32)
    assert.deepEqual(x25519FromSecret(key.secret).public, key.public)
    const unclamped = Buffer.alloc(32, 0xff)
    assert.deepEqual(x25519FromSecret(unclamped).secret, unclamped)
  })

  test('refuses points of small order, which would give everybody the same secret', () => {
    const key = generateX25519()
    // RFC 7748, 6.1 and https://cr.yp.to/ecdh.html: u = 0, 1, two of order 8, p − 1, p, p + 1.
    for (const u of [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ]) {
      assert.throws(() => x25519(key, hex(u)), MalformedError, u)
    }
  })

  test('refuses every other length', () => {
    const key = generateX25519()
    for (const length of [0, 1, 31, 33, 64]) {
      assert.throws(() => x25519(key, Buffer.alloc(length, 9)), MalformedError)
      assert.throws(() => x25519FromSecret(Buffer.alloc(length, 9)), MalformedError)
    }
  })

  test('reads a public key that is a view into something larger', () => {
    const [a, b] = [generateX25519(), generateX25519()]
    const around = Buffer.concat([Buffer.alloc(5, 1), b.public, Buffer.alloc(5, 1)])
    assert.deepEqual(x25519(a, around.subarray(5, 37)), x25519(a, b.public))
  })
})

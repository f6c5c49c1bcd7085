import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { constantTimeEqual, hmacSha256, sha1, sha3_256, sha256, sha512, shake256 } from '../../main/crypto/digest.ts'

const hash = (name: string, data: Uint8Array) => createHash(name).update(data).digest()

describe('digests', () => {
  test('are those of the concatenated parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), parts => {
        const all = Buffer.concat(parts)
        assert.deepEqual(sha1(...parts), hash('sha1', all))
        assert.deepEqual(sha256(...parts), hash('sha256', all))
        assert.deepEqual(sha512(...parts), hash('sha512', all))
        assert.deepEqual(sha3_256(...parts), hash('sha3-256', all))
        assert.deepEqual(shake256(77, ...parts), createHash('shake256', { outputLength: 77 }).update(all).digest())
      }),
      { numRuns: 50 },
    )
  })

  test('respect views into larger buffers', () => {
    const view = Buffer.from('xxabcxx').subarray(2, 5)
    assert.equal(sha1(view).toString('hex'), 'a9993e364706816aba3e25717850c26c9cd0d89d')
    assert.equal(sha3_256(view).toString('hex'), '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532')
  })

  test('HMAC-SHA256 is that of node:crypto for short, block-long and longer keys', () => {
    for (const length of [0, 1, 32, 63, 64, 65, 200]) {
      const key = Buffer.alloc(length, 7)
      const expected = createHmac('sha256', key).update('some').update('thing').digest()
      assert.deepEqual(hmacSha256(key, Buffer.from('some'), Buffer.from('thing')), expected)
    }
  })

  test('HMAC-SHA256 of RFC 4231, test case 3', () => {
    assert.equal(
      hmacSha256(Buffer.alloc(20, 0xaa), Buffer.alloc(50, 0xdd)).toString('hex'),
      '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    )
  })

  test('constantTimeEqual compares bytes and lengths', () => {
    assert.ok(constantTimeEqual(Buffer.from('abc'), new Uint8Array([97, 98, 99])))
    assert.ok(constantTimeEqual(Buffer.alloc(0), Buffer.alloc(0)))
    assert.ok(!constantTimeEqual(Buffer.from('abc'), Buffer.from('abd')))
    assert.ok(!constantTimeEqual(Buffer.from('abc'), Buffer.from('ab')))
  })
})

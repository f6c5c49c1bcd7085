import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { AesCtr } from '../../main/crypto/aes-ctr.ts'

describe('AesCtr', () => {
  test('NIST SP 800-38A, F.5.1 and F.5.5, all four blocks', () => {
    const plain = Buffer.from(
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
      'hex',
    )
    const iv = Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex')
    assert.equal(
      new AesCtr(Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex'), iv).apply(plain).toString('hex'),
      '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
    )
    assert.equal(
      new AesCtr(Buffer.from('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'hex'), iv).apply(plain).toString('hex'),
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
    )
  })

  test('the stream is the same however it is cut, starts at zero, and undoes itself', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 }), parts => {
        const key = Buffer.alloc(16, 9)
        const whole = new AesCtr(key, Buffer.alloc(16)).apply(Buffer.concat(parts))
        const cut = new AesCtr(key)
        assert.deepEqual(Buffer.concat(parts.map(part => cut.apply(part))), whole)
        assert.deepEqual(new AesCtr(key).apply(whole), Buffer.concat(parts))
      }),
      { numRuns: 50 },
    )
  })
})

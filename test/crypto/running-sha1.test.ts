import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RunningSha1 } from '../../main/crypto/digest.ts'

const sha1 = (data: Uint8Array) => createHash('sha1').update(data).digest()

describe('RunningSha1', () => {
  test('equals SHA-1 at every length around its blocks', () => {
    const data = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 31) & 0xff))
    for (let length = 0; length <= data.length; length++) {
      assert.deepEqual(new RunningSha1(data.subarray(0, length)).peek(), sha1(data.subarray(0, length)), `${length} bytes`)
    }
  })

  test('goes on after each look, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 }), parts => {
        const running = new RunningSha1(Buffer.from('seed'))
        const all = [Buffer.from('seed')]
        for (const part of parts) {
          running.update(part)
          all.push(Buffer.from(part))
          const expected = sha1(Buffer.concat(all))
          assert.deepEqual(running.peek(), expected)
          assert.equal(running.peekWord(), expected.readUInt32BE(0))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('takes more at once than its memory holds', () => {
    const big = Buffer.alloc(400_001, 5)
    const running = new RunningSha1(Buffer.from('x'))
    running.update(big)
    assert.deepEqual(running.peek(), sha1(Buffer.concat([Buffer.from('x'), big])))
  })

  test('clones and copies are independent of each other, also when used in turn', () => {
    const one = new RunningSha1(Buffer.from('one'))
    const two = one.clone()
    one.update(Buffer.from('-a'))
    two.update(Buffer.from('-b'))
    assert.deepEqual(one.peek(), sha1(Buffer.from('one-a')))
    assert.deepEqual(two.peek(), sha1(Buffer.from('one-b')))
    one.copyFrom(two)
    one.update(Buffer.from('-c'))
    assert.deepEqual(one.peek(), sha1(Buffer.from('one-b-c')))
    assert.deepEqual(two.peek(), sha1(Buffer.from('one-b')))
  })
})

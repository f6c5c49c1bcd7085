import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fillRandom, randomBytes, randomInt } from '../../main/crypto/random.ts'

describe('random', () => {
  test('fillRandom fills exactly what it is told, with new bytes each time, far past its pool', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 300; i++) {
      const target = Buffer.alloc(520)
      fillRandom(target, 10, 510)
      assert.ok(target.subarray(0, 10).equals(Buffer.alloc(10)) && target.subarray(510).equals(Buffer.alloc(10)))
      seen.add(target.toString('hex', 10, 42))
    }
    assert.equal(seen.size, 300)
  })

  test('randomBytes and randomInt keep to their bounds', () => {
    assert.equal(randomBytes(7).length, 7)
    const values = new Set(Array.from({ length: 200 }, () => randomInt(3, 6)))
    assert.deepEqual([...values].sort(), [3, 4, 5])
  })
})

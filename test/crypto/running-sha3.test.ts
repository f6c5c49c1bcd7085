import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha3_256 } from '../../main/crypto/digest.ts'
import { RunningSha3 } from '../../main/crypto/running-sha3.ts'

test('RunningSha3 gives the digest of its parts, one after the other', () => {
  for (const lengths of [[], [0], [135, 1], [136, 1], [1, 135, 300, 7]]) {
    const parts = lengths.map((length, i) => Buffer.alloc(length, i + 1))
    const running = new RunningSha3()
    for (const part of parts) running.update(part)
    assert.deepEqual(running.digest(), sha3_256(...parts))
  }
})

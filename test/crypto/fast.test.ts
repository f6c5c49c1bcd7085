import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFastClient, createFastServer } from '../../main/crypto/fast.ts'
import { kdfTor } from '../../main/crypto/kdf.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

describe('CREATE_FAST', () => {
  test('both ends get Df, Db, Kf, Kb and KH from KDF-TOR', () => {
    const client = createFastClient()
    const server = createFastServer(client.onionskin)
    assert.equal(client.onionskin.length, 20)
    assert.equal(server.reply.length, 40)
    const keys = client.finish(server.reply)
    assert.deepEqual(keys, server.keys)
    const material = kdfTor(Buffer.concat([client.onionskin, server.reply.subarray(0, 20)]), 92)
    assert.deepEqual(server.reply.subarray(20), material.subarray(0, 20))
    assert.deepEqual(keys, Buffer.concat([material.subarray(20), material.subarray(0, 20)]))
  })

  test('a wrong key hash and wrong lengths are refused', () => {
    const client = createFastClient()
    const { reply } = createFastServer(client.onionskin)
    for (let i = 0; i < 40; i++) {
      const bad = Buffer.from(reply)
      bad[i]! ^= 1
      assert.throws(() => client.finish(bad), MalformedError)
    }
    for (const length of [0, 39, 41]) assert.throws(() => client.finish(Buffer.alloc(length)), MalformedError)
    for (const length of [0, 19, 21]) assert.throws(() => createFastServer(Buffer.alloc(length)), MalformedError)
  })
})

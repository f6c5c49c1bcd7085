import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ntorClient, ntorServer } from '../../main/crypto/ntor.ts'
import { generateX25519, x25519FromSecret } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse } from './hostile.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/** Computed with ntor_ref.py of C tor's tests. */
const VECTOR = {
  id: Buffer.from('iToldYouAboutStairs.'),
  b: x25519FromSecret(hex('1011111111111111111111111111111111111111111111111111111111111151')),
  x: x25519FromSecret(hex('2022222222222222222222222222222222222222222222222222222222222262')),
  y: x25519FromSecret(hex('3033333333333333333333333333333333333333333333333333333333333373')),
  onionskin:
    '69546f6c64596f7541626f75745374616972732e7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f130faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20',
  reply: '7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b146adec5e52d53fc85d1f0e8831a3a97adbfef33e8dea53d31cd219120a9aff73e',
  keys: '62162405ac90d277fe388f3b18b94b650d4e28dc60fb5676cbc7e18ae63e2a640c321be996e1034f010fd2abc831152a97d68d093df745f29a46c5924d1c32cc1a52564fb722018afb54db5ca33d5eec70bb08f3a48fa3b983fc61f9',
}

describe('ntor', () => {
  test("both sides give the reference implementation's bytes", () => {
    const client = ntorClient(VECTOR.id, VECTOR.b.public, VECTOR.x)
    assert.equal(client.onionskin.toString('hex'), VECTOR.onionskin)
    const server = ntorServer(client.onionskin, VECTOR.id, () => VECTOR.b, 92, VECTOR.y)
    assert.equal(server.reply.toString('hex'), VECTOR.reply)
    assert.equal(server.keys.toString('hex'), VECTOR.keys)
    assert.equal(client.finish(server.reply, 92).toString('hex'), VECTOR.keys)
  })

  const id = Buffer.alloc(20, 7)
  const onion = generateX25519()
  const find = (key: Buffer) => (key.equals(onion.public) ? onion : undefined)

  test('a fresh handshake agrees, for any length of key material', () => {
    const client = ntorClient(id, onion.public)
    for (const length of [1, 72, 92, 500]) {
      const server = ntorServer(client.onionskin, id, find, length)
      assert.equal(server.reply.length, 64)
      assert.equal(server.keys.length, length)
      assert.deepEqual(client.finish(server.reply, length), server.keys)
    }
  })

  test('the client refuses a reply with any bit changed, or of another length', () => {
    const client = ntorClient(id, onion.public)
    const { reply } = ntorServer(client.onionskin, id, find, 92)
    for (let i = 0; i < reply.length; i++) {
      const bad = Buffer.from(reply)
      bad[i]! ^= i === 31 ? 0x40 : 1
      assert.throws(() => client.finish(bad, 92), MalformedError, `byte ${i}`)
    }
    for (const bad of [Buffer.alloc(0), reply.subarray(1), Buffer.concat([reply, Buffer.of(0)])]) {
      assert.throws(() => client.finish(bad, 92), MalformedError)
    }
  })

  test('the client refuses a relay that used another onion key or Y of small order', () => {
    const client = ntorClient(id, onion.public)
    const { reply } = ntorServer(client.onionskin, id, () => generateX25519(), 92)
    assert.throws(() => client.finish(reply, 92), MalformedError)
    assert.throws(() => client.finish(Buffer.alloc(64), 92), MalformedError)
  })

  test('the server refuses another id, lengths off by one, and X of small order', () => {
    const { onionskin } = ntorClient(id, onion.public)
    assert.throws(() => ntorServer(onionskin, Buffer.alloc(20, 8), find, 92), MalformedError)
    assert.throws(() => ntorServer(onionskin.subarray(1), id, find, 92), MalformedError)
    assert.throws(() => ntorServer(onionskin.subarray(0, 83), id, find, 92), MalformedError)
    assert.throws(() => ntorServer(Buffer.concat([onionskin, Buffer.of(0)]), id, find, 92), MalformedError)
    const zero = Buffer.concat([onionskin.subarray(0, 52), Buffer.alloc(32)])
    assert.throws(() => ntorServer(zero, id, find, 92), MalformedError)
    neverThrowsAnythingElse(bytes => ntorServer(bytes, id, find, 92), [onionskin])
  })

  test('an onion key that is not ours gets an answer that proves nothing', () => {
    const client = ntorClient(id, generateX25519().public)
    const { reply } = ntorServer(client.onionskin, id, find, 92)
    assert.equal(reply.length, 64)
    assert.throws(() => client.finish(reply, 92), MalformedError)
  })
})

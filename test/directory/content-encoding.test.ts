import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { chooseEncoding, decodeBody, encodeBody } from '../../main/directory/content-encoding.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { TooLargeError } from '../../main/lib/http-message.ts'

const TEXT = Buffer.from('network-status-version 3\n'.repeat(50))

describe('content encodings', () => {
  test('what is encoded is decoded', async () => {
    for (const encoding of ['identity', 'deflate', 'gzip'] as const) {
      assert.ok((await decodeBody(await encodeBody(TEXT, encoding), encoding, 10_000)).equals(TEXT), encoding)
    }
    assert.ok((await decodeBody(TEXT, undefined, 10_000)).equals(TEXT))
  })

  test('streams one after the other are one body, as authorities send several votes', async () => {
    const both = Buffer.concat([deflateSync('one'), deflateSync('two')])
    assert.equal((await decodeBody(both, 'deflate', 100)).toString(), 'onetwo')
    assert.equal((await decodeBody(Buffer.concat([gzipSync('one'), gzipSync('two')]), 'x-gzip', 100)).toString(), 'onetwo')
  })

  test('the output is capped, also over several streams and without compression', async () => {
    const zeros = deflateSync(Buffer.alloc(600))
    await assert.rejects(decodeBody(zeros, 'deflate', 599), TooLargeError)
    await assert.rejects(decodeBody(Buffer.concat([zeros, zeros]), 'deflate', 1000), TooLargeError)
    await assert.rejects(decodeBody(TEXT, 'identity', 10), TooLargeError)
  })

  test('a bomb is refused long before the cap', async () => {
    const bomb = deflateSync(Buffer.alloc(16 * 1024 * 1024))
    await assert.rejects(decodeBody(bomb, 'deflate', 64 * 1024 * 1024), TooLargeError)
    await assert.rejects(decodeBody(gzipSync(Buffer.alloc(16 * 1024 * 1024)), 'gzip', 64 * 1024 * 1024), TooLargeError)
  })

  test('a damaged, cut or unknown encoding is malformed', async () => {
    const whole = deflateSync(TEXT)
    for (const body of [whole.subarray(0, -3), Buffer.from('not zlib'), Buffer.concat([whole, Buffer.from('rubbish')])]) {
      await assert.rejects(decodeBody(body, 'deflate', 10_000), MalformedError)
    }
    await assert.rejects(decodeBody(TEXT, 'x-tor-lzma', 10_000), MalformedError)
  })

  test('the answer is encoded as the client takes it', () => {
    assert.equal(chooseEncoding(undefined, false), 'identity')
    assert.equal(chooseEncoding(undefined, true), 'deflate')
    assert.equal(chooseEncoding('x-tor-lzma, x-zstd , deflate, gzip, identity', false), 'deflate')
    assert.equal(chooseEncoding('GZIP', false), 'gzip')
    assert.equal(chooseEncoding('gzip, deflate;q=0', false), 'gzip')
    assert.equal(chooseEncoding('x-zstd', false), 'identity')
  })
})

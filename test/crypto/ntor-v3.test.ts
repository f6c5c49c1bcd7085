import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ntorV3Client, ntorV3Server } from '../../main/crypto/ntor-v3.ts'
import { generateX25519, x25519FromSecret } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from './hostile.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('ntor-v3', () => {
  test("both sides give the bytes of C tor's vector (test_ntor_v3.c)", () => {
    const b = x25519FromSecret(hex('4051daa5921cfa2a1c27b08451324919538e79e788a81b38cbed097a5dff454a'))
    const x = x25519FromSecret(hex('b825a3719147bcbe5fb1d0b0fcb9c09e51948048e2e3283d2ab7b45b5ef38b49'))
    const y = x25519FromSecret(hex('4865a5b7689dafd978f529291c7171bc159be076b92186405d13220b80e2a053'))
    const id = hex('9fad2af287ef942632833d21f946c6260c33fae6172b60006e86e4a6911753a2')
    const client = ntorV3Client(id, b.public, Buffer.from('hello world'), 'xyzzy', x)
    assert.equal(
      client.onionskin.toString('hex'),
      '9fad2af287ef942632833d21f946c6260c33fae6172b60006e86e4a6911753a2f8307a2bc1870b00b828bb74dbb8fd88e632a6375ab3bcd1ae706aaa8b6cdd1d252fe9ae91264c91d4ecb8501f79d0387e34ad8ca0f7c995184f7d11d5da4f463bebd9151fd3b47c180abc9e044d53565f04d82bbb3bebed3d06cea65db8be9c72b68cd461942088502f67',
    )
    const server = ntorV3Server(
      client.onionskin,
      id,
      () => b,
      message => {
        assert.equal(message.toString(), 'hello world')
        return Buffer.from('Hola Mundo')
      },
      256,
      'xyzzy',
      y,
    )
    assert.equal(
      server.reply.toString('hex'),
      '4bf4814326fdab45ad5184f5518bd7fae25dc59374062698201a50a22954246d2fc5f8773ca824542bc6cf6f57c7c29bbf4e5476461ab130c5b18ab0a91276651202c3e1e87c0d32054c',
    )
    const keys =
      '9c19b631fd94ed86a817e01f6c80b0743a43f5faebd39cfaa8b00fa8bcc65c3bfeaa403d91acbd68a821bf6ee8504602b094a254392a07737d5662768c7a9fb1b2814bb34780eaee6e867c773e28c212ead563e98a1cd5d5b4576f5ee61c59bde025ff2851bb19b721421694f263818e3531e43a9e4e3e2c661e2ad547d8984caa28ebecd3e4525452299be26b9185a20a90ce1eac20a91f2832d731b54502b09749b5a2a2949292f8cfcbeffb790c7790ed935a9d251e7e336148ea83b063a5618fcff674a44581585fd22077ca0e52c59a24347a38d1a1ceebddbf238541f226b8f88d0fb9c07a1bcd2ea764bbbb5dacdaf5312a14c0b9e4f06309b0333b4a'
    assert.equal(server.keys.toString('hex'), keys)
    const finished = client.finish(server.reply, 256)
    assert.equal(finished.keys.toString('hex'), keys)
    assert.equal(finished.message.toString(), 'Hola Mundo')
  })

  const id = Buffer.alloc(32, 7)
  const onion = generateX25519()
  const find = (key: Buffer) => (key.equals(onion.public) ? onion : undefined)
  const serve = (onionskin: Uint8Array) => ntorV3Server(onionskin, id, find, message => Buffer.concat([message, message]), 92)

  test('a fresh handshake carries messages both ways, also empty ones', () => {
    for (const text of ['', 'x', 'm'.repeat(300)]) {
      const client = ntorV3Client(id, onion.public, Buffer.from(text))
      assert.equal(client.onionskin.length, 128 + text.length)
      const server = serve(client.onionskin)
      assert.equal(server.reply.length, 64 + 2 * text.length)
      const { keys, message } = client.finish(server.reply, 92)
      assert.deepEqual(keys, server.keys)
      assert.equal(message.toString(), text + text)
    }
  })

  test('the server refuses an onionskin with any bit changed or any length, before it reads the message', () => {
    const { onionskin } = ntorV3Client(id, onion.public, Buffer.from('message'))
    const refuse = (bytes: Buffer) => ntorV3Server(bytes, id, find, () => assert.fail('the message was read'), 92)
    for (let i = 0; i < onionskin.length; i++) {
      const bad = Buffer.from(onionskin)
      bad[i]! ^= i === 95 ? 0x40 : 1
      assert.throws(() => refuse(bad), MalformedError, `byte ${i}`)
    }
    refusesEveryTruncation(serve, onionskin)
    assert.throws(() => refuse(Buffer.concat([onionskin, Buffer.of(0)])), MalformedError)
    neverThrowsAnythingElse(serve, [onionskin])
  })

  test('the server refuses an unknown onion key, another relay, another purpose, and X of small order', () => {
    const { onionskin } = ntorV3Client(id, onion.public, Buffer.from('m'))
    const handle = () => assert.fail('the message was read')
    assert.throws(() => ntorV3Server(onionskin, id, () => undefined, handle, 92), MalformedError)
    assert.throws(() => ntorV3Server(onionskin, Buffer.alloc(32), find, handle, 92), MalformedError)
    assert.throws(() => ntorV3Server(onionskin, id, find, handle, 92, 'something else'), MalformedError)
    const zero = Buffer.from(onionskin).fill(0, 64, 96)
    assert.throws(() => ntorV3Server(zero, id, find, handle, 92), MalformedError)
  })

  test('what the handler throws goes through', () => {
    const { onionskin } = ntorV3Client(id, onion.public, Buffer.from('m'))
    const refusal = new RangeError('not that')
    assert.throws(
      () =>
        ntorV3Server(
          onionskin,
          id,
          find,
          () => {
            throw refusal
          },
          92,
        ),
      refusal,
    )
  })

  test('the client refuses a reply with any bit changed or cut', () => {
    const client = ntorV3Client(id, onion.public, Buffer.from('message'))
    const { reply } = serve(client.onionskin)
    const finish = (bytes: Buffer) => client.finish(bytes, 92)
    for (let i = 0; i < reply.length; i++) {
      const bad = Buffer.from(reply)
      bad[i]! ^= i === 31 ? 0x40 : 1
      assert.throws(() => finish(bad), MalformedError, `byte ${i}`)
    }
    refusesEveryTruncation(finish, reply)
    assert.throws(() => finish(Buffer.concat([reply, Buffer.of(0)])), MalformedError)
    neverThrowsAnythingElse(finish, [reply])
  })

  test('the client refuses an onion key of small order', () => {
    assert.throws(() => ntorV3Client(id, Buffer.alloc(32), Buffer.from('m')), MalformedError)
  })
})

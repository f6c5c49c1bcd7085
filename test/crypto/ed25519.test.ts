import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ed25519FromSeed, ed25519Signer, generateEd25519, signEd25519, verifyEd25519 } from '../../main/crypto/ed25519.ts'
import { crossSignerFromX25519, curve25519ToEd25519Public } from '../../main/crypto/ed25519-convert.ts'
import { generateX25519, x25519FromSecret } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/** C tor's ed25519_vectors.inc: seed, public key, the same key as X25519, the signature of the public key by itself. */
const VECTORS = [
  [
    '26c76712d89d906e6672dafa614c42e5cb1caac8c6568e4d2493087db51f0d36',
    'c2247870536a192d142d056abefca68d6193158e7c1a59c1654c954eccaff894',
    '17ba77846e04c7ee5ca17cade774ac1884408f9701f439d4df32cbd8736c6a1f',
    'd23188eac3773a316d46006fa59c095060be8b1a23582a0dd99002a82a0662bd246d8449e172e04c5f46ac0d1404cebe4aabd8a75a1457aa06cae41f3334f104',
  ],
  [
    'fba7a5366b5cb98c2667a18783f5cf8f4f8d1a2ce939ad22a6e685edde85128d',
    '1519a3b15816a1aafab0b213892026ebf5c0dc232c58b21088d88cb90e9b940d',
    '022be2124bc1899a78ba2b4167d191af3b59cadf94f0382bc31ce183a117f161',
    '3a785ac1201c97ee5f6f0d99323960d5f264c7825e61aa7cc81262f15bef75eb4fa5723add9b9d45b12311b6d403eb3ac79ff8e4e631fc3cd51e4ad2185b200b',
  ],
  [
    '67e3aa7a14fac8445d15e45e38a523481a69ae35513c9e4143eb1c2196729a0e',
    '081faa81992e360ea22c06af1aba096e7a73f1c665bc8b3e4e531c46455fd1dd',
    'bf4fd38ef22f718f03c0a12ba5127bd1e3afd494793753f519728b29cc577571',
    'cf431fd0416bfbd20c9d95ef9b723e2acddffb33900edc72195dea95965d52d888d30b7b8a677c0bd8ae1417b1e1a0ec6700deadd5d8b54b6689275e04a04509',
  ],
] as const

describe('Ed25519', () => {
  test("agrees with C tor's vectors", () => {
    for (const [seed, publicKey, x25519Public, signature] of VECTORS) {
      const key = ed25519FromSeed(hex(seed))
      assert.equal(key.public.toString('hex'), publicKey)
      assert.equal(key.seed.toString('hex'), seed)
      assert.equal(signEd25519(key, key.public).toString('hex'), signature)
      assert.ok(verifyEd25519(key.public, key.public, hex(signature)))
      assert.equal(curve25519ToEd25519Public(hex(x25519Public), (key.public[31]! >> 7) as 0 | 1).toString('hex'), publicKey)
    }
  })

  test('signs by native key, by plain object and by signer alike', () => {
    const key = generateEd25519()
    const message = Buffer.from('message')
    const signature = signEd25519(key, message)
    assert.equal(signature.length, 64)
    assert.deepEqual(signEd25519({ seed: key.seed, public: key.public }, message), signature)
    assert.deepEqual(ed25519Signer(key).sign(message), signature)
    assert.deepEqual(ed25519Signer(key).public, key.public)
  })

  test('refuses another message, key or signature', () => {
    const key = generateEd25519()
    const message = Buffer.from('message')
    const signature = signEd25519(key, message)
    assert.ok(!verifyEd25519(key.public, Buffer.from('messag'), signature))
    assert.ok(!verifyEd25519(generateEd25519().public, message, signature))
    for (let i = 0; i < 64; i++) {
      const bad = Buffer.from(signature)
      bad[i]! ^= 1
      assert.ok(!verifyEd25519(key.public, message, bad), `byte ${i}`)
    }
  })

  test('refuses a signature whose S is not reduced', () => {
    const key = generateEd25519()
    const signature = signEd25519(key, Buffer.from('m'))
    const L = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + L
    const malleable = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()])
    assert.ok(!verifyEd25519(key.public, Buffer.from('m'), malleable))
  })

  test('verification never throws, whatever it gets', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc.uint8Array({ maxLength: 10 }),
        fc.uint8Array({ maxLength: 130 }),
        (key, message, signature) => {
          assert.equal(verifyEd25519(key, message, signature), false)
        },
      ),
      { numRuns: 200 },
    )
    const whole = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(whole, fc.uint8Array({ minLength: 64, maxLength: 64 }), (key, signature) => {
        assert.equal(typeof verifyEd25519(key, Buffer.from('m'), signature), 'boolean')
      }),
      { numRuns: 200 },
    )
  })

  test('a seed has 32 bytes', () => {
    for (const length of [0, 31, 33, 64]) assert.throws(() => ed25519FromSeed(Buffer.alloc(length)), MalformedError)
  })
})

describe('an X25519 key that signs', () => {
  test('its signatures are good under the key that others compute from its public key', () => {
    const signBits = new Set<number>()
    for (let i = 0; i < 12; i++) {
      const key = generateX25519()
      const signer = crossSignerFromX25519(key)
      signBits.add(signer.signBit)
      assert.deepEqual(curve25519ToEd25519Public(key.public, signer.signBit), signer.public)
      assert.equal(signer.public[31]! >> 7, signer.signBit)
      const message = Buffer.from(`message ${i}`)
      const signature = signer.sign(message)
      assert.deepEqual(signer.sign(message), signature, 'deterministic')
      assert.ok(verifyEd25519(signer.public, message, signature))
      assert.ok(!verifyEd25519(signer.public, Buffer.from('another'), signature))
      const wrongBit = curve25519ToEd25519Public(key.public, signer.signBit ? 0 : 1)
      assert.ok(!verifyEd25519(wrongBit, message, signature))
    }
    assert.equal(signBits.size, 2, 'both sign bits occur')
  })

  test('an unclamped secret is the key it is in X25519', () => {
    const key = x25519FromSecret(Buffer.alloc(32, 0xff))
    const signer = crossSignerFromX25519(key)
    assert.deepEqual(curve25519ToEd25519Public(key.public, signer.signBit), signer.public)
  })

  test('the top bit of an X25519 public key does not count', () => {
    const key = generateX25519().public
    const withBit = Buffer.from(key)
    withBit[31]! |= 0x80
    assert.deepEqual(curve25519ToEd25519Public(withBit, 0), curve25519ToEd25519Public(key, 0))
  })

  test('values without an image are refused, others never throw', () => {
    assert.throws(() => curve25519ToEd25519Public(hex(`ec${'ff'.repeat(30)}7f`), 0), MalformedError)
    assert.throws(() => curve25519ToEd25519Public(Buffer.alloc(31), 0), MalformedError)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), u => {
        assert.equal(curve25519ToEd25519Public(u, 1).length, 32)
      }),
      { numRuns: 100 },
    )
  })
})

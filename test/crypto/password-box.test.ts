import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openAesGcm, scryptKey, sealAesGcm } from '../../main/crypto/password-box.ts'

describe('a key from a password', () => {
  test('is that of RFC 7914', async () => {
    const key = await scryptKey('password', Buffer.from('NaCl'), { logN: 10, r: 8, p: 16 }, 64)
    assert.equal(
      key.toString('hex'),
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    )
  })

  test('is the same however a keyboard composes the letters', async () => {
    const key = (password: string) => scryptKey(password, Buffer.from('salt'), { logN: 10, r: 8, p: 1 }, 32)
    assert.deepEqual(await key('Gew\u00e4chshaus'), await key('Gewa\u0308chshaus'))
    assert.notDeepEqual(await key('Gewachshaus'), await key('Gewa\u0308chshaus'))
  })
})

describe('AES-256-GCM', () => {
  const key = Buffer.alloc(32)
  const nonce = Buffer.alloc(12)

  test('is that of the GCM specification (test case 14)', () => {
    const sealed = sealAesGcm(key, nonce, Buffer.alloc(16), Buffer.alloc(0))
    assert.equal(sealed.toString('hex'), 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919')
  })

  test('opens what it sealed, and nothing that differs in one bit', () => {
    const header = Buffer.from('header')
    const sealed = sealAesGcm(key, nonce, Buffer.from('secret'), header)
    assert.equal(openAesGcm(key, nonce, sealed, header)?.toString(), 'secret')
    for (let i = 0; i < sealed.length * 8; i++) {
      const changed = Buffer.from(sealed)
      changed[i >> 3]! ^= 1 << (i & 7)
      assert.equal(openAesGcm(key, nonce, changed, header), undefined, `bit ${i}`)
    }
    assert.equal(openAesGcm(key, nonce, sealed, Buffer.from('Header')), undefined)
    assert.equal(openAesGcm(Buffer.alloc(32, 1), nonce, sealed, header), undefined)
    assert.equal(openAesGcm(key, nonce, sealed.subarray(0, 15), header), undefined)
  })
})

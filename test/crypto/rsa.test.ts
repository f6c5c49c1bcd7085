import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { DerTag, der, derInteger } from '../../main/crypto/der.ts'
import { sha1, sha256 } from '../../main/crypto/digest.ts'
import { parseRsaPublicPem, RsaPrivateKey, RsaPublicKey, rsaPublicPem } from '../../main/crypto/rsa.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { FINGERPRINT, MASTER_ED25519, ONION_KEY_CROSSCERT, RSA_IDENTITY, TAP_ONION_KEY } from './c-tor-descriptor.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from './hostile.ts'

let key: RsaPrivateKey
before(async () => {
  key = await RsaPrivateKey.generate()
})

describe('RSA keys', () => {
  test('a relay identity has 1024 bits and exponent 65537', () => {
    assert.equal(key.publicKey.bits, 1024)
    assert.equal(key.publicKey.exponent, 65537)
    assert.equal(key.fingerprint.length, 20)
    assert.deepEqual(key.fingerprint, sha1(key.publicDer))
  })

  test('survive PEM', () => {
    const pem = key.toPem()
    assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\n/)
    assert.deepEqual(RsaPrivateKey.fromPem(pem).publicDer, key.publicDer)
    const publicPem = rsaPublicPem(key.publicDer)
    assert.match(publicPem, /^-----BEGIN RSA PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END RSA PUBLIC KEY-----\n$/)
    assert.deepEqual(parseRsaPublicPem(publicPem).der, key.publicDer)
  })

  test('refuse what is no PEM, and other kinds of key', () => {
    for (const pem of ['', 'x', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n']) {
      assert.throws(() => RsaPrivateKey.fromPem(pem), MalformedError)
    }
    const ed = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    assert.throws(() => RsaPrivateKey.fromPem(ed), MalformedError)
    const pem = rsaPublicPem(key.publicDer)
    for (const bad of ['', pem.slice(1), `${pem}x`, pem.replace('PUBLIC', 'PRIVATE'), pem.replace('\n', '\r\n'), pem.repeat(40)]) {
      assert.throws(() => parseRsaPublicPem(bad), MalformedError)
    }
  })

  test("a key of C tor's has the fingerprint that C tor signed (below)", () => {
    const identity = RsaPublicKey.fromDer(RSA_IDENTITY)
    assert.deepEqual(identity.fingerprint, FINGERPRINT)
    assert.equal(identity.bits, 1024)
  })
})

describe('RSA signatures without DigestInfo', () => {
  test('recover and verify', () => {
    const digest = sha1(Buffer.from('document'))
    const signature = key.signRaw(digest)
    assert.equal(signature.length, 128)
    assert.deepEqual(key.publicKey.recoverRaw(signature), digest)
    assert.ok(key.publicKey.verifyRaw(digest, signature))
    assert.ok(key.publicKey.verifyRaw(sha256(Buffer.from('x')), key.signRaw(sha256(Buffer.from('x')))))
  })

  test('only verify for exactly what was signed', () => {
    const digest = sha1(Buffer.from('document'))
    assert.ok(!key.publicKey.verifyRaw(sha1(Buffer.from('another')), key.signRaw(digest)))
    assert.ok(!key.publicKey.verifyRaw(digest, key.signRaw(Buffer.concat([digest, Buffer.of(0)]))))
    assert.ok(!key.publicKey.verifyRaw(digest.subarray(0, 19), key.signRaw(digest)))
  })

  test('are refused when damaged, cut, too long or empty', () => {
    const digest = sha1(Buffer.from('document'))
    const signature = key.signRaw(digest)
    for (let i = 0; i < signature.length; i += 7) {
      const bad = Buffer.from(signature)
      bad[i]! ^= 0x10
      assert.ok(!key.publicKey.verifyRaw(digest, bad))
    }
    for (const bad of [
      signature.subarray(1),
      Buffer.concat([signature, Buffer.of(0)]),
      Buffer.alloc(0),
      Buffer.alloc(128),
      Buffer.alloc(128, 255),
    ]) {
      assert.ok(!key.publicKey.verifyRaw(digest, bad))
      assert.throws(() => key.publicKey.recoverRaw(bad), MalformedError)
    }
  })

  test("C tor's onion-key-crosscert names both identities", () => {
    const onion = RsaPublicKey.fromDer(TAP_ONION_KEY)
    assert.ok(onion.verifyRaw(Buffer.concat([FINGERPRINT, MASTER_ED25519]), ONION_KEY_CROSSCERT))
    assert.ok(!onion.verifyRaw(Buffer.concat([FINGERPRINT, Buffer.alloc(32)]), ONION_KEY_CROSSCERT))
  })
})

describe('RSAPublicKey DER', () => {
  const modulus = Buffer.concat([Buffer.of(0xc0), Buffer.alloc(126, 3), Buffer.of(1)])
  const build = (n: Uint8Array, e: Uint8Array) => der(DerTag.SEQUENCE, derInteger(n), derInteger(e))

  test('is read exactly', () => {
    const parsed = RsaPublicKey.fromDer(build(modulus, Buffer.of(1, 0, 1)))
    assert.equal(parsed.bits, 1024)
    assert.equal(parsed.exponent, 65537)
    assert.equal(RsaPublicKey.fromDer(build(Buffer.concat([Buffer.of(0x01), modulus]), Buffer.of(3))).bits, 1025)
    refusesEveryTruncation(bytes => RsaPublicKey.fromDer(bytes), key.publicDer)
    neverThrowsAnythingElse(bytes => RsaPublicKey.fromDer(bytes).verifyRaw(Buffer.alloc(20), Buffer.alloc(128)), [key.publicDer])
  })

  test('refuses bytes after the key, loose encodings and useless numbers', () => {
    const good = key.publicDer
    const e = Buffer.of(1, 0, 1)
    for (const [what, bytes] of [
      ['a byte after it', Buffer.concat([good, Buffer.of(0)])],
      ['a third integer', der(DerTag.SEQUENCE, derInteger(modulus), derInteger(e), derInteger(e))],
      ['no exponent', der(DerTag.SEQUENCE, derInteger(modulus))],
      ['a length of more bytes than needed', Buffer.concat([Buffer.of(0x30, 0x82, 0x00), good.subarray(2)])],
      ['a negative modulus', der(DerTag.SEQUENCE, der(DerTag.INTEGER, modulus), derInteger(e))],
      ['a padded modulus', der(DerTag.SEQUENCE, der(DerTag.INTEGER, Buffer.of(0, 0), modulus), derInteger(e))],
      ['an even modulus', build(Buffer.concat([modulus.subarray(0, 127), Buffer.of(2)]), e)],
      ['a small modulus', build(Buffer.concat([Buffer.alloc(40, 3)]), e)],
      ['a huge modulus', build(Buffer.alloc(1100, 3), e)],
      ['exponent 0', build(modulus, Buffer.of(0))],
      ['exponent 1', build(modulus, Buffer.of(1))],
      ['an even exponent', build(modulus, Buffer.of(4))],
      ['a huge exponent', build(modulus, Buffer.alloc(5, 3))],
    ] as const) {
      assert.throws(() => RsaPublicKey.fromDer(bytes), MalformedError, what)
    }
  })
})

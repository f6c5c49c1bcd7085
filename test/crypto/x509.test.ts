import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { makeIdentityCertificate, makeLinkCertificate, parseRsaCertificate, readIdentityCertificate } from '../../main/crypto/x509.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from './hostile.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 22, 12)
let key: RsaPrivateKey
let certificate: Buffer
before(async () => {
  key = await RsaPrivateKey.generate()
  certificate = makeIdentityCertificate(key, NOW)
})

describe('the link certificate', () => {
  test('fits its key, is valid now, and has new random names each time', () => {
    const link = makeLinkCertificate(NOW)
    const parsed = new X509Certificate(link.certPem)
    assert.deepEqual(parsed.raw, link.certDer)
    assert.ok(parsed.checkPrivateKey(createPrivateKey(link.keyPem)))
    assert.ok(parsed.verify(parsed.publicKey), 'signed by its own key')
    assert.match(parsed.subject, /^CN=www\.[a-z2-7]{8,20}\.net$/)
    assert.match(parsed.issuer, /^CN=www\.[a-z2-7]{8,20}\.com$/)
    const another = new X509Certificate(makeLinkCertificate(NOW).certPem)
    assert.notEqual(parsed.subject, another.subject)
    assert.notEqual(parsed.serialNumber, another.serialNumber)
  })

  test('began at a day boundary in the past and lasts a day at least, always', () => {
    for (let i = 0; i < 40; i++) {
      const { validFromDate, validToDate } = new X509Certificate(makeLinkCertificate(NOW).certPem)
      assert.equal(validFromDate.getTime() % DAY, 0)
      assert.ok(validFromDate.getTime() <= NOW)
      assert.ok(validToDate.getTime() >= NOW + DAY)
    }
  })

  test('works beyond 2049, where X.509 writes dates in another way', () => {
    const parsed = new X509Certificate(makeLinkCertificate(Date.UTC(2060, 0, 1)).certPem)
    assert.ok(parsed.validFromDate.getUTCFullYear() >= 2059)
  })
})

describe('the identity certificate', () => {
  test('proves the RSA identity', () => {
    const parsed = parseRsaCertificate(certificate)
    assert.deepEqual(parsed.publicKey.der, key.publicDer)
    assert.ok(parsed.isSignedBy(key.publicKey))
    assert.ok(parsed.notBefore <= NOW && NOW + DAY <= parsed.notAfter)
    assert.equal(parsed.notAfter - parsed.notBefore, 365 * DAY)
    assert.deepEqual(readIdentityCertificate(certificate, NOW).fingerprint, key.fingerprint)
  })

  test('holds for 2 days after its end and 30 days before its start, no longer', () => {
    const { notBefore, notAfter } = parseRsaCertificate(certificate)
    readIdentityCertificate(certificate, notAfter + 2 * DAY)
    readIdentityCertificate(certificate, notBefore - 30 * DAY)
    assert.throws(() => readIdentityCertificate(certificate, notAfter + 2 * DAY + 1), MalformedError)
    assert.throws(() => readIdentityCertificate(certificate, notBefore - 30 * DAY - 1), MalformedError)
  })

  test('is refused when signed by another key or damaged', async () => {
    const other = await RsaPrivateKey.generate()
    assert.ok(!parseRsaCertificate(certificate).isSignedBy(other.publicKey))
    const damaged = Buffer.from(certificate)
    damaged[damaged.length - 1]! ^= 1
    assert.throws(() => readIdentityCertificate(damaged, NOW), MalformedError)
  })

  test('is refused when the key has not exactly 1024 bits', async () => {
    const big = await RsaPrivateKey.generate(2048)
    assert.throws(() => readIdentityCertificate(makeIdentityCertificate(big, NOW), NOW), MalformedError)
  })

  test('is refused when it holds another kind of key', () => {
    assert.throws(() => parseRsaCertificate(makeLinkCertificate(NOW).certDer), MalformedError)
  })

  test('survives hostile bytes', () => {
    assert.throws(() => parseRsaCertificate(Buffer.concat([certificate, Buffer.of(0)])), MalformedError)
    assert.throws(() => parseRsaCertificate(Buffer.from(makeLinkCertificate(NOW).certPem)), MalformedError, 'PEM is not DER')
    assert.throws(() => parseRsaCertificate(Buffer.alloc(20_000, 0x30)), MalformedError)
    refusesEveryTruncation(bytes => readIdentityCertificate(bytes, NOW), certificate)
    neverThrowsAnythingElse(bytes => readIdentityCertificate(bytes, NOW), [certificate])
  })
})

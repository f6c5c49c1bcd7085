import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { buildKeyCertificate, parseKeyCertificate, splitKeyCertificates } from '../../main/document/key-certificate.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, NOW, stockTor, survives } from './fixtures.ts'

let identity: RsaPrivateKey
let signing: RsaPrivateKey
let text: string
const times = { published: NOW, expires: NOW + 90 * 86_400_000 }

before(async () => {
  ;[identity, signing] = await Promise.all([RsaPrivateKey.generate(2048), RsaPrivateKey.generate(2048)])
  text = buildKeyCertificate({ identity, signing, ...times, dirAddress: '192.0.2.1:80' })
})

test('what we build reads back', () => {
  const read = parseKeyCertificate(text)
  assert.equal(read.identity, identity.fingerprint.toString('hex').toUpperCase())
  assert.equal(read.signingKeyDigest, signing.fingerprint.toString('hex').toUpperCase())
  assert.deepEqual([read.published, read.expires, read.dirAddress, read.text], [NOW, times.expires, '192.0.2.1:80', text])
  assert.deepEqual(read.signingKey.der, signing.publicDer)
})

test('both keys must agree to it', async () => {
  const stranger = await RsaPrivateKey.generate(2048)
  const cross = (source: string) => source.slice(source.indexOf('dir-key-crosscert'), source.indexOf('dir-key-certification'))
  const other = buildKeyCertificate({ identity: stranger, signing, ...times })
  // A signing key that never vouched for this identity.
  assert.throws(() => parseKeyCertificate(text.replace(cross(text), cross(other))), MalformedError)
  assert.throws(
    () => parseKeyCertificate(text.slice(0, text.indexOf('dir-key-certification')) + other.slice(other.indexOf('dir-key-certification'))),
    MalformedError,
  )
})

test('breakage is noticed, and only by MalformedError', () => {
  const signed = text.slice(0, text.indexOf('-----BEGIN SIGNATURE'))
  fc.assert(
    fc.property(mutations(text), changed => {
      assert.ok(!survives(() => parseKeyCertificate(changed)) || changed.startsWith(signed))
    }),
    { numRuns: 300 },
  )
  for (const bad of [
    '',
    `x\n${text}`,
    text.replace('version 3', 'version 4'),
    text.replace('dir-key-certification', 'dir-key-certification-x y\ndir-key-certification'),
    `${text}x\n`,
  ]) {
    assert.throws(() => parseKeyCertificate(bad), MalformedError)
  }
})

test('those of stock tor are good', () => {
  const all = splitKeyCertificates(stockTor('key-certificates'))
  assert.equal(all.length, 3)
  assert.equal(new Set(all.map(source => parseKeyCertificate(source).identity)).size, 3)
  assert.deepEqual(splitKeyCertificates(`rubbish ${all[0]} ${all[1]} dir-key-certificate-version 3`), all.slice(0, 2))
})

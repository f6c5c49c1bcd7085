import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { sha256 } from '../../main/crypto/digest.ts'
import { ed25519Signer, generateEd25519 } from '../../main/crypto/ed25519.ts'
import { crossSignerFromX25519, curve25519ToEd25519Public } from '../../main/crypto/ed25519-convert.ts'
import { RsaPrivateKey } from '../../main/crypto/rsa.ts'
import { encodeRsaCrossCert, parseRsaCrossCert, verifyRsaCrossCert } from '../../main/crypto/rsa-cross-cert.ts'
import { encodeTorCert, parseTorCert, TorCertKeyType, TorCertType, verifyTorCert } from '../../main/crypto/tor-cert.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { CERTS_GOOD_AT, IDENTITY_CERT, MASTER_ED25519, NTOR_CROSSCERT, NTOR_ONION_KEY, NTOR_SIGN_BIT } from './c-tor-descriptor.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from './hostile.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 22, 12)

describe('Ed25519 certificates', () => {
  const master = generateEd25519()
  const signing = generateEd25519()
  const fields = {
    type: TorCertType.ED25519_SIGNING,
    expires: NOW,
    keyType: TorCertKeyType.ED25519,
    key: signing.public,
    includeSigner: true,
  }
  const bytes = encodeTorCert(fields, ed25519Signer(master))

  test('have the layout of cert-spec', () => {
    assert.equal(bytes.length, 140)
    assert.equal(bytes.subarray(0, 7).toString('hex'), `0104${(NOW / HOUR).toString(16).padStart(8, '0')}01`)
    assert.equal(bytes.subarray(39, 44).toString('hex'), '0100200400')
  })

  test('are read back and verify, by the key they name or one we know', () => {
    const cert = parseTorCert(bytes)
    assert.equal(cert.type, TorCertType.ED25519_SIGNING)
    assert.equal(cert.expires, NOW)
    assert.equal(cert.keyType, TorCertKeyType.ED25519)
    assert.deepEqual(cert.key, signing.public)
    assert.deepEqual(cert.signedWith, master.public)
    assert.deepEqual(cert.raw, bytes)
    assert.ok(verifyTorCert(cert, NOW))
    assert.ok(verifyTorCert(cert, NOW, master.public))
    assert.ok(!verifyTorCert(cert, NOW, signing.public))
  })

  test('a certificate without its signer needs one from us', () => {
    const cert = parseTorCert(encodeTorCert({ ...fields, includeSigner: false }, ed25519Signer(master)))
    assert.equal(cert.raw.length, 104)
    assert.equal(cert.signedWith, undefined)
    assert.ok(!verifyTorCert(cert, NOW))
    assert.ok(verifyTorCert(cert, NOW, master.public))
    assert.ok(!verifyTorCert(cert, NOW, signing.public))
  })

  test('round their end up to an hour and hold to its last moment', () => {
    const cert = parseTorCert(encodeTorCert({ ...fields, expires: NOW + 1 }, ed25519Signer(master)))
    assert.equal(cert.expires, NOW + HOUR)
    assert.ok(verifyTorCert(cert, NOW + HOUR))
    assert.ok(!verifyTorCert(cert, NOW + HOUR + 1))
  })

  test('do not verify with any byte changed', () => {
    for (let i = 0; i < bytes.length; i++) {
      const bad = Buffer.from(bytes)
      bad[i]! ^= 1
      try {
        assert.ok(!verifyTorCert(parseTorCert(bad), 0), `byte ${i}`)
      } catch (error) {
        assert.ok(error instanceof MalformedError)
      }
    }
  })

  test('may carry extensions, as long as we may pass over them', () => {
    const insert = (...extensions: string[]) => {
      const list = Buffer.concat([Buffer.of(extensions.length), ...extensions.map(text => Buffer.from(text, 'hex'))])
      return Buffer.concat([bytes.subarray(0, 39), list, Buffer.alloc(64)])
    }
    const signer = `00200400${'aa'.repeat(32)}`
    assert.deepEqual(parseTorCert(insert('00027700beef')).extensions, [{ type: 0x77, flags: 0, data: Buffer.from('beef', 'hex') }])
    assert.deepEqual(parseTorCert(insert('00007700', signer)).signedWith, Buffer.alloc(32, 0xaa))
    assert.throws(() => parseTorCert(insert('00007701')), MalformedError, 'must be understood')
    assert.throws(() => parseTorCert(insert(signer, signer)), MalformedError, 'two signers')
    assert.throws(() => parseTorCert(insert(`001f0400${'aa'.repeat(31)}`)), MalformedError, 'a short signer')
    assert.throws(() => parseTorCert(insert(`00210400${'aa'.repeat(33)}`)), MalformedError, 'a long signer')
  })

  test('survive hostile bytes', () => {
    refusesEveryTruncation(parseTorCert, bytes)
    assert.throws(() => parseTorCert(Buffer.concat([bytes, Buffer.of(0)])), MalformedError)
    assert.throws(() => parseTorCert(Buffer.concat([Buffer.of(2), bytes.subarray(1)])), MalformedError, 'version')
    neverThrowsAnythingElse(parseTorCert, [bytes])
  })

  test("C tor's identity certificate verifies", () => {
    const cert = parseTorCert(IDENTITY_CERT)
    assert.equal(cert.type, TorCertType.ED25519_SIGNING)
    assert.deepEqual(cert.signedWith, MASTER_ED25519)
    assert.ok(verifyTorCert(cert, CERTS_GOOD_AT, MASTER_ED25519))
    assert.ok(!verifyTorCert(cert, Date.UTC(2040, 0, 1), MASTER_ED25519))
  })

  test("C tor's ntor-onion-key-crosscert verifies, and so do ours", () => {
    const theirs = parseTorCert(NTOR_CROSSCERT)
    assert.equal(theirs.type, TorCertType.NTOR_CROSSCERT)
    assert.deepEqual(theirs.key, MASTER_ED25519)
    assert.ok(verifyTorCert(theirs, CERTS_GOOD_AT, curve25519ToEd25519Public(NTOR_ONION_KEY, NTOR_SIGN_BIT)))
    assert.ok(!verifyTorCert(theirs, CERTS_GOOD_AT, curve25519ToEd25519Public(NTOR_ONION_KEY, 0)))

    const onion = generateX25519()
    const signer = crossSignerFromX25519(onion)
    const ours = {
      type: TorCertType.NTOR_CROSSCERT,
      expires: NOW,
      keyType: TorCertKeyType.ED25519,
      key: master.public,
      includeSigner: false,
    }
    const cert = parseTorCert(encodeTorCert(ours, signer))
    assert.equal(cert.raw.length, NTOR_CROSSCERT.length)
    assert.ok(verifyTorCert(cert, NOW, curve25519ToEd25519Public(onion.public, signer.signBit)))
  })
})

describe('RSA to Ed25519 cross-certificates', () => {
  const identity = generateEd25519().public
  let rsa: RsaPrivateKey
  let bytes: Buffer
  before(async () => {
    rsa = await RsaPrivateKey.generate()
    bytes = encodeRsaCrossCert(identity, NOW, rsa)
  })

  test('have the layout of cert-spec and verify', () => {
    assert.equal(bytes.length, 32 + 4 + 1 + 128)
    assert.equal(bytes[36], 128)
    const cert = parseRsaCrossCert(bytes)
    assert.deepEqual(cert.ed25519Identity, identity)
    assert.equal(cert.expires, NOW)
    assert.ok(verifyRsaCrossCert(cert, NOW, rsa.publicKey, identity))
    const signed = sha256(Buffer.from('Tor TLS RSA/Ed25519 cross-certificate'), bytes.subarray(0, 36))
    assert.ok(rsa.publicKey.verifyRaw(signed, cert.signature))
  })

  test('do not verify when expired, for another identity, by another key or changed', async () => {
    const cert = parseRsaCrossCert(bytes)
    assert.ok(!verifyRsaCrossCert(cert, NOW + 1, rsa.publicKey, identity))
    assert.ok(!verifyRsaCrossCert(cert, NOW, rsa.publicKey, Buffer.alloc(32)))
    assert.ok(!verifyRsaCrossCert(cert, NOW, (await RsaPrivateKey.generate()).publicKey, identity))
    const later = Buffer.from(bytes)
    later[35]! ^= 1
    assert.ok(!verifyRsaCrossCert(parseRsaCrossCert(later), 0, rsa.publicKey, identity))
  })

  test('survive hostile bytes', () => {
    refusesEveryTruncation(parseRsaCrossCert, bytes)
    assert.throws(() => parseRsaCrossCert(Buffer.concat([bytes, Buffer.of(0)])), MalformedError)
    neverThrowsAnythingElse(data => verifyRsaCrossCert(parseRsaCrossCert(data), NOW, rsa.publicKey, identity), [bytes])
  })
})

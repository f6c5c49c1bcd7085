import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AUTH_TYPE_ED25519_SHA256_RFC5705,
  authenticatePrefix,
  decodeAuthChallenge,
  decodeAuthenticate,
  encodeAuthChallenge,
  encodeAuthenticate,
  makeAuthentication,
  splitAuthentication,
} from '../../main/cell/auth.ts'
import { CertsType, decodeCerts, encodeCerts } from '../../main/cell/certs.ts'
import { decodeNetinfo, encodeNetinfo } from '../../main/cell/netinfo.ts'
import { decodePaddingNegotiate, encodePaddingNegotiate } from '../../main/cell/padding.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from '../crypto/hostile.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('NETINFO', () => {
  const netinfo = { time: 1_700_000_000_000, otherAddress: '192.0.2.1', myAddresses: ['198.51.100.2', '2001:db8::1'] }
  const bytes = encodeNetinfo(netinfo)

  test('has the layout of tor-spec and is read back', () => {
    assert.equal(bytes.toString('hex'), '6553f1000404c00002010204 04c6336402 061020010db8000000000000000000000001'.replaceAll(' ', ''))
    assert.deepEqual(decodeNetinfo(bytes), netinfo)
    assert.deepEqual(decodeNetinfo(Buffer.concat([bytes, Buffer.alloc(400)])), netinfo, 'with the padding of its cell')
    assert.deepEqual(decodeNetinfo(encodeNetinfo({ time: 0, otherAddress: '::1', myAddresses: [] })), {
      time: 0,
      otherAddress: '::1',
      myAddresses: [],
    })
  })

  test('addresses of unknown type are passed over, but not the one that is us', () => {
    assert.deepEqual(decodeNetinfo(hex('000000000404c000020102000161 0404c6336402'.replaceAll(' ', ''))).myAddresses, ['198.51.100.2'])
    assert.throws(() => decodeNetinfo(hex('0000000000016100')), MalformedError)
  })

  test('addresses of the wrong length are refused', () => {
    for (const text of [
      '000000000403c0000200',
      '000000000405c00002010000',
      '0000000006040000000000',
      '000000000404c000020101060400000000',
    ]) {
      assert.throws(() => decodeNetinfo(hex(text)), MalformedError, text)
    }
  })

  test('survives hostile bytes', () => {
    refusesEveryTruncation(decodeNetinfo, bytes)
    neverThrowsAnythingElse(decodeNetinfo, [bytes])
  })
})

describe('CERTS', () => {
  const entries = [
    { type: CertsType.RSA_IDENTITY, cert: Buffer.alloc(400, 1) },
    { type: CertsType.ED25519_SIGNING, cert: Buffer.alloc(140, 2) },
    { type: 200, cert: Buffer.alloc(0) },
    { type: 200, cert: Buffer.from('unknown types may come twice') },
  ]
  const bytes = encodeCerts(entries)

  test('is read back', () => {
    assert.deepEqual(decodeCerts(bytes), entries)
    assert.equal(encodeCerts([{ type: 4, cert: Buffer.from('ab') }]).toString('hex'), '010400026162')
    assert.deepEqual(decodeCerts(Buffer.of(0)), [])
  })

  test('a known type twice is refused', () => {
    for (let type = 1; type <= 7; type++) {
      assert.throws(() => decodeCerts(encodeCerts([0, 1].map(() => ({ type, cert: Buffer.of(type) })))), MalformedError)
    }
  })

  test('survives hostile bytes', () => {
    refusesEveryTruncation(decodeCerts, bytes)
    assert.throws(() => decodeCerts(hex('ff')), MalformedError)
    neverThrowsAnythingElse(decodeCerts, [bytes])
  })
})

describe('AUTH_CHALLENGE', () => {
  test('is read back', () => {
    const challenge = { challenge: Buffer.alloc(32, 5), methods: [1, 3] }
    const bytes = encodeAuthChallenge(challenge)
    assert.equal(bytes.toString('hex'), `${'05'.repeat(32)}000200010003`)
    assert.deepEqual(decodeAuthChallenge(bytes), challenge)
    assert.throws(() => encodeAuthChallenge({ challenge: Buffer.alloc(31), methods: [] }), RangeError)
    refusesEveryTruncation(decodeAuthChallenge, bytes)
    neverThrowsAnythingElse(decodeAuthChallenge, [bytes])
  })
})

describe('AUTHENTICATE', () => {
  const field = (byte: number) => Buffer.alloc(32, byte)
  const fields = {
    initiatorRsa: field(1),
    responderRsa: field(2),
    initiatorEd25519: field(3),
    responderEd25519: field(4),
    responderLog: field(5),
    initiatorLog: field(6),
    responderCertificate: field(7),
    tlsSecrets: field(8),
  }

  test('binds the fields in the order of tor-spec', () => {
    const order = [1, 2, 3, 4, 5, 6, 7, 8].map(byte => field(byte))
    assert.deepEqual(authenticatePrefix(fields), Buffer.concat([Buffer.from('AUTH0003'), ...order]))
    assert.throws(() => authenticatePrefix({ ...fields, tlsSecrets: Buffer.alloc(31) }), RangeError)
  })

  test('signs the prefix and 24 random bytes, 356 bytes as a cell body', () => {
    let signedBytes: Buffer | undefined
    const authentication = makeAuthentication(fields, message => {
      signedBytes = Buffer.from(message)
      return Buffer.alloc(64, 9)
    })
    const { prefix, signed, signature } = splitAuthentication(authentication)
    assert.deepEqual(prefix, authenticatePrefix(fields))
    assert.deepEqual(signed, signedBytes)
    assert.equal(signed.length, 288)
    assert.deepEqual(signature, Buffer.alloc(64, 9))
    const again = makeAuthentication(fields, () => Buffer.alloc(64, 9))
    assert.notDeepEqual(again, authentication, 'the random part differs')

    const body = encodeAuthenticate({ type: AUTH_TYPE_ED25519_SHA256_RFC5705, authentication })
    assert.equal(body.length, 356)
    assert.deepEqual(decodeAuthenticate(body), { type: 3, authentication })
    refusesEveryTruncation(decodeAuthenticate, body)
    neverThrowsAnythingElse(bytes => splitAuthentication(decodeAuthenticate(bytes).authentication), [body])
    for (const length of [0, 351, 353]) assert.throws(() => splitAuthentication(Buffer.alloc(length)), MalformedError)
  })
})

describe('PADDING_NEGOTIATE', () => {
  test('is read back; other versions and commands are refused', () => {
    const bytes = encodePaddingNegotiate({ command: 'start', low: 1500, high: 9500 })
    assert.equal(bytes.toString('hex'), '000205dc251c')
    assert.deepEqual(decodePaddingNegotiate(bytes), { command: 'start', low: 1500, high: 9500 })
    assert.equal(decodePaddingNegotiate(encodePaddingNegotiate({ command: 'stop', low: 0, high: 0 })).command, 'stop')
    for (const text of ['010205dc251c', '000005dc251c', '000305dc251c']) {
      assert.throws(() => decodePaddingNegotiate(hex(text)), MalformedError)
    }
    refusesEveryTruncation(decodePaddingNegotiate, bytes)
    neverThrowsAnythingElse(decodePaddingNegotiate, [bytes])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeCreate2, decodeCreated2, encodeCreate2, encodeCreated2, HandshakeType } from '../../main/cell/create.ts'
import { decodeExtend2, decodeExtended2, encodeExtend2, encodeExtended2 } from '../../main/cell/extend.ts'
import { decodeCircuitRequest, decodeCircuitResponse, encodeCircuitRequest, encodeCircuitResponse } from '../../main/cell/extensions.ts'
import {
  decodeLinkSpecifiers,
  encodeLinkSpecifiers,
  LinkSpecifierType,
  specifiersOfTarget,
  targetOfSpecifiers,
} from '../../main/cell/link-specifier.ts'
import { ntorV3Client, ntorV3Server } from '../../main/crypto/ntor-v3.ts'
import { generateX25519 } from '../../main/crypto/x25519.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { neverThrowsAnythingElse, refusesEveryTruncation } from '../crypto/hostile.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('CREATE2 and CREATED2', () => {
  test('are read back, also out of a whole cell body', () => {
    const create = { handshakeType: HandshakeType.NTOR, data: Buffer.alloc(84, 1) }
    const bytes = encodeCreate2(create)
    assert.equal(bytes.subarray(0, 5).toString('hex'), '0002005401')
    assert.deepEqual(decodeCreate2(Buffer.concat([bytes, Buffer.alloc(509 - bytes.length)])), create)
    assert.deepEqual(decodeCreate2(encodeCreate2({ handshakeType: HandshakeType.PA_CLEAR, data: Buffer.alloc(0) })).data.length, 0)
    assert.deepEqual(decodeCreated2(encodeCreated2(Buffer.from('reply'))), Buffer.from('reply'))
  })

  test('what is longer than a cell is refused', () => {
    assert.equal(decodeCreate2(Buffer.concat([hex('000301f9'), Buffer.alloc(505)])).data.length, 505)
    assert.throws(() => decodeCreate2(Buffer.concat([hex('000301fa'), Buffer.alloc(1000)])), MalformedError)
    assert.throws(() => decodeCreated2(Buffer.concat([hex('01fc'), Buffer.alloc(507)])), MalformedError)
    const bytes = encodeCreate2({ handshakeType: 3, data: Buffer.alloc(200) })
    refusesEveryTruncation(decodeCreate2, bytes)
    refusesEveryTruncation(decodeCreated2, encodeCreated2(Buffer.alloc(64)))
    neverThrowsAnythingElse(decodeCreate2, [bytes])
    neverThrowsAnythingElse(decodeCreated2, [encodeCreated2(Buffer.alloc(64))])
  })

  test('data is a copy: the cell may be reused while the onionskin waits', () => {
    const bytes = encodeCreate2({ handshakeType: 2, data: Buffer.alloc(84, 1) })
    const { data } = decodeCreate2(bytes)
    bytes.fill(0)
    assert.ok(data.every(byte => byte === 1))
  })
})

describe('link specifiers', () => {
  const target = {
    rsaIdentity: Buffer.alloc(20, 1),
    ed25519Identity: Buffer.alloc(32, 2),
    addresses: [
      { address: '192.0.2.1', port: 443 },
      { address: '2001:db8::1', port: 9001 },
    ],
  }
  const v4 = { type: LinkSpecifierType.IPV4, data: hex('c0000201 01bb') }
  const rsa = { type: LinkSpecifierType.RSA_IDENTITY, data: target.rsaIdentity }
  const ed = { type: LinkSpecifierType.ED25519_IDENTITY, data: target.ed25519Identity }

  test("come in C tor's order and are read back", () => {
    const specifiers = specifiersOfTarget(target)
    assert.deepEqual(
      specifiers.map(({ type }) => type),
      [0, 2, 3, 1],
    )
    assert.deepEqual(specifiers[0], v4)
    const bytes = encodeLinkSpecifiers(specifiers)
    const decoded = decodeLinkSpecifiers(Buffer.concat([bytes, Buffer.from('more')]))
    assert.equal(decoded.length, bytes.length)
    assert.deepEqual(targetOfSpecifiers(decoded.specifiers), target)
  })

  test('need an RSA identity that is not zero, once, and an Ed25519 identity at most once', () => {
    assert.throws(() => targetOfSpecifiers([v4, ed]), MalformedError)
    assert.throws(() => targetOfSpecifiers([v4, { ...rsa, data: Buffer.alloc(20) }]), MalformedError)
    assert.throws(() => targetOfSpecifiers([v4, rsa, rsa]), MalformedError)
    assert.throws(() => targetOfSpecifiers([v4, rsa, ed, ed]), MalformedError)
    assert.equal(targetOfSpecifiers([v4, rsa]).ed25519Identity, undefined)
    assert.equal(targetOfSpecifiers([v4, rsa, { ...ed, data: Buffer.alloc(32) }]).ed25519Identity, undefined)
  })

  test('need an address that can be dialled; of two in a family the first counts; unknown types do not matter', () => {
    assert.throws(() => targetOfSpecifiers([rsa, ed]), MalformedError)
    assert.throws(() => targetOfSpecifiers([rsa, { ...v4, data: hex('c0000201 0000') }]), MalformedError, 'port 0')
    assert.throws(() => targetOfSpecifiers([rsa, { ...v4, data: hex('00000000 01bb') }]), MalformedError, 'no address')
    const other = { ...v4, data: hex('c0000202 01bb') }
    const unknown = { type: 77, data: Buffer.from('x') }
    assert.deepEqual(targetOfSpecifiers([unknown, v4, other, rsa, unknown]).addresses, [{ address: '192.0.2.1', port: 443 }])
  })

  test('known types have one length', () => {
    for (const [type, length] of [6, 18, 20, 32].entries()) {
      for (const wrong of [0, length - 1, length + 1]) {
        assert.throws(() => decodeLinkSpecifiers(encodeLinkSpecifiers([{ type, data: Buffer.alloc(wrong, 1) }])), MalformedError)
      }
    }
  })
})

describe('EXTEND2 and EXTENDED2', () => {
  const target = {
    rsaIdentity: Buffer.alloc(20, 1),
    ed25519Identity: Buffer.alloc(32, 2),
    addresses: [{ address: '192.0.2.1', port: 443 }],
  }
  const extend = { target, handshakeType: HandshakeType.NTOR, data: Buffer.alloc(84, 3) }
  const bytes = encodeExtend2(extend)

  test('are read back', () => {
    assert.equal(
      bytes.toString('hex'),
      `03 0006c000020101bb 0214${'01'.repeat(20)} 0320${'02'.repeat(32)} 00020054${'03'.repeat(84)}`.replaceAll(' ', ''),
    )
    assert.deepEqual(decodeExtend2(bytes), extend)
    assert.deepEqual(decodeExtended2(encodeExtended2(Buffer.alloc(64, 4))), Buffer.alloc(64, 4))
  })

  test('keep nothing of the cell they came in', () => {
    const copy = Buffer.from(bytes)
    const decoded = decodeExtend2(copy)
    copy.fill(0)
    assert.deepEqual(decoded, extend)
  })

  test('handshakes that must not be passed on are refused', () => {
    for (const handshakeType of [HandshakeType.TAP, HandshakeType.PA_CLEAR]) {
      assert.throws(() => decodeExtend2(encodeExtend2({ ...extend, handshakeType })), MalformedError)
    }
    assert.throws(() => decodeExtend2(encodeExtend2({ ...extend, data: Buffer.alloc(83) })), MalformedError)
    assert.throws(() => decodeExtend2(encodeExtend2({ ...extend, data: Buffer.alloc(85) })), MalformedError)
    const unknown = { ...extend, handshakeType: 99, data: Buffer.alloc(10) }
    assert.deepEqual(decodeExtend2(encodeExtend2(unknown)), unknown, 'the next relay knows, not we')
  })

  test('what does not fit in a relay message is refused', () => {
    assert.throws(() => encodeExtend2({ ...extend, data: Buffer.alloc(450) }), RangeError)
    assert.throws(() => encodeExtended2(Buffer.alloc(497)), RangeError)
  })

  test('survive hostile bytes', () => {
    refusesEveryTruncation(decodeExtend2, bytes)
    neverThrowsAnythingElse(decodeExtend2, [bytes])
    neverThrowsAnythingElse(decodeExtended2, [encodeExtended2(Buffer.alloc(64))])
  })
})

describe('circuit extensions', () => {
  test('a request without wishes, with congestion control, and with CGO, as C tor writes them', () => {
    assert.equal(encodeCircuitRequest({ congestionControl: false, subprotocols: [] }).toString('hex'), '00')
    assert.equal(encodeCircuitRequest({ congestionControl: true, subprotocols: [] }).toString('hex'), '010100')
    const cgo = { congestionControl: true, subprotocols: [{ protocol: 2, version: 6 }] }
    assert.equal(encodeCircuitRequest(cgo).toString('hex'), '02010003020206')
    assert.deepEqual(decodeCircuitRequest(encodeCircuitRequest(cgo)), cgo)
  })

  test('subprotocols are sorted when sent, and refused when not sorted or twice', () => {
    const wishes = [
      { protocol: 2, version: 6 },
      { protocol: 2, version: 5 },
      { protocol: 1, version: 9 },
    ]
    assert.equal(encodeCircuitRequest({ congestionControl: false, subprotocols: wishes }).toString('hex'), '010306010902050206')
    for (const text of ['01030402060205', '01030402060206', '0103010202', '010303020601']) {
      assert.throws(() => decodeCircuitRequest(hex(text)), MalformedError, text)
    }
    assert.deepEqual(decodeCircuitRequest(hex('010302 0000')).subprotocols, [{ protocol: 0, version: 0 }])
  })

  test('unknown types are passed over and of two alike the first counts', () => {
    assert.deepEqual(decodeCircuitRequest(hex('03 7702beef 0100 010161')), { congestionControl: true, subprotocols: [] })
    assert.deepEqual(decodeCircuitResponse(hex('02 02011f 020120')), { sendmeIncrement: 31 })
  })

  test('a response says how much a SENDME stands for', () => {
    assert.equal(encodeCircuitResponse({ sendmeIncrement: 31 }).toString('hex'), '0102011f')
    assert.equal(encodeCircuitResponse({ sendmeIncrement: undefined }).toString('hex'), '00')
    assert.deepEqual(decodeCircuitResponse(hex('0102011f')), { sendmeIncrement: 31 })
    assert.deepEqual(decodeCircuitResponse(hex('00')), { sendmeIncrement: undefined })
    for (const text of ['', '010200', '01020100', '01']) assert.throws(() => decodeCircuitResponse(hex(text)), MalformedError, text)
  })

  test('survive hostile bytes', () => {
    const good = [hex('02010003020206'), hex('0102011f'), hex('00')]
    for (const bytes of good) {
      refusesEveryTruncation(decodeCircuitRequest, bytes)
      refusesEveryTruncation(decodeCircuitResponse, bytes)
    }
    neverThrowsAnythingElse(decodeCircuitRequest, good)
    neverThrowsAnythingElse(decodeCircuitResponse, good)
  })

  test('travel inside an ntor-v3 handshake that fits in its cells', () => {
    const onion = generateX25519()
    const id = Buffer.alloc(32, 1)
    const client = ntorV3Client(id, onion.public, encodeCircuitRequest({ congestionControl: true, subprotocols: [] }))
    const create = decodeCreate2(encodeCreate2({ handshakeType: HandshakeType.NTOR_V3, data: client.onionskin }))
    const server = ntorV3Server(
      create.data,
      id,
      () => onion,
      message => encodeCircuitResponse({ sendmeIncrement: decodeCircuitRequest(message).congestionControl ? 31 : undefined }),
      92,
    )
    const { keys, message } = client.finish(decodeCreated2(encodeCreated2(server.reply)), 92)
    assert.deepEqual(keys, server.keys)
    assert.deepEqual(decodeCircuitResponse(message), { sendmeIncrement: 31 })
  })
})

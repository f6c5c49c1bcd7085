import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeAuthenticate, encodeAuthenticate, splitAuthentication } from '../../main/cell/auth.ts'
import { CertsType, decodeCerts, encodeCerts } from '../../main/cell/certs.ts'
import { Command } from '../../main/cell/command.ts'
import { type Cell, CellSplitter, encodeFixedCell, encodeVariableCell, encodeVersions } from '../../main/cell/frame.ts'
import { encodeNetinfo } from '../../main/cell/netinfo.ts'
import { LinkHandshake, type LinkHandshakeOptions } from '../../main/channel/link-handshake.ts'
import type { LinkKeys } from '../../main/channel/link-keys.ts'
import { sha256 } from '../../main/crypto/digest.ts'
import { type Ed25519KeyPair, generateEd25519, signEd25519 } from '../../main/crypto/ed25519.ts'
import { makeLinkKeys } from './test-keys.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const DAY = 24 * 3_600_000
let relay: LinkKeys
let other: LinkKeys

before(async () => {
  relay = await makeLinkKeys(NOW)
  other = await makeLinkKeys(NOW)
})

/** A TLS connection as both ends see it: one certificate, one secret. */
function tlsSession(name = 'one'): LinkHandshakeOptions['tls'] {
  const secret = Buffer.from(`secret of ${name}`)
  return {
    certificate: Buffer.from(`certificate of ${name}`),
    exporter: (length, label, context) => sha256(secret, Buffer.from(label), context).subarray(0, length),
  }
}

function base(tls: LinkHandshakeOptions['tls'] = tlsSession()): LinkHandshakeOptions {
  return { tls, remoteAddress: '192.0.2.7', now: () => NOW }
}

/** Carries bytes to and fro until nothing moves; `tamper` may replace what is on the way. Returns everything each end sent. */
function converse(
  initiator: LinkHandshake,
  responder: LinkHandshake,
  tamper: (from: 'initiator' | 'responder', bytes: Buffer) => Buffer = (_, bytes) => bytes,
): { initiator: Buffer; responder: Buffer } {
  const sent = { initiator: [] as Buffer[], responder: [] as Buffer[] }
  for (let round = 0; round < 10; round++) {
    const forth = Buffer.concat(initiator.output.splice(0))
    if (forth.length > 0) responder.receive(tamper('initiator', forth))
    const back = Buffer.concat(responder.output.splice(0))
    if (back.length > 0) initiator.receive(tamper('responder', back))
    sent.initiator.push(forth)
    sent.responder.push(back)
    if (forth.length + back.length === 0) break
  }
  return { initiator: Buffer.concat(sent.initiator), responder: Buffer.concat(sent.responder) }
}

function cellsOf(bytes: Buffer): Cell[] {
  // Only VERSIONS has a narrow circuit id; it is always the first cell.
  const splitter = new CellSplitter({ wide: bytes[2] !== Command.VERSIONS })
  const cells: Cell[] = []
  splitter.push(bytes)
  for (let cell = splitter.next(); cell; cell = splitter.next()) {
    cells.push(cell)
    splitter.setWide()
  }
  return cells
}

/** The same bytes with some cells changed, dropped (undefined) or multiplied. */
function rewrite(bytes: Buffer, change: (cell: Cell) => Buffer | Buffer[] | undefined): Buffer {
  return Buffer.concat(cellsOf(bytes).flatMap(cell => change(cell) ?? []))
}

function assertFailed(handshake: LinkHandshake, reason: RegExp, failure = 'protocol'): void {
  assert.equal(handshake.state.kind, 'failed')
  if (handshake.state.kind !== 'failed') return
  assert.match(handshake.state.reason, reason)
  assert.equal(handshake.state.failure, failure)
  assert.deepEqual(handshake.output, [], 'a failed handshake has nothing more to say')
}

function opened(handshake: LinkHandshake) {
  assert.equal(handshake.state.kind, 'open', JSON.stringify(handshake.state))
  if (handshake.state.kind !== 'open') throw new Error()
  return handshake.state
}

describe('a good handshake', () => {
  test('of a client: it learns who the responder is and stays unnamed itself', () => {
    const initiator = new LinkHandshake('initiator', { ...base(), remoteAddress: '192.0.2.1' })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay, ownAddresses: ['192.0.2.1', '2001:db8::1'] })
    const sent = converse(initiator, responder)

    const atInitiator = opened(initiator)
    assert.equal(atInitiator.protocol, 5)
    assert.deepEqual(atInitiator.peer, { rsaIdentity: relay.rsa.fingerprint, ed25519Identity: relay.ed25519Identity })
    assert.equal(atInitiator.observedAddress, '192.0.2.7')
    assert.deepEqual(atInitiator.peerAddresses, ['192.0.2.1', '2001:db8::1'])
    assert.equal(atInitiator.clockSkew, 0)
    const atResponder = opened(responder)
    assert.equal(atResponder.peer, undefined)
    assert.equal(atResponder.clockSkew, undefined, 'a client does not tell its time')
    assert.deepEqual(atResponder.peerAddresses, [])
    const order = (bytes: Buffer) => cellsOf(bytes).map(cell => cell.command)
    assert.deepEqual(order(sent.initiator), [Command.VERSIONS, Command.NETINFO])
    assert.deepEqual(order(sent.responder), [Command.VERSIONS, Command.CERTS, Command.AUTH_CHALLENGE, Command.NETINFO])
  })

  test('of two relays: both are proven, with the certificates and the sizes that the specification asks for', () => {
    const initiator = new LinkHandshake('initiator', {
      ...base(),
      keys: other,
      ownAddresses: ['192.0.2.7'],
      expect: { rsaIdentity: relay.rsa.fingerprint, ed25519Identity: relay.ed25519Identity },
    })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay, requireAuthentication: true })
    const sent = converse(initiator, responder)
    assert.deepEqual(opened(initiator).peer?.rsaIdentity, relay.rsa.fingerprint)
    assert.deepEqual(opened(responder).peer, { rsaIdentity: other.rsa.fingerprint, ed25519Identity: other.ed25519Identity })
    assert.deepEqual(opened(responder).peerAddresses, ['192.0.2.7'])
    const cells = cellsOf(sent.initiator)
    assert.deepEqual(
      cells.map(cell => cell.command),
      [Command.VERSIONS, Command.CERTS, Command.AUTHENTICATE, Command.NETINFO],
    )
    assert.equal(cells[2]!.body.length, 356)
    const types = (cell: Cell) =>
      decodeCerts(cell.body)
        .map(entry => entry.type)
        .sort()
    assert.deepEqual(types(cells[1]!), [2, 4, 6, 7])
    assert.deepEqual(types(cellsOf(sent.responder)[1]!), [2, 4, 5, 7])
  })

  test('in pieces of any size, and what follows it is kept', () => {
    const feed = (to: LinkHandshake, bytes: Buffer, sizes: readonly number[]) => {
      for (let at = 0, i = 0; at < bytes.length && to.state.kind !== 'open'; i++) {
        const size = sizes[i % sizes.length]!
        to.receive(Buffer.from(bytes.subarray(at, at + size)))
        at += size
      }
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), sizes => {
        const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
        const responder = new LinkHandshake('responder', { ...base(), keys: relay })
        feed(responder, Buffer.concat(initiator.output.splice(0)), sizes)
        feed(initiator, Buffer.concat(responder.output.splice(0)), sizes)
        assert.deepEqual(opened(initiator).peer?.rsaIdentity, relay.rsa.fingerprint)
        const trailing = Buffer.from('cells of circuits')
        feed(responder, Buffer.concat([...initiator.output.splice(0), trailing]), sizes)
        const state = opened(responder)
        assert.deepEqual(state.peer?.rsaIdentity, other.rsa.fingerprint)
        assert.ok(trailing.subarray(0, state.rest.length).equals(state.rest))
      }),
      { numRuns: 25 },
    )
  })

  test('with padding and unknown cells between: they are ignored, but those before AUTH_CHALLENGE are part of what is signed', () => {
    const extra = [encodeVariableCell(0, Command.VPADDING, Buffer.alloc(3)), encodeVariableCell(0, 200, Buffer.from('unknown'))]
    const meet = (before: number, keys: LinkKeys | undefined) => {
      const initiator = new LinkHandshake('initiator', { ...base(), keys })
      const responder = new LinkHandshake('responder', { ...base(), keys: relay })
      converse(initiator, responder, (from, bytes) =>
        from === 'initiator' ? bytes : rewrite(bytes, cell => (cell.command === before ? [...extra, cell.raw] : cell.raw)),
      )
      return { initiator, responder }
    }
    assert.deepEqual(opened(meet(Command.NETINFO, other).responder).peer?.rsaIdentity, other.rsa.fingerprint)
    opened(meet(Command.CERTS, undefined).initiator)
    // The responder knows nothing of what was slipped in here, so the two logs differ.
    assertFailed(meet(Command.AUTH_CHALLENGE, other).responder, /another link/)
  })

  test('agrees on 4 with a peer that knows nothing newer', () => {
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    responder.receive(Buffer.concat([encodeVersions([3, 4]), netinfo()]))
    assert.equal(opened(responder).protocol, 4)
  })
})

function netinfo(circId = 0): Buffer {
  return encodeFixedCell(circId, Command.NETINFO, encodeNetinfo({ time: 0, otherAddress: '192.0.2.1', myAddresses: [] }))
}

describe('the peer must be the one that was asked for', () => {
  const meet = (expect: LinkHandshakeOptions['expect']) => {
    const initiator = new LinkHandshake('initiator', { ...base(), expect })
    converse(initiator, new LinkHandshake('responder', { ...base(), keys: relay }))
    return initiator
  }
  test('another RSA identity', () => assertFailed(meet({ rsaIdentity: other.rsa.fingerprint }), /RSA identity/, 'identity'))
  test('another Ed25519 identity', () =>
    assertFailed(meet({ rsaIdentity: relay.rsa.fingerprint, ed25519Identity: other.ed25519Identity }), /Ed25519 identity/, 'identity'))
})

describe('certificates that prove nothing', () => {
  /** A responder whose CERTS cell was changed; the state of the initiator. */
  const withCerts = (change: (entries: { type: number; cert: Buffer }[]) => { type: number; cert: Buffer }[], at = NOW) => {
    const initiator = new LinkHandshake('initiator', { ...base(), now: () => at })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    converse(initiator, responder, (from, bytes) =>
      from === 'initiator'
        ? bytes
        : rewrite(bytes, cell =>
            cell.command === Command.CERTS ? encodeVariableCell(0, Command.CERTS, encodeCerts(change(decodeCerts(cell.body)))) : cell.raw,
          ),
    )
    return initiator
  }

  test('unchanged they are good', () => assert.equal(withCerts(entries => entries).state.kind, 'open'))
  for (const type of [CertsType.RSA_IDENTITY, CertsType.ED25519_SIGNING, CertsType.ED25519_LINK, CertsType.RSA_ED25519_CROSS]) {
    test(`type ${type} left out`, () =>
      assertFailed(
        withCerts(entries => entries.filter(entry => entry.type !== type)),
        /0 certificates/,
      ))
    test(`type ${type} twice`, () =>
      assert.equal(withCerts(entries => [...entries, entries.find(e => e.type === type)!]).state.kind, 'failed'))
    test(`type ${type} with a flipped bit anywhere`, () => {
      const length = withLength(type)
      for (let at = 0; at < length; at += Math.ceil(length / 40)) {
        const spoiled = withCerts(entries => entries.map(entry => (entry.type === type ? { type, cert: flip(entry.cert, at) } : entry)))
        assert.equal(spoiled.state.kind, 'failed', `bit in byte ${at}`)
      }
    })
    test(`type ${type} of another relay`, async () => {
      const theirs = certsOf(other)
      const mixed = withCerts(entries => entries.map(entry => (entry.type === type ? { type, cert: theirs.get(type)! } : entry)))
      assert.equal(mixed.state.kind, 'failed')
    })
  }
  const withLength = (type: number) => certsOf(relay).get(type)!.length
  const flip = (cert: Buffer, at: number) => {
    const copy = Buffer.from(cert)
    copy[at]! ^= 0x10
    return copy
  }

  test('expired ones', () => {
    assert.equal(withCerts(entries => entries, NOW + 47 * 3_600_000).state.kind, 'open', 'the link certificate lasts two days')
    assertFailed(
      withCerts(entries => entries, NOW + 3 * DAY),
      /link certificate is expired/,
    )
    assertFailed(
      withCerts(entries => entries, NOW + 32 * DAY),
      /expired/,
    )
  })

  test('all of a relay, but on a TLS connection that is not its own', () => {
    const initiator = new LinkHandshake('initiator', base(tlsSession('a thief')))
    converse(initiator, new LinkHandshake('responder', { ...base(), keys: relay }))
    assertFailed(initiator, /another TLS certificate/)
  })
})

/** The certificates a relay shows as responder, by type. */
function certsOf(keys: LinkKeys): Map<number, Buffer> {
  const responder = new LinkHandshake('responder', { ...base(), keys })
  responder.receive(encodeVersions([4, 5]))
  const certs = cellsOf(Buffer.concat(responder.output)).find(cell => cell.command === Command.CERTS)!
  return new Map(decodeCerts(certs.body).map(entry => [entry.type, entry.cert]))
}

describe('an initiator that is not who it says', () => {
  test('S25: stolen certificates without the key: everything is right but the signature', () => {
    const tls = tlsSession()
    const attempt = (signer: Ed25519KeyPair | undefined) => {
      const honest = new LinkHandshake('initiator', { ...base(tls), keys: other })
      const responder = new LinkHandshake('responder', { ...base(tls), keys: relay })
      converse(honest, responder, (from, bytes) => {
        if (from === 'responder') return bytes
        return rewrite(bytes, cell => {
          if (cell.command !== Command.AUTHENTICATE || !signer) return cell.raw
          const { signed } = splitAuthentication(decodeAuthenticate(cell.body).authentication)
          const authentication = Buffer.concat([signed, signEd25519(signer, signed)])
          return encodeVariableCell(0, Command.AUTHENTICATE, encodeAuthenticate({ type: 3, authentication }))
        })
      })
      return responder
    }
    assert.equal(opened(attempt(undefined)).peer?.rsaIdentity.equals(other.rsa.fingerprint), true)
    assertFailed(attempt(generateEd25519()), /badly signed/)
  })

  test('certificates that prove nothing: left out, changed or expired', () => {
    const withCerts = (change: (entries: { type: number; cert: Buffer }[]) => { type: number; cert: Buffer }[], at = NOW) => {
      const responder = new LinkHandshake('responder', { ...base(), keys: relay, now: () => at })
      converse(new LinkHandshake('initiator', { ...base(), keys: other }), responder, (from, bytes) =>
        from === 'responder'
          ? bytes
          : rewrite(bytes, cell =>
              cell.command === Command.CERTS ? encodeVariableCell(0, Command.CERTS, encodeCerts(change(decodeCerts(cell.body)))) : cell.raw,
            ),
      )
      return responder
    }
    assert.equal(withCerts(entries => entries).state.kind, 'open')
    for (const type of [CertsType.RSA_IDENTITY, CertsType.ED25519_SIGNING, CertsType.ED25519_AUTHENTICATE, CertsType.RSA_ED25519_CROSS]) {
      assertFailed(
        withCerts(entries => entries.filter(entry => entry.type !== type)),
        /0 certificates of type/,
      )
    }
    const broken = (entries: { type: number; cert: Buffer }[]) =>
      entries.map(({ type, cert }) => ({
        type,
        cert: type === CertsType.ED25519_AUTHENTICATE ? Buffer.from([...cert.subarray(0, -1), cert.at(-1)! ^ 1]) : cert,
      }))
    assertFailed(withCerts(broken), /authentication certificate is expired or not signed/)
    assertFailed(
      withCerts(entries => entries, NOW + 3 * DAY),
      /authentication certificate is expired/,
    )
  })

  test('certificates of one relay, AUTHENTICATE of another', () => {
    const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    const victim = new LinkHandshake('initiator', { ...base(), keys: relay })
    victim.receive(encodeVersions([5]))
    const stolen = cellsOf(Buffer.concat(victim.output)).find(cell => cell.command === Command.CERTS)!
    converse(initiator, responder, (from, bytes) =>
      from === 'responder' ? bytes : rewrite(bytes, cell => (cell.command === Command.CERTS ? stolen.raw : cell.raw)),
    )
    assertFailed(responder, /another link/)
  })

  test('T12: an AUTHENTICATE of an earlier link to the same relay', () => {
    const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
    const recorded = converse(initiator, new LinkHandshake('responder', { ...base(), keys: relay })).initiator
    const again = new LinkHandshake('responder', { ...base(), keys: relay })
    again.receive(recorded)
    assertFailed(again, /another link/)
  })

  test('T12: an AUTHENTICATE that somebody in the middle passes on to another TLS connection', () => {
    const initiator = new LinkHandshake('initiator', { ...base(tlsSession('one')), keys: other })
    const responder = new LinkHandshake('responder', { ...base(tlsSession('two')), keys: relay })
    converse(initiator, responder)
    assertFailed(initiator, /another TLS certificate/)
    // And when the secrets alone differ:
    const same = tlsSession('one')
    const third = new LinkHandshake('initiator', { ...base(same), keys: other })
    const fourth = new LinkHandshake('responder', { ...base({ ...tlsSession('two'), certificate: same.certificate }), keys: relay })
    converse(third, fourth)
    assertFailed(fourth, /another link/)
  })

  test('one that only shows certificates is a client, and none where authentication is required', () => {
    const meet = (requireAuthentication: boolean) => {
      const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
      const responder = new LinkHandshake('responder', { ...base(), keys: relay, requireAuthentication })
      converse(initiator, responder, (from, bytes) =>
        from === 'responder' ? bytes : rewrite(bytes, cell => (cell.command === Command.AUTHENTICATE ? undefined : cell.raw)),
      )
      return responder
    }
    assert.equal(opened(meet(false)).peer, undefined)
    assertFailed(meet(true), /did not authenticate/, 'unauthenticated')
  })

  test('a client, where authentication is required', () => {
    const responder = new LinkHandshake('responder', { ...base(), keys: relay, requireAuthentication: true })
    converse(new LinkHandshake('initiator', base()), responder)
    assertFailed(responder, /did not authenticate/, 'unauthenticated')
  })
})

describe('cells out of place', () => {
  const certs = () => {
    const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
    initiator.receive(encodeVersions([5]))
    return cellsOf(Buffer.concat(initiator.output)).find(cell => cell.command === Command.CERTS)!.raw
  }
  const responderAfter = (...cells: Buffer[]) => {
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    responder.receive(Buffer.concat(cells))
    return responder
  }
  const initiatorAfter = (keys: LinkKeys | undefined, change: (cells: Cell[]) => Buffer[]) => {
    const initiator = new LinkHandshake('initiator', { ...base(), keys })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    responder.receive(Buffer.concat(initiator.output.splice(0)))
    initiator.receive(Buffer.concat(change(cellsOf(Buffer.concat(responder.output)))))
    return initiator
  }
  const raw = (cell: Cell | undefined) => cell!.raw

  test('no version in common, or an odd length', () => {
    assertFailed(responderAfter(encodeVersions([1, 2, 3])), /in common/)
    assertFailed(responderAfter(Buffer.from([0, 0, 7, 0, 3, 0, 4, 0])), /bytes/)
  })
  test('anything but VERSIONS, padding or AUTHORIZE first', () => {
    assertFailed(responderAfter(Buffer.from([0, 0, Command.CERTS, 0, 0])), /before VERSIONS/)
    assertFailed(responderAfter(Buffer.alloc(600, 'GET / HTTP/1.1\r\n')), /before VERSIONS/)
  })
  test('cells of circuits before the end', () => {
    for (const command of [Command.CREATE2, Command.RELAY, Command.PADDING, Command.DESTROY]) {
      assertFailed(responderAfter(encodeVersions([5]), encodeFixedCell(1, command)), /during the handshake/)
    }
  })
  test('CERTS, AUTHENTICATE or NETINFO on a circuit', () => {
    const onCircuit = Buffer.from(certs())
    onCircuit.writeUInt32BE(5)
    assertFailed(responderAfter(encodeVersions([5]), onCircuit), /on a circuit/)
    assertFailed(responderAfter(encodeVersions([5]), netinfo(3)), /on a circuit/)
    assertFailed(responderAfter(encodeVersions([5]), encodeVariableCell(9, Command.AUTHENTICATE, Buffer.alloc(4))), /on a circuit/)
  })
  test('CERTS twice; AUTHENTICATE before CERTS; AUTH_CHALLENGE to a responder', () => {
    assertFailed(responderAfter(encodeVersions([5]), certs(), certs()), /second CERTS/)
    assertFailed(responderAfter(encodeVersions([5]), encodeVariableCell(0, Command.AUTHENTICATE, Buffer.alloc(356))), /before CERTS/)
    assertFailed(responderAfter(encodeVersions([5]), encodeVariableCell(0, Command.AUTH_CHALLENGE, Buffer.alloc(36))), /unexpected/)
  })
  test('a responder that leaves out or mixes up its cells', () => {
    assertFailed(
      initiatorAfter(undefined, ([versions, , , info]) => [raw(versions), raw(info)]),
      /before the handshake/,
    )
    assertFailed(
      initiatorAfter(undefined, ([versions, , challenge]) => [raw(versions), raw(challenge)]),
      /before CERTS/,
    )
    assertFailed(
      initiatorAfter(other, ([versions, certs, , info]) => [raw(versions), raw(certs), raw(info)]),
      /before the handshake/,
    )
    assertFailed(
      initiatorAfter(other, ([v, c, ch]) => [raw(v), raw(c), raw(ch), raw(ch)]),
      /unexpected/,
    )
    assertFailed(
      initiatorAfter(undefined, ([v, c, ch]) => [raw(v), raw(c), raw(ch), raw(ch)]),
      /unexpected/,
    )
    assertFailed(
      initiatorAfter(undefined, ([v, c]) => [raw(v), raw(c), raw(c)]),
      /second CERTS/,
    )
    const authenticate = encodeVariableCell(0, Command.AUTHENTICATE, Buffer.alloc(356))
    assertFailed(
      initiatorAfter(undefined, ([v, c]) => [raw(v), raw(c), authenticate]),
      /from a responder/,
    )
  })
  test('a challenge that we cannot answer', () => {
    const unknown = encodeVariableCell(0, Command.AUTH_CHALLENGE, Buffer.concat([Buffer.alloc(32), Buffer.of(0, 1, 0, 1)]))
    assertFailed(
      initiatorAfter(other, ([v, c]) => [raw(v), raw(c), unknown]),
      /no way of authenticating/,
      'unauthenticated',
    )
  })
  test('more bytes than an honest handshake has', () => {
    assertFailed(responderAfter(encodeVersions([5]), encodeVariableCell(0, Command.VPADDING, Buffer.alloc(17_000))), /limit/)
    const padding = encodeVariableCell(0, Command.VPADDING, Buffer.alloc(10_000))
    assertFailed(responderAfter(encodeVersions([5]), ...new Array<Buffer>(8).fill(padding)), /too many bytes/)
  })
})

describe('hostile bytes', () => {
  test('nothing makes it throw, and what is not a handshake never opens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), (noise, afterVersions) => {
        for (const role of ['initiator', 'responder'] as const) {
          const handshake = new LinkHandshake(role, { ...base(), keys: relay })
          if (afterVersions) handshake.receive(encodeVersions([5]))
          handshake.receive(Buffer.from(noise))
          assert.notEqual(handshake.state.kind, 'open')
        }
      }),
      { numRuns: 150 },
    )
  })

  test('a good handshake with one byte changed opens with the right peer or not at all', () => {
    const initiator = new LinkHandshake('initiator', { ...base(), keys: other })
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    responder.receive(Buffer.concat(initiator.output.splice(0)))
    const flight = Buffer.concat(responder.output)
    const end = flight.length - 514
    for (let at = 0; at < end; at += 7) {
      const spoiled = Buffer.from(flight)
      spoiled[at]! ^= 1 << (at % 8)
      const victim = new LinkHandshake('initiator', base())
      victim.receive(spoiled)
      if (victim.state.kind === 'open') assert.deepEqual(victim.state.peer?.rsaIdentity, relay.rsa.fingerprint)
    }
  })

  test('truncated anywhere it just waits', () => {
    const initiator = new LinkHandshake('initiator', base())
    const responder = new LinkHandshake('responder', { ...base(), keys: relay })
    responder.receive(Buffer.concat(initiator.output.splice(0)))
    const flight = Buffer.concat(responder.output)
    for (let length = 0; length < flight.length; length += 97) {
      const waiting = new LinkHandshake('initiator', base())
      waiting.receive(Buffer.from(flight.subarray(0, length)))
      assert.ok(waiting.state.kind !== 'open' && waiting.state.kind !== 'failed')
    }
  })
})

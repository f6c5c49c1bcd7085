import {
  AUTH_TYPE_ED25519_SHA256_RFC5705,
  type AuthenticateFields,
  authenticatePrefix,
  decodeAuthChallenge,
  decodeAuthenticate,
  encodeAuthChallenge,
  encodeAuthenticate,
  makeAuthentication,
  splitAuthentication,
} from '../cell/auth.ts'
import { decodeCerts, encodeCerts } from '../cell/certs.ts'
import { Command, isVariableLength } from '../cell/command.ts'
import { type Cell, CellSplitter, decodeVersions, encodeFixedCell, encodeVariableCell, encodeVersions } from '../cell/frame.ts'
import { decodeNetinfo, encodeNetinfo } from '../cell/netinfo.ts'
import { constantTimeEqual, sha256 } from '../crypto/digest.ts'
import { ed25519Signer, verifyEd25519 } from '../crypto/ed25519.ts'
import { randomBytes } from '../crypto/random.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { IpAddress } from '../lib/ip.ts'
import { type CertifiedPeer, checkInitiatorCerts, checkResponderCerts, initiatorCerts, responderCerts } from './link-certs.ts'
import { authKeyFor, type LinkKeys } from './link-keys.ts'

/** Both identities that the peer of a link has proved it owns. */
export interface PeerIdentity {
  /** SHA-1 of the RSA identity key, 20 bytes. */
  readonly rsaIdentity: Buffer
  /** Ed25519 master key, 32 bytes. */
  readonly ed25519Identity: Buffer
}

export type LinkProtocol = 4 | 5
const PROTOCOLS: readonly LinkProtocol[] = [4, 5]

/** Why a handshake fails that a caller may want to tell apart; everything else is 'protocol'. */
export type HandshakeFailure = 'protocol' | 'identity' | 'unauthenticated'

export type HandshakeState =
  /** Waiting for VERSIONS. */
  | { readonly kind: 'versions' }
  /** Initiator, waiting for CERTS. */
  | { readonly kind: 'certs'; readonly protocol: LinkProtocol }
  /** Initiator that authenticates, waiting for AUTH_CHALLENGE. */
  | { readonly kind: 'challenge'; readonly protocol: LinkProtocol; readonly peer: CertifiedPeer }
  /** Initiator: the rest is done. Responder: everything is sent; CERTS, then AUTHENTICATE, may come before NETINFO. */
  | { readonly kind: 'netinfo'; readonly protocol: LinkProtocol; readonly claimed: CertifiedPeer | undefined; readonly proven: boolean }
  | HandshakeResult
  | { readonly kind: 'failed'; readonly failure: HandshakeFailure; readonly reason: string }

export interface HandshakeResult {
  readonly kind: 'open'
  readonly protocol: LinkProtocol
  /** What the peer proved; undefined = a client. */
  readonly peer: PeerIdentity | undefined
  /** Our address as the peer sees it. */
  readonly observedAddress: IpAddress | undefined
  /** The addresses the peer says it has. */
  readonly peerAddresses: readonly IpAddress[]
  /** The peer's clock minus ours, ms; undefined when it did not tell. */
  readonly clockSkew: number | undefined
  /** Bytes that came after the handshake. */
  readonly rest: Buffer
}

export interface LinkHandshakeOptions {
  /** Responder: required. Initiator: authenticate as this relay. */
  readonly keys?: LinkKeys
  /** Initiator: whom it must reach. */
  readonly expect?: { readonly rsaIdentity?: Uint8Array; readonly ed25519Identity?: Uint8Array }
  /** Responder: a client is not welcome (PAPort). */
  readonly requireAuthentication?: boolean
  readonly tls: {
    /** DER of the responder's TLS certificate. */
    readonly certificate: Buffer
    /** RFC 5705. */
    exporter(length: number, label: string, context: Buffer): Buffer
  }
  readonly remoteAddress: IpAddress
  /** Our own advertised addresses; told only by relays. */
  readonly ownAddresses?: readonly IpAddress[]
  readonly now: () => number
}

const EXPORTER_LABEL = 'EXPORTER FOR TOR TLS CLIENT BINDING AUTH0003'
/** More bytes than this before the link is open are an attack; an honest handshake has about 3 KiB. */
const MAX_HANDSHAKE_BYTES = 64 * 1024
const MAX_HANDSHAKE_BODY = 16 * 1024

/**
 * The link handshake, version 3 (tor-spec 4), without sockets: bytes go into receive(), bytes to be sent come out of `output`, and `state` says how far it is.
 *
 *     initiator: VERSIONS              [CERTS when it authenticates]       [AUTHENTICATE] NETINFO
 *     responder:          VERSIONS CERTS AUTH_CHALLENGE NETINFO
 *
 * Anything that is not allowed at its place fails the handshake; the driver then closes the link. VPADDING and unknown variable-length cells are ignored.
 */
export class LinkHandshake {
  readonly role: 'initiator' | 'responder'
  readonly output: Buffer[] = []
  state: HandshakeState = { kind: 'versions' }
  readonly #options: LinkHandshakeOptions
  readonly #splitter = new CellSplitter({ wide: false, maxVariableBody: MAX_HANDSHAKE_BODY })
  /** Every cell in each direction, as long as the logs for AUTHENTICATE need them. */
  readonly #sent: Buffer[] = []
  readonly #received: Buffer[] = []
  #responderLog: Buffer | undefined
  #receivedBytes = 0

  constructor(role: 'initiator' | 'responder', options: LinkHandshakeOptions) {
    if (role === 'responder' && !options.keys) throw new Error('a responder needs keys')
    this.role = role
    this.#options = options
    if (role === 'initiator') this.#send(encodeVersions(PROTOCOLS))
  }

  /** Takes bytes from the peer. Never throws: what goes wrong ends in the state 'failed'. */
  receive(chunk: Buffer): void {
    if (this.state.kind === 'open' || this.state.kind === 'failed') return
    try {
      this.#receivedBytes += chunk.length
      this.#splitter.push(chunk)
      for (;;) {
        const cell = this.#splitter.next()
        if (!cell) break
        this.#handle(cell)
        // The handler has moved the state on: TypeScript does not see that.
        const kind = this.state.kind as HandshakeState['kind']
        if (kind === 'open' || kind === 'failed') return
      }
      if (this.#receivedBytes > MAX_HANDSHAKE_BYTES) throw new MalformedError('too many bytes before the link is open')
    } catch (error) {
      this.#fail('protocol', error instanceof Error ? error.message : String(error))
    }
  }

  #fail(failure: HandshakeFailure, reason: string): void {
    this.output.length = 0
    this.state = { kind: 'failed', failure, reason }
  }

  #send(cell: Buffer): void {
    this.#sent.push(cell)
    this.output.push(cell)
  }

  #handle(cell: Cell): void {
    const { state } = this
    if (state.kind === 'versions') {
      if (cell.command === Command.VERSIONS) this.#onVersions(cell)
      else if (cell.command === Command.VPADDING || cell.command === Command.AUTHORIZE) this.#received.push(cell.raw)
      else throw new MalformedError(`cell ${cell.command} before VERSIONS`)
      return
    }
    switch (cell.command) {
      case Command.CERTS:
        this.#onCerts(cell)
        break
      case Command.AUTH_CHALLENGE:
        this.#onAuthChallenge(cell)
        break
      case Command.AUTHENTICATE:
        this.#onAuthenticate(cell)
        break
      case Command.NETINFO:
        this.#onNetinfo(cell)
        break
      default:
        // C tor drops a second VERSIONS and cells it does not know, but closes for any other fixed-length cell (tor-facts 4.4).
        if (!isVariableLength(cell.command)) throw new MalformedError(`cell ${cell.command} during the handshake`)
        this.#received.push(cell.raw)
    }
  }

  #onVersions(cell: Cell): void {
    const offered = decodeVersions(cell.body)
    const protocol = PROTOCOLS.filter(version => offered.includes(version)).at(-1)
    if (!protocol) throw new MalformedError('no link protocol in common')
    this.#received.push(cell.raw)
    this.#splitter.setWide()
    const { keys, tls, now } = this.#options
    if (this.role === 'initiator') {
      if (keys) this.#send(encodeVariableCell(0, Command.CERTS, encodeCerts(initiatorCerts(keys, now()))))
      this.state = { kind: 'certs', protocol }
      return
    }
    this.#send(encodeVersions(PROTOCOLS))
    this.#send(encodeVariableCell(0, Command.CERTS, encodeCerts(responderCerts(keys!, tls.certificate, now()))))
    const challenge = { challenge: randomBytes(32), methods: [AUTH_TYPE_ED25519_SHA256_RFC5705] }
    this.#send(encodeVariableCell(0, Command.AUTH_CHALLENGE, encodeAuthChallenge(challenge)))
    this.#responderLog = sha256(...this.#sent)
    this.#sendNetinfo()
    this.state = { kind: 'netinfo', protocol, claimed: undefined, proven: false }
  }

  #onCerts(cell: Cell): void {
    requireCircuitZero(cell)
    const { state } = this
    const { keys, tls, expect, now } = this.#options
    this.#received.push(cell.raw)
    if (this.role === 'responder') {
      if (state.kind !== 'netinfo' || state.claimed) throw new MalformedError('a second CERTS cell')
      this.state = { ...state, claimed: checkInitiatorCerts(decodeCerts(cell.body), now()) }
      return
    }
    if (state.kind !== 'certs') throw new MalformedError('a second CERTS cell')
    const peer = checkResponderCerts(decodeCerts(cell.body), tls.certificate, now())
    const rsaAsExpected = !expect?.rsaIdentity || peer.rsaKey.fingerprint.equals(expect.rsaIdentity)
    const edAsExpected = !expect?.ed25519Identity || peer.ed25519Identity.equals(expect.ed25519Identity)
    if (!rsaAsExpected || !edAsExpected) {
      this.#fail('identity', `the peer is another relay (${rsaAsExpected ? 'Ed25519' : 'RSA'} identity)`)
      return
    }
    if (keys) this.state = { kind: 'challenge', protocol: state.protocol, peer }
    else {
      this.#sendNetinfo()
      this.state = { kind: 'netinfo', protocol: state.protocol, claimed: peer, proven: true }
    }
  }

  #onAuthChallenge(cell: Cell): void {
    requireCircuitZero(cell)
    const { state } = this
    this.#received.push(cell.raw)
    if (this.role === 'responder' || this.#responderLog) throw new MalformedError('an unexpected AUTH_CHALLENGE')
    if (state.kind !== 'challenge' && state.kind !== 'netinfo') throw new MalformedError('AUTH_CHALLENGE before CERTS')
    const { methods } = decodeAuthChallenge(cell.body)
    this.#responderLog = sha256(...this.#received)
    if (state.kind === 'netinfo') return
    if (!methods.includes(AUTH_TYPE_ED25519_SHA256_RFC5705)) {
      this.#fail('unauthenticated', 'the peer offers no way of authenticating that we know')
      return
    }
    const keys = this.#options.keys!
    const fields = this.#authenticateFields(
      { der: keys.rsa.publicDer, ed25519Identity: keys.ed25519Identity },
      {
        der: state.peer.rsaKey.der,
        ed25519Identity: state.peer.ed25519Identity,
      },
      sha256(...this.#sent),
    )
    const signer = ed25519Signer(authKeyFor(keys, this.#options.now()).key)
    const authentication = makeAuthentication(fields, message => signer.sign(message))
    const body = encodeAuthenticate({ type: AUTH_TYPE_ED25519_SHA256_RFC5705, authentication })
    this.#send(encodeVariableCell(0, Command.AUTHENTICATE, body))
    this.#sendNetinfo()
    this.state = { kind: 'netinfo', protocol: state.protocol, claimed: state.peer, proven: true }
  }

  #onAuthenticate(cell: Cell): void {
    requireCircuitZero(cell)
    const { state } = this
    if (this.role === 'initiator') throw new MalformedError('AUTHENTICATE from a responder')
    if (state.kind !== 'netinfo' || state.proven) throw new MalformedError('a second AUTHENTICATE cell')
    if (!state.claimed?.authKey) throw new MalformedError('AUTHENTICATE before CERTS')
    const { type, authentication } = decodeAuthenticate(cell.body)
    if (type !== AUTH_TYPE_ED25519_SHA256_RFC5705) throw new MalformedError(`AUTHENTICATE of type ${type}`)
    const { prefix, signed, signature } = splitAuthentication(authentication)
    const keys = this.#options.keys!
    const expected = authenticatePrefix(
      this.#authenticateFields(
        { der: state.claimed.rsaKey.der, ed25519Identity: state.claimed.ed25519Identity },
        {
          der: keys.rsa.publicDer,
          ed25519Identity: keys.ed25519Identity,
        },
        sha256(...this.#received),
      ),
    )
    if (!constantTimeEqual(prefix, expected)) throw new MalformedError('AUTHENTICATE is about another link')
    if (!verifyEd25519(state.claimed.authKey, signed, signature)) throw new MalformedError('AUTHENTICATE is badly signed')
    this.state = { ...state, proven: true }
  }

  /** What both ends know of this one link; tor-spec 4.4.2. */
  #authenticateFields(initiator: IdentityKeys, responder: IdentityKeys, initiatorLog: Buffer): AuthenticateFields {
    const { tls } = this.#options
    const initiatorRsa = sha256(initiator.der)
    return {
      initiatorRsa,
      responderRsa: sha256(responder.der),
      initiatorEd25519: initiator.ed25519Identity,
      responderEd25519: responder.ed25519Identity,
      responderLog: this.#responderLog!,
      initiatorLog,
      responderCertificate: sha256(tls.certificate),
      tlsSecrets: tls.exporter(32, EXPORTER_LABEL, initiatorRsa),
    }
  }

  #onNetinfo(cell: Cell): void {
    requireCircuitZero(cell)
    const { state } = this
    if (state.kind !== 'netinfo') throw new MalformedError('NETINFO before the handshake was done')
    const netinfo = decodeNetinfo(cell.body)
    if (this.#options.requireAuthentication && !state.proven) {
      this.#fail('unauthenticated', 'the peer did not authenticate')
      return
    }
    const proven = state.proven ? state.claimed : undefined
    this.state = {
      kind: 'open',
      protocol: state.protocol,
      peer: proven && { rsaIdentity: proven.rsaKey.fingerprint, ed25519Identity: proven.ed25519Identity },
      observedAddress: netinfo.otherAddress,
      peerAddresses: netinfo.myAddresses,
      clockSkew: netinfo.time === 0 ? undefined : netinfo.time - this.#options.now(),
      rest: this.#splitter.takeRest(),
    }
  }

  /** Relays tell their time and addresses; clients neither (tor-spec 4.5). */
  #sendNetinfo(): void {
    const { keys, now, remoteAddress, ownAddresses } = this.#options
    const netinfo = { time: keys ? now() : 0, otherAddress: remoteAddress, myAddresses: keys ? (ownAddresses ?? []).slice(0, 4) : [] }
    this.#send(encodeFixedCell(0, Command.NETINFO, encodeNetinfo(netinfo)))
  }
}

interface IdentityKeys {
  readonly der: Buffer
  readonly ed25519Identity: Buffer
}

function requireCircuitZero(cell: Cell): void {
  if (cell.circId !== 0) throw new MalformedError(`cell ${cell.command} on a circuit`)
}

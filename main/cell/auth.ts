import { randomBytes } from '../crypto/random.ts'
import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

/** The one authentication method in use, AuthType 00 03. tor-spec 4.4.2. */
export const AUTH_TYPE_ED25519_SHA256_RFC5705 = 3

const CHALLENGE_LENGTH = 32
const PREFIX_LENGTH = 264
const RANDOM_LENGTH = 24
const SIGNATURE_LENGTH = 64

export interface AuthChallenge {
  /** 32 random bytes */
  readonly challenge: Buffer
  readonly methods: readonly number[]
}

/** Challenge 32 | N_Methods 2 | Method 2 …. tor-spec 4.3. */
export function encodeAuthChallenge(value: { readonly challenge: Uint8Array; readonly methods: readonly number[] }): Buffer {
  if (value.challenge.length !== CHALLENGE_LENGTH) throw new RangeError('a challenge has 32 bytes')
  const writer = new ByteWriter().bytes(value.challenge).u16(value.methods.length)
  for (const method of value.methods) writer.u16(method)
  return writer.finish()
}

/** Reads the body of an AUTH_CHALLENGE cell. Throws {@link MalformedError}. */
export function decodeAuthChallenge(body: Uint8Array): AuthChallenge {
  const reader = new ByteReader(body)
  const challenge = reader.bytes(CHALLENGE_LENGTH)
  const methods: number[] = []
  for (let left = reader.u16(); left > 0; left--) methods.push(reader.u16())
  return { challenge, methods }
}

export interface Authenticate {
  readonly type: number
  readonly authentication: Buffer
}

/** AuthType 2 | AuthLen 2 | Authentication. tor-spec 4.4. */
export function encodeAuthenticate(value: { readonly type: number; readonly authentication: Uint8Array }): Buffer {
  return new ByteWriter().u16(value.type).u16(value.authentication.length).bytes(value.authentication).finish()
}

/** Reads the body of an AUTHENTICATE cell. Throws {@link MalformedError}. */
export function decodeAuthenticate(body: Uint8Array): Authenticate {
  const reader = new ByteReader(body)
  const type = reader.u16()
  return { type, authentication: reader.bytes(reader.u16()) }
}

/** What an authentication of type 3 binds together; every field has 32 bytes. */
export interface AuthenticateFields {
  /** CID: SHA256 of the initiator's RSA identity key (PKCS#1 DER) */
  readonly initiatorRsa: Uint8Array
  /** SID: the same of the responder */
  readonly responderRsa: Uint8Array
  /** CID_ED: the initiator's Ed25519 identity */
  readonly initiatorEd25519: Uint8Array
  /** SID_ED: the responder's */
  readonly responderEd25519: Uint8Array
  /** SLOG: SHA256 of all that the responder sent, VERSIONS to AUTH_CHALLENGE */
  readonly responderLog: Uint8Array
  /** CLOG: SHA256 of all that the initiator sent before AUTHENTICATE */
  readonly initiatorLog: Uint8Array
  /** SCERT: SHA256 of the responder's TLS certificate */
  readonly responderCertificate: Uint8Array
  /** TLSSECRETS: RFC 5705 exporter, label "EXPORTER FOR TOR TLS CLIENT BINDING AUTH0003", context CID */
  readonly tlsSecrets: Uint8Array
}

/**
 * The 264 bytes that both ends compute alike. tor-spec 4.4.2:
 *
 *     TYPE 8 = "AUTH0003" | CID 32 | SID 32 | CID_ED 32 | SID_ED 32 | SLOG 32 | CLOG 32 | SCERT 32 | TLSSECRETS 32
 */
export function authenticatePrefix(fields: AuthenticateFields): Buffer {
  const prefix = Buffer.concat([
    Buffer.from('AUTH0003'),
    fields.initiatorRsa,
    fields.responderRsa,
    fields.initiatorEd25519,
    fields.responderEd25519,
    fields.responderLog,
    fields.initiatorLog,
    fields.responderCertificate,
    fields.tlsSecrets,
  ])
  if (prefix.length !== PREFIX_LENGTH) throw new RangeError('every field of AUTHENTICATE has 32 bytes')
  return prefix
}

/** A whole authentication of type 3, 352 bytes: prefix 264 | RAND 24 | SIG 64, the signature over all before it. */
export function makeAuthentication(fields: AuthenticateFields, sign: (message: Buffer) => Uint8Array): Buffer {
  const signed = Buffer.concat([authenticatePrefix(fields), randomBytes(RANDOM_LENGTH)])
  return Buffer.concat([signed, sign(signed)])
}

/** Takes an authentication of type 3 apart: what both ends compute, what is signed, and the signature. Throws {@link MalformedError} unless it has 352 bytes. */
export function splitAuthentication(authentication: Uint8Array): { prefix: Buffer; signed: Buffer; signature: Buffer } {
  const reader = new ByteReader(authentication)
  if (reader.remaining !== PREFIX_LENGTH + RANDOM_LENGTH + SIGNATURE_LENGTH)
    throw new MalformedError('an authentication of the wrong length')
  const signed = reader.bytes(PREFIX_LENGTH + RANDOM_LENGTH)
  return { prefix: signed.subarray(0, PREFIX_LENGTH), signed, signature: reader.rest() }
}

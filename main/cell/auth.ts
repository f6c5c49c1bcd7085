export const AUTH_TYPE_ED25519_SHA256_RFC5705 = 3
export interface AuthChallenge {
  /** 32 bytes */ readonly challenge: Buffer
  readonly methods: readonly number[]
}
export function encodeAuthChallenge(value: { challenge: Uint8Array; methods: readonly number[] }): Buffer {
  throw new Error('soon')
}
export function decodeAuthChallenge(body: Uint8Array): AuthChallenge {
  throw new Error('soon')
}
export interface Authenticate {
  readonly type: number
  readonly authentication: Buffer
}
export function encodeAuthenticate(value: { type: number; authentication: Uint8Array }): Buffer {
  throw new Error('soon')
}
export function decodeAuthenticate(body: Uint8Array): Authenticate {
  throw new Error('soon')
}
/** Every field has 32 bytes. */
export interface AuthenticateFields {
  /** CID: SHA256 of the initiator's RSA identity DER */ readonly initiatorRsa: Uint8Array
  /** SID */ readonly responderRsa: Uint8Array
  readonly initiatorEd25519: Uint8Array
  readonly responderEd25519: Uint8Array
  /** SLOG */ readonly responderLog: Uint8Array
  /** CLOG */ readonly initiatorLog: Uint8Array
  /** SHA256 of the responder's TLS certificate */ readonly responderCertificate: Uint8Array
  readonly tlsSecrets: Uint8Array
}
/** The 264 bytes both ends compute alike: "AUTH0003" and the fields. */
export function authenticatePrefix(fields: AuthenticateFields): Buffer {
  throw new Error('soon')
}
/** The whole authentication of type 3: prefix | 24 random bytes | signature by sign over the 288 bytes before it. */
export function makeAuthentication(fields: AuthenticateFields, sign: (message: Buffer) => Uint8Array): Buffer {
  throw new Error('soon')
}
/** Splits an authentication of type 3: prefix (264), signed (288), signature (64). Throws MalformedError. */
export function splitAuthentication(authentication: Uint8Array): { prefix: Buffer; signed: Buffer; signature: Buffer } {
  throw new Error('soon')
}

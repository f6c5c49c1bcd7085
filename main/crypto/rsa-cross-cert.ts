import { ByteReader, ByteWriter } from '../lib/bytes.ts'
import { constantTimeEqual, sha256 } from './digest.ts'
import type { RsaPrivateKey, RsaPublicKey } from './rsa.ts'

const PREFIX = Buffer.from('Tor TLS RSA/Ed25519 cross-certificate')
const SIGNED_LENGTH = 36
const HOUR_MS = 3_600_000

/** A relay's RSA identity says which Ed25519 identity is its own. Parsed, not verified: see {@link verifyRsaCrossCert}. */
export interface RsaCrossCert {
  readonly ed25519Identity: Buffer
  /** Last moment of validity, ms. */
  readonly expires: number
  readonly signature: Buffer
  readonly raw: Buffer
}

function signedDigest(raw: Uint8Array): Buffer {
  return sha256(PREFIX, raw.subarray(0, SIGNED_LENGTH))
}

/**
 * Makes the certificate of CERTS type 7; `expires` (ms) is rounded up to a whole hour. cert-spec 2.3:
 *
 *     ED25519_KEY 32 | EXPIRATION_DATE 4 (hours) | SIGLEN 1 | SIGNATURE SIGLEN, over SHA256(prefix | the first 36 bytes)
 */
export function encodeRsaCrossCert(ed25519Identity: Uint8Array, expires: number, rsa: RsaPrivateKey): Buffer {
  const body = new ByteWriter()
    .bytes(ed25519Identity)
    .u32(Math.ceil(expires / HOUR_MS))
    .finish()
  const signature = rsa.signRaw(signedDigest(body))
  return new ByteWriter().bytes(body).u8(signature.length).bytes(signature).finish()
}

/** Reads a whole certificate. Throws `MalformedError`. */
export function parseRsaCrossCert(bytes: Uint8Array): RsaCrossCert {
  const raw = Buffer.from(bytes)
  const reader = new ByteReader(raw)
  const ed25519Identity = reader.bytes(32)
  const expires = reader.u32() * HOUR_MS
  const signature = reader.bytes(reader.u8())
  reader.end()
  return { ed25519Identity, expires, signature, raw }
}

/** Whether the certificate names this Ed25519 identity, has not expired at `now` and is signed by `rsa`. */
export function verifyRsaCrossCert(cert: RsaCrossCert, now: number, rsa: RsaPublicKey, ed25519Identity: Uint8Array): boolean {
  return (
    constantTimeEqual(cert.ed25519Identity, ed25519Identity) && now <= cert.expires && rsa.verifyRaw(signedDigest(cert.raw), cert.signature)
  )
}

import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { constantTimeEqual } from './digest.ts'
import { type Ed25519Signer, verifyEd25519 } from './ed25519.ts'

/** What a certificate says about its key. cert-spec A.1. */
export const TorCertType = {
  /** master identity → signing key */
  ED25519_SIGNING: 0x04,
  /** signing key → SHA256 of the TLS certificate */
  TLS_LINK: 0x05,
  /** signing key → key that signs AUTHENTICATE */
  LINK_AUTH: 0x06,
  /** blinded key → descriptor signing key (onion services) */
  HS_DESCRIPTOR_SIGNING: 0x08,
  HS_INTRO_AUTH: 0x09,
  /** onion key → master identity */
  NTOR_CROSSCERT: 0x0a,
  HS_INTRO_ENCRYPTION: 0x0b,
  /** family key → master identity */
  FAMILY: 0x0c,
} as const

/** What the certified 32 bytes are. cert-spec A.4. */
export const TorCertKeyType = { ED25519: 1, SHA256_OF_RSA: 2, SHA256_OF_X509: 3 } as const

const SIGNED_WITH_ED25519_KEY = 4
const AFFECTS_VALIDATION = 1
const HOUR_MS = 3_600_000
const SIGNATURE_LENGTH = 64

export interface TorCertExtension {
  readonly type: number
  readonly flags: number
  readonly data: Buffer
}

/** A parsed Ed25519 certificate. Nothing about it is verified yet: see {@link verifyTorCert}. */
export interface TorCert {
  readonly type: number
  /** Last moment of validity, ms. */
  readonly expires: number
  readonly keyType: number
  /** The certified 32 bytes. */
  readonly key: Buffer
  /** The signer's public key, where the certificate names it. */
  readonly signedWith: Buffer | undefined
  readonly extensions: readonly TorCertExtension[]
  readonly raw: Buffer
}

export interface TorCertFields {
  readonly type: number
  /** ms; rounded up to a whole hour */
  readonly expires: number
  readonly keyType: number
  readonly key: Uint8Array
  /** Whether the certificate names its signer. */
  readonly includeSigner: boolean
}

/**
 * Makes and signs a certificate. cert-spec 2.1:
 *
 *     VERSION 1 = 01 | CERT_TYPE 1 | EXPIRATION_DATE 4 (hours) | CERT_KEY_TYPE 1 | CERTIFIED_KEY 32 | N_EXTENSIONS 1 | extensions | SIGNATURE 64
 *     extension: ExtLength 2 | ExtType 1 | ExtFlags 1 | ExtData
 */
export function encodeTorCert(fields: TorCertFields, signer: Ed25519Signer): Buffer {
  const writer = new ByteWriter()
    .u8(1)
    .u8(fields.type)
    .u32(Math.ceil(fields.expires / HOUR_MS))
    .u8(fields.keyType)
    .bytes(fields.key)
    .u8(fields.includeSigner ? 1 : 0)
  if (fields.includeSigner) writer.u16(32).u8(SIGNED_WITH_ED25519_KEY).u8(0).bytes(signer.public)
  const body = writer.finish()
  return Buffer.concat([body, signer.sign(body)])
}

/** Reads a whole certificate. Throws {@link MalformedError}, also for an unknown extension that would change what the certificate means. */
export function parseTorCert(bytes: Uint8Array): TorCert {
  const raw = Buffer.from(bytes)
  const reader = new ByteReader(raw)
  if (reader.u8() !== 1) throw new MalformedError('a certificate of unknown version')
  const type = reader.u8()
  const expires = reader.u32() * HOUR_MS
  const keyType = reader.u8()
  const key = reader.bytes(32)
  const extensions: TorCertExtension[] = []
  let signedWith: Buffer | undefined
  for (let left = reader.u8(); left > 0; left--) {
    const length = reader.u16()
    const extension = { type: reader.u8(), flags: reader.u8(), data: reader.bytes(length) }
    extensions.push(extension)
    if (extension.type === SIGNED_WITH_ED25519_KEY) {
      if (signedWith || length !== 32) throw new MalformedError('a certificate that names its signer badly')
      signedWith = extension.data
    } else if (extension.flags & AFFECTS_VALIDATION) {
      throw new MalformedError('a certificate with an unknown extension that must be understood')
    }
  }
  reader.skip(SIGNATURE_LENGTH)
  reader.end()
  return { type, expires, keyType, key, signedWith, extensions, raw }
}

/**
 * Whether the certificate has not expired at `now` and is signed by `signerPublic`, or, when that is left out, by the key it names itself.
 * A certificate that names another signer than `signerPublic` is refused. The caller checks type and key type.
 */
export function verifyTorCert(cert: TorCert, now: number, signerPublic?: Uint8Array): boolean {
  const signer = signerPublic ?? cert.signedWith
  if (!signer || now > cert.expires) return false
  if (cert.signedWith && !constantTimeEqual(cert.signedWith, signer)) return false
  const end = cert.raw.length - SIGNATURE_LENGTH
  return verifyEd25519(signer, cert.raw.subarray(0, end), cert.raw.subarray(end))
}

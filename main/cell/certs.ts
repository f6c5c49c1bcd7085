import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

/** Certificates in a CERTS cell. tor-spec 4.2, cert-spec A.1. */
export const CertsType = {
  /** X.509: RSA identity → TLS key (not needed today) */
  RSA_LINK: 1,
  /** X.509: RSA identity, self-signed */
  RSA_IDENTITY: 2,
  /** X.509: RSA identity → RSA authentication key (not needed today) */
  RSA_AUTHENTICATE: 3,
  /** Ed25519 identity → signing key */
  ED25519_SIGNING: 4,
  /** signing key → SHA256 of the TLS certificate */
  ED25519_LINK: 5,
  /** signing key → key that signs AUTHENTICATE */
  ED25519_AUTHENTICATE: 6,
  /** RSA identity → Ed25519 identity */
  RSA_ED25519_CROSS: 7,
} as const

export interface CertsEntry {
  readonly type: number
  readonly cert: Buffer
}

/** N 1 | (CertType 1 | CLEN 2 | Certificate CLEN) …. tor-spec 4.2. */
export function encodeCerts(entries: readonly { readonly type: number; readonly cert: Uint8Array }[]): Buffer {
  const writer = new ByteWriter().u8(entries.length)
  for (const { type, cert } of entries) writer.u8(type).u16(cert.length).bytes(cert)
  return writer.finish()
}

/** Reads the body of a CERTS cell; nothing is verified. Throws {@link MalformedError}, also when one of the types 1–7 is there twice. */
export function decodeCerts(body: Uint8Array): CertsEntry[] {
  const reader = new ByteReader(body)
  const entries: CertsEntry[] = []
  const seen = new Set<number>()
  for (let left = reader.u8(); left > 0; left--) {
    const type = reader.u8()
    const cert = reader.bytes(reader.u16())
    if (type <= CertsType.RSA_ED25519_CROSS && seen.has(type)) throw new MalformedError('a certificate twice in CERTS')
    seen.add(type)
    entries.push({ type, cert })
  }
  return entries
}

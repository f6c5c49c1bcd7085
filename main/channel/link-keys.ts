import type { Ed25519KeyPair } from '../crypto/ed25519.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'

/** What a relay's link handshakes need of its keys. */
export interface LinkKeys {
  readonly rsa: RsaPrivateKey
  /** Ed25519 master key, 32 bytes. */
  readonly ed25519Identity: Buffer
  readonly signingKey: Ed25519KeyPair
  /** Certificate of type 4: master key → signing key, with the master key inside. */
  readonly signingCert: Buffer
  /** X.509 DER, self-signed by the RSA identity (CERTS type 2). */
  readonly rsaIdentityCert: Buffer
  /** RSA → Ed25519 cross-certificate (CERTS type 7). */
  readonly crossCert: Buffer
}

/** Makes the two RSA certificates around existing keys. Valid for 6 months: make new link keys with every new signing key. */
export function createLinkKeys(
  keys: { rsa: RsaPrivateKey; ed25519Identity: Buffer; signingKey: Ed25519KeyPair; signingCert: Buffer },
  now: number,
): LinkKeys {
  throw new Error(`soon ${keys} ${now}`)
}

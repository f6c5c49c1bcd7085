import { sha256 } from '../crypto/digest.ts'
import { type Ed25519KeyPair, ed25519Signer, generateEd25519 } from '../crypto/ed25519.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'
import { encodeRsaCrossCert } from '../crypto/rsa-cross-cert.ts'
import { encodeTorCert, TorCertKeyType, TorCertType } from '../crypto/tor-cert.ts'
import { makeIdentityCertificate } from '../crypto/x509.ts'

/** What a relay's link handshakes need of its keys. */
export interface LinkKeys {
  readonly rsa: RsaPrivateKey
  /** Ed25519 master key, 32 bytes. */
  readonly ed25519Identity: Buffer
  readonly signingKey: Ed25519KeyPair
  /** Certificate of type 4: master key → signing key, with the master key inside. */
  readonly signingCert: Buffer
  /** X.509 DER of the RSA identity, signed by itself (CERTS type 2). */
  readonly rsaIdentityCert: Buffer
  /** RSA → Ed25519 cross-certificate (CERTS type 7). */
  readonly crossCert: Buffer
}

const HOUR = 3_600_000
/** C tor: feature/relay/routerkeys.c. */
const CROSS_CERT_LIFETIME = 6 * 30 * 24 * HOUR
const LINK_CERT_LIFETIME = 48 * HOUR
/** A certificate is not used in the last part of its life, as the other's clock may be ahead of ours. */
const LINK_CERT_RENEWAL = 24 * HOUR

/** Makes the two RSA certificates around existing keys; they last half a year, so remake link keys with every new signing key. */
export function createLinkKeys(
  keys: { rsa: RsaPrivateKey; ed25519Identity: Buffer; signingKey: Ed25519KeyPair; signingCert: Buffer },
  now: number,
): LinkKeys {
  return {
    ...keys,
    rsaIdentityCert: makeIdentityCertificate(keys.rsa, now),
    crossCert: encodeRsaCrossCert(keys.ed25519Identity, now + CROSS_CERT_LIFETIME, keys.rsa),
  }
}

interface ShortCerts {
  readonly renewAt: number
  /** SHA-256 of the TLS certificate that `linkCert` is about. */
  tlsDigest: Buffer | undefined
  /** CERTS type 5. */
  linkCert: Buffer | undefined
  readonly authKey: Ed25519KeyPair
  /** CERTS type 6: signing key → authKey. */
  readonly authCert: Buffer
}

/** The short-lived certificates under a signing key, made when first needed and again after a day. */
const shortCerts = new WeakMap<LinkKeys, ShortCerts>()

function certsOf(keys: LinkKeys, now: number): ShortCerts {
  const known = shortCerts.get(keys)
  if (known && now < known.renewAt) return known
  const authKey = generateEd25519()
  const authCert = encodeTorCert(
    {
      type: TorCertType.LINK_AUTH,
      expires: now + LINK_CERT_LIFETIME,
      keyType: TorCertKeyType.ED25519,
      key: authKey.public,
      includeSigner: false,
    },
    ed25519Signer(keys.signingKey),
  )
  const made: ShortCerts = { renewAt: now + LINK_CERT_RENEWAL, tlsDigest: undefined, linkCert: undefined, authKey, authCert }
  shortCerts.set(keys, made)
  return made
}

/** The certificate that binds our TLS certificate to the signing key (CERTS type 5). */
export function linkCertFor(keys: LinkKeys, tlsCertificate: Uint8Array, now: number): Buffer {
  const certs = certsOf(keys, now)
  const digest = sha256(tlsCertificate)
  if (!certs.linkCert || !certs.tlsDigest?.equals(digest)) {
    certs.tlsDigest = digest
    certs.linkCert = encodeTorCert(
      {
        type: TorCertType.TLS_LINK,
        expires: now + LINK_CERT_LIFETIME,
        keyType: TorCertKeyType.SHA256_OF_X509,
        key: digest,
        includeSigner: false,
      },
      ed25519Signer(keys.signingKey),
    )
  }
  return certs.linkCert
}

/** The key that signs AUTHENTICATE cells, and its certificate (CERTS type 6). */
export function authKeyFor(keys: LinkKeys, now: number): { readonly key: Ed25519KeyPair; readonly cert: Buffer } {
  const { authKey, authCert } = certsOf(keys, now)
  return { key: authKey, cert: authCert }
}

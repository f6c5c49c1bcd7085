import { type CertsEntry, CertsType } from '../cell/certs.ts'
import { sha256 } from '../crypto/digest.ts'
import type { RsaPublicKey } from '../crypto/rsa.ts'
import { parseRsaCrossCert, verifyRsaCrossCert } from '../crypto/rsa-cross-cert.ts'
import { parseTorCert, type TorCert, TorCertKeyType, TorCertType, verifyTorCert } from '../crypto/tor-cert.ts'
import { readIdentityCertificate } from '../crypto/x509.ts'
import { MalformedError } from '../lib/bytes.ts'
import { authKeyFor, type LinkKeys, linkCertFor } from './link-keys.ts'

/** What a valid CERTS cell says about its sender; only the link (responder) or an AUTHENTICATE cell (initiator) turns it into proof. */
export interface CertifiedPeer {
  readonly rsaKey: RsaPublicKey
  readonly ed25519Identity: Buffer
  /** Initiators only: the key that must have signed AUTHENTICATE. */
  readonly authKey: Buffer | undefined
}

/** Certificates of a responder: types 2, 4, 5, 7. tor-spec 4.2. */
export function responderCerts(keys: LinkKeys, tlsCertificate: Uint8Array, now: number): CertsEntry[] {
  return [...identityCerts(keys), { type: CertsType.ED25519_LINK, cert: linkCertFor(keys, tlsCertificate, now) }]
}

/** Certificates of an initiator that will authenticate: types 2, 4, 6, 7. */
export function initiatorCerts(keys: LinkKeys, now: number): CertsEntry[] {
  return [...identityCerts(keys), { type: CertsType.ED25519_AUTHENTICATE, cert: authKeyFor(keys, now).cert }]
}

function identityCerts(keys: LinkKeys): CertsEntry[] {
  return [
    { type: CertsType.RSA_IDENTITY, cert: keys.rsaIdentityCert },
    { type: CertsType.ED25519_SIGNING, cert: keys.signingCert },
    { type: CertsType.RSA_ED25519_CROSS, cert: keys.crossCert },
  ]
}

/** Checks the whole chain of a responder's CERTS cell, down to the certificate of this very TLS connection. Throws {@link MalformedError}. */
export function checkResponderCerts(entries: readonly CertsEntry[], tlsCertificate: Uint8Array, now: number): CertifiedPeer {
  const { signing, ...peer } = checkIdentity(entries, now)
  const link = torCert(entries, CertsType.ED25519_LINK, TorCertType.TLS_LINK, TorCertKeyType.SHA256_OF_X509)
  if (!verifyTorCert(link, now, signing.key)) throw new MalformedError('the link certificate is expired or not signed by the signing key')
  if (!link.key.equals(sha256(tlsCertificate))) throw new MalformedError('the link certificate is for another TLS certificate')
  return { ...peer, authKey: undefined }
}

/** Checks the whole chain of an initiator's CERTS cell, down to its authentication key. Throws {@link MalformedError}. */
export function checkInitiatorCerts(entries: readonly CertsEntry[], now: number): CertifiedPeer {
  const { signing, ...peer } = checkIdentity(entries, now)
  const auth = torCert(entries, CertsType.ED25519_AUTHENTICATE, TorCertType.LINK_AUTH, TorCertKeyType.ED25519)
  if (!verifyTorCert(auth, now, signing.key))
    throw new MalformedError('the authentication certificate is expired or not signed by the signing key')
  return { ...peer, authKey: auth.key }
}

/** RSA identity, Ed25519 identity with its signing key, and the certificate by which the first vouches for the second. */
function checkIdentity(entries: readonly CertsEntry[], now: number): { rsaKey: RsaPublicKey; ed25519Identity: Buffer; signing: TorCert } {
  const signing = torCert(entries, CertsType.ED25519_SIGNING, TorCertType.ED25519_SIGNING, TorCertKeyType.ED25519)
  const ed25519Identity = signing.signedWith
  if (!ed25519Identity) throw new MalformedError('the signing certificate does not name the identity key')
  if (!verifyTorCert(signing, now, ed25519Identity)) throw new MalformedError('the signing certificate is expired or badly signed')

  const rsaKey = readIdentityCertificate(one(entries, CertsType.RSA_IDENTITY), now)
  const cross = parseRsaCrossCert(one(entries, CertsType.RSA_ED25519_CROSS))
  if (!verifyRsaCrossCert(cross, now, rsaKey, ed25519Identity))
    throw new MalformedError('the cross-certificate is expired or for other keys')
  return { rsaKey, ed25519Identity, signing }
}

function one(entries: readonly CertsEntry[], type: number): Buffer {
  const found = entries.filter(entry => entry.type === type)
  if (found.length !== 1) throw new MalformedError(`${found.length} certificates of type ${type}`)
  return found[0]!.cert
}

function torCert(entries: readonly CertsEntry[], entryType: number, certType: number, keyType: number): TorCert {
  const cert = parseTorCert(one(entries, entryType))
  if (cert.type !== certType || cert.keyType !== keyType)
    throw new MalformedError(`a certificate of type ${cert.type} in place of ${certType}`)
  return cert
}

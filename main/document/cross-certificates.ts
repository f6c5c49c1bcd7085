import { sha1 } from '../crypto/digest.ts'
import { crossSignerFromX25519, curve25519ToEd25519Public } from '../crypto/ed25519-convert.ts'
import type { RsaPrivateKey, RsaPublicKey } from '../crypto/rsa.ts'
import { encodeTorCert, parseTorCert, type TorCert, TorCertKeyType, TorCertType, verifyTorCert } from '../crypto/tor-cert.ts'
import type { X25519KeyPair } from '../crypto/x25519.ts'
import { MalformedError } from '../lib/bytes.ts'
import { argumentsOf, base64NoPad, encodeObject, type Items, objectOf } from './tokens.ts'

/**
 * The proofs in a server descriptor that whoever made it holds its other keys too (dir-spec 2.1.1):
 *
 *     onion-key-crosscert / CROSSCERT                  RSA signature by the TAP onion key of SHA1(identity key) | master identity
 *     ntor-onion-key-crosscert <bit> / ED25519 CERT    type 0A by the ntor key turned to Ed25519, certifying the master identity
 *     family-cert / FAMILY CERT                        type 0C by a family key, certifying the master identity (proposal 321)
 */

export function formatTapCrossCertificate(tap: RsaPrivateKey, identity: RsaPrivateKey, ed25519Identity: Uint8Array): string {
  return `onion-key-crosscert\n${encodeObject('CROSSCERT', tap.signRaw(Buffer.concat([identity.fingerprint, ed25519Identity])))}`
}

export function formatNtorCrossCertificate(ntor: X25519KeyPair, ed25519Identity: Uint8Array, expires: number): string {
  const signer = crossSignerFromX25519(ntor)
  const cert = encodeTorCert(
    { type: TorCertType.NTOR_CROSSCERT, expires, keyType: TorCertKeyType.ED25519, key: ed25519Identity, includeSigner: false },
    signer,
  )
  return `ntor-onion-key-crosscert ${signer.signBit}\n${encodeObject('ED25519 CERT', cert)}`
}

/** @throws MalformedError unless the TAP key signed both identities; it may have signed more behind them. */
export function verifyTapCrossCertificate(items: Items, tap: RsaPublicKey, identity: RsaPublicKey, ed25519Identity: Buffer): void {
  const signed = tap.recoverRaw(objectOf(items.one('onion-key-crosscert'), 'CROSSCERT'))
  const expected = Buffer.concat([sha1(identity.der), ed25519Identity])
  if (!signed.subarray(0, expected.length).equals(expected)) throw new MalformedError('bad onion-key-crosscert')
}

/** The certificate (for its expiry). @throws MalformedError unless it is good */
export function verifyNtorCrossCertificate(items: Items, ntorKey: Buffer, ed25519Identity: Buffer): TorCert {
  const item = items.one('ntor-onion-key-crosscert')
  const [bit] = argumentsOf(item, 1)
  if (bit !== '0' && bit !== '1') throw new MalformedError('bad sign of ntor-onion-key-crosscert')
  const cert = parseTorCert(objectOf(item, 'ED25519 CERT'))
  const signer = curve25519ToEd25519Public(ntorKey, bit === '1' ? 1 : 0)
  if (cert.type !== TorCertType.NTOR_CROSSCERT || !cert.key.equals(ed25519Identity) || !verifyTorCert(cert, 0, signer)) {
    throw new MalformedError('bad ntor-onion-key-crosscert')
  }
  return cert
}

/** Family ids ("ed25519:..." sorted, each once) and their certificates. @throws MalformedError when one is bad */
export function verifyFamilyCertificates(items: Items, ed25519Identity: Buffer): { ids: string[]; certs: TorCert[] } {
  const certs = items.all('family-cert').map(item => {
    const cert = parseTorCert(objectOf(item, 'FAMILY CERT'))
    if (cert.type !== TorCertType.FAMILY || !cert.signedWith || !cert.key.equals(ed25519Identity) || !verifyTorCert(cert, 0)) {
      throw new MalformedError('bad family-cert')
    }
    return cert
  })
  return { ids: [...new Set(certs.map(cert => `ed25519:${base64NoPad(cert.signedWith!)}`))].sort(), certs }
}

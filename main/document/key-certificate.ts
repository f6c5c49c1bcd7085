import type { RsaPrivateKey, RsaPublicKey } from '../crypto/rsa.ts'
export interface KeyCertificate {
  /** v3ident: SHA-1 of the identity key, 40 upper-case hex. */
  readonly identity: string
  readonly identityKey: RsaPublicKey
  readonly signingKey: RsaPublicKey
  /** 40 upper-case hex. */
  readonly signingKeyDigest: string
  readonly published: number
  readonly expires: number
  /** "address:port" as written, if given. */
  readonly dirAddress?: string
  readonly text: string
}
/** Parses one certificate and verifies its signature and cross-certificate. Expiry is the caller's. */
export function parseKeyCertificate(_text: string): KeyCertificate {
  throw new Error('not yet')
}
export function splitKeyCertificates(_text: string): string[] {
  throw new Error('not yet')
}
export function buildKeyCertificate(_fields: {
  identity: RsaPrivateKey
  signing: RsaPrivateKey
  published: number
  expires: number
  dirAddress?: string
}): string {
  throw new Error('not yet')
}

import type { RsaPrivateKey, RsaPublicKey } from './rsa.ts'
export interface LinkCertificate {
  readonly keyPem: string
  readonly certPem: string
  readonly certDer: Buffer
}
export interface RsaCertificate {
  readonly publicKey: RsaPublicKey
  readonly notBefore: number
  readonly notAfter: number
  isSignedBy(key: RsaPublicKey): boolean
}
export function makeLinkCertificate(now: number): LinkCertificate {
  throw new Error('soon')
}
export function makeIdentityCertificate(key: RsaPrivateKey, now: number): Buffer {
  throw new Error('soon')
}
export function parseRsaCertificate(der: Uint8Array): RsaCertificate {
  throw new Error('soon')
}

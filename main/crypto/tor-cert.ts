import type { Ed25519Signer } from './ed25519.ts'
import type { RsaPrivateKey, RsaPublicKey } from './rsa.ts'
/** cert-spec A.1 */
export const TorCertType = {
  ED25519_SIGNING: 0x04,
  TLS_LINK: 0x05,
  LINK_AUTH: 0x06,
  HS_DESCRIPTOR_SIGNING: 0x08,
  HS_INTRO_AUTH: 0x09,
  NTOR_CROSSCERT: 0x0a,
  HS_INTRO_ENCRYPTION: 0x0b,
  FAMILY: 0x0c,
} as const
/** cert-spec A.2/A.4 */
export const TorCertKeyType = { ED25519: 1, SHA256_OF_RSA: 2, SHA256_OF_X509: 3 } as const
export interface TorCertExtension {
  readonly type: number
  readonly flags: number
  readonly data: Buffer
}
export interface TorCert {
  readonly type: number
  readonly expires: number
  readonly keyType: number
  readonly key: Buffer
  readonly signedWith: Buffer | undefined
  readonly extensions: readonly TorCertExtension[]
  readonly raw: Buffer
}
export interface TorCertFields {
  readonly type: number
  readonly expires: number
  readonly keyType: number
  readonly key: Uint8Array
  readonly includeSigner: boolean
}
export function encodeTorCert(fields: TorCertFields, signer: Ed25519Signer): Buffer {
  throw new Error('soon')
}
export function parseTorCert(bytes: Uint8Array): TorCert {
  throw new Error('soon')
}
/** True when unexpired and signed by signerPublic (or, when left out, by the key it names). */
export function verifyTorCert(cert: TorCert, now: number, signerPublic?: Uint8Array): boolean {
  throw new Error('soon')
}
export interface RsaCrossCert {
  readonly ed25519Identity: Buffer
  readonly expires: number
  readonly signature: Buffer
  readonly raw: Buffer
}
export function encodeRsaCrossCert(ed25519Identity: Uint8Array, expires: number, rsa: RsaPrivateKey): Buffer {
  throw new Error('soon')
}
export function parseRsaCrossCert(bytes: Uint8Array): RsaCrossCert {
  throw new Error('soon')
}
export function verifyRsaCrossCert(cert: RsaCrossCert, now: number, rsa: RsaPublicKey, ed25519Identity: Uint8Array): boolean {
  throw new Error('soon')
}

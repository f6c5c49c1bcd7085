export const CertsType = {
  RSA_LINK: 1,
  RSA_IDENTITY: 2,
  RSA_AUTHENTICATE: 3,
  ED25519_SIGNING: 4,
  ED25519_LINK: 5,
  ED25519_AUTHENTICATE: 6,
  RSA_ED25519_CROSS: 7,
} as const
export interface CertsEntry {
  readonly type: number
  readonly cert: Buffer
}
export function encodeCerts(entries: readonly { type: number; cert: Uint8Array }[]): Buffer {
  throw new Error('soon')
}
/** Throws MalformedError, also when one of the types 1–7 is there twice. */
export function decodeCerts(body: Uint8Array): CertsEntry[] {
  throw new Error('soon')
}

import type { IpAddress } from '../lib/ip.ts'
export const LinkSpecifierType = { IPV4: 0, IPV6: 1, RSA_IDENTITY: 2, ED25519_IDENTITY: 3 } as const
export interface LinkSpecifier {
  readonly type: number
  readonly data: Buffer
}
/** What link specifiers point at. */
export interface LinkTarget {
  readonly rsaIdentity: Buffer
  readonly ed25519Identity?: Buffer | undefined
  readonly addresses: readonly { readonly address: IpAddress; readonly port: number }[]
}
/** NSPEC | (LSTYPE LSLEN LSPEC)… */
export function encodeLinkSpecifiers(specifiers: readonly LinkSpecifier[]): Buffer {
  throw new Error('soon')
}
/** Reads NSPEC and the specifiers from the front; gives them and how many bytes they took. */
export function decodeLinkSpecifiers(bytes: Uint8Array): { specifiers: LinkSpecifier[]; length: number } {
  throw new Error('soon')
}
export function specifiersOfTarget(target: LinkTarget): LinkSpecifier[] {
  throw new Error('soon')
}
/** Throws MalformedError when there is no RSA identity (or a zero one), no address, or an identity twice. */
export function targetOfSpecifiers(specifiers: readonly LinkSpecifier[]): LinkTarget {
  throw new Error('soon')
}

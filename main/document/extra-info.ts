import type { ServerDescriptor, ServerDescriptorKeys } from './server-descriptor.ts'
export const MAX_EXTRA_INFO_LENGTH = 50_000
export interface ExtraInfo {
  readonly nickname: string
  readonly fingerprint: string
  readonly published: number
  readonly ed25519Identity: Buffer
  /** keyword → rest of the line, every line that is no signature (first of each keyword). */
  readonly lines: ReadonlyMap<string, string>
  /** SHA-1 of the signed part, 40 upper-case hex. */
  readonly digest: string
  /** SHA-256 of the whole, base64 without '='. */
  readonly sha256: string
  readonly text: string
}
/** Parses; `owner` (its descriptor) gives the RSA key: with it, all signatures are verified, without it the Ed25519 one only. */
export function parseExtraInfo(_text: string, _options?: { owner?: ServerDescriptor; now?: number }): ExtraInfo {
  throw new Error('not yet')
}
export function splitExtraInfos(_text: string): string[] {
  throw new Error('not yet')
}
/** `lines`: e.g. "write-history 2024-01-01 00:00:00 (86400 s) 1,2,3", in the order they shall have. */
export function buildExtraInfo(
  _fields: { nickname: string; published: number; lines: readonly string[] },
  _keys: Pick<ServerDescriptorKeys, 'rsa' | 'edIdentity' | 'signing'>,
): { text: string; sha1: string; sha256: string } {
  throw new Error('not yet')
}

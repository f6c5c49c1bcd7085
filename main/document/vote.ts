import type { RsaPrivateKey } from '../crypto/rsa.ts'
import type { Flavor, RouterStatus } from './consensus.ts'
import type { KeyCertificate } from './key-certificate.ts'

export type { Flavor }
export interface VoteRouter extends RouterStatus {
  readonly descriptorDigest: string
  /** kB/s as measured by a bandwidth authority, if it was. */
  readonly measured?: number
  /** base64 without '=', or 'none' when the relay has none, undefined when the line is missing. */
  readonly ed25519Identity?: string
  /** consensus method → microdescriptor digest (base64 without '='). */
  readonly microdescriptorDigests: ReadonlyMap<number, string>
  readonly stats?: { readonly wfu: number; readonly timeKnown: number; readonly mtbf: number }
}
export interface VoteAuthority {
  readonly nickname: string
  readonly identity: string
  readonly hostname: string
  readonly address: string
  readonly dirPort: number
  readonly orPort: number
  readonly contact?: string
}
export interface VoteFields {
  readonly published: number
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  readonly voteSeconds: number
  readonly distSeconds: number
  readonly consensusMethods: readonly number[]
  readonly clientVersions: readonly string[]
  readonly serverVersions: readonly string[]
  readonly knownFlags: readonly string[]
  readonly recommendedRelayProtocols: string
  readonly requiredRelayProtocols: string
  readonly recommendedClientProtocols: string
  readonly requiredClientProtocols: string
  readonly flagThresholds: ReadonlyMap<string, number>
  readonly params: ReadonlyMap<string, number>
  readonly authority: VoteAuthority
  readonly certificate: KeyCertificate
  readonly routers: readonly VoteRouter[]
}
export interface Vote extends VoteFields {
  readonly text: string
  /** SHA-1 of the signed part, 40 upper-case hex. */
  readonly digest: string
}
export const MAX_VOTE_LENGTH = 50 * 1024 * 1024
/** Parses and verifies: embedded certificate and signature. */
export function parseVote(_text: string): Vote {
  throw new Error('not yet')
}
export function formatVote(_fields: VoteFields, _signingKey: RsaPrivateKey): string {
  throw new Error('not yet')
}

import type { Consensus } from './consensus.ts'
import type { KeyCertificate } from './key-certificate.ts'
export interface ConsensusVerdict {
  /** Distinct known authorities whose signature is good. */
  readonly good: string[]
  /** Signatures of known authorities whose certificate we lack. */
  readonly missing: { readonly identity: string; readonly signingKeyDigest: string }[]
  readonly bad: string[]
  /** More than half of the known authorities signed well. */
  readonly accepted: boolean
}
export function verifyConsensus(
  _consensus: Consensus,
  _certificates: readonly KeyCertificate[],
  _authorities: readonly string[],
): ConsensusVerdict {
  throw new Error('not yet')
}

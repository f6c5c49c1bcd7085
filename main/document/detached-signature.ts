import type { ConsensusSignature, Flavor } from './consensus.ts'
export interface DetachedSignatures {
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  /** Digest of the signed part, upper-case hex: SHA-1 for ns, SHA-256 for microdesc. */
  readonly digests: ReadonlyMap<Flavor, string>
  readonly signatures: ReadonlyMap<Flavor, readonly ConsensusSignature[]>
}
export function formatDetachedSignatures(_value: DetachedSignatures): string {
  throw new Error('not yet')
}
export function parseDetachedSignatures(_text: string): DetachedSignatures {
  throw new Error('not yet')
}

import type { RsaPrivateKey } from '../crypto/rsa.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { PortSummary } from './exit-policy.ts'
import type { Protocols } from './protocols.ts'

export type Flavor = 'ns' | 'microdesc'
export interface RouterStatus {
  readonly nickname: string
  /** 40 upper-case hex. */
  readonly fingerprint: string
  /** ns: 40 upper-case hex (SHA-1 of the server descriptor). */
  readonly descriptorDigest?: string
  /** microdesc: base64 SHA-256 without '='. */
  readonly microdescriptorDigest?: string
  readonly published: number
  readonly address: IpAddress
  readonly orPort: number
  readonly dirPort: number
  readonly orAddresses6: readonly { readonly address: IpAddress; readonly port: number }[]
  readonly flags: ReadonlySet<string>
  /** Text of the `v` line. */
  readonly version?: string
  readonly protocols: Protocols
  /** kB/s */
  readonly bandwidth: number
  readonly unmeasured: boolean
  readonly portSummary?: PortSummary
}
export interface ConsensusAuthority {
  readonly nickname: string
  /** v3ident, 40 upper-case hex. */
  readonly identity: string
  readonly hostname: string
  readonly address: IpAddress
  readonly dirPort: number
  readonly orPort: number
  readonly contact?: string
  /** SHA-1 of the vote, 40 upper-case hex. */
  readonly voteDigest: string
}
export interface ConsensusSignature {
  readonly algorithm: 'sha1' | 'sha256'
  readonly identity: string
  readonly signingKeyDigest: string
  readonly signature: Buffer
}
export interface Consensus {
  readonly flavor: Flavor
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  readonly voteSeconds: number
  readonly distSeconds: number
  readonly consensusMethod: number
  readonly clientVersions: readonly string[]
  readonly serverVersions: readonly string[]
  readonly knownFlags: readonly string[]
  readonly recommendedRelayProtocols: Protocols
  readonly requiredRelayProtocols: Protocols
  readonly recommendedClientProtocols: Protocols
  readonly requiredClientProtocols: Protocols
  readonly params: ReadonlyMap<string, number>
  readonly bandwidthWeights: ReadonlyMap<string, number>
  readonly sharedRandomPrevious?: { readonly reveals: number; readonly value: Buffer }
  readonly sharedRandomCurrent?: { readonly reveals: number; readonly value: Buffer }
  readonly authorities: readonly ConsensusAuthority[]
  readonly routers: readonly RouterStatus[]
  readonly byFingerprint: ReadonlyMap<string, RouterStatus>
  readonly signatures: readonly ConsensusSignature[]
  readonly text: string
  /** Of the signed part: SHA-1 (ns) or SHA-256 (microdesc). */
  readonly digest: Buffer
  /** Of the signed part, as the diff protocol names it: SHA3-256, 64 upper-case hex. */
  readonly sha3Digest: string
}
export const MAX_CONSENSUS_LENGTH = 50 * 1024 * 1024
export function parseConsensus(_text: string): Consensus {
  throw new Error('not yet')
}
/** Like {@link parseConsensus}, but gives the event loop back about every 8 ms. */
export function parseConsensusSliced(_text: string, _signal: AbortSignal): Promise<Consensus> {
  throw new Error('not yet')
}
export type ConsensusFields = Omit<Consensus, 'byFingerprint' | 'signatures' | 'text' | 'digest' | 'sha3Digest' | 'flavor'>
/** The unsigned document, up to and including "directory-footer" and "bandwidth-weights". */
export function formatConsensus(_flavor: Flavor, _fields: ConsensusFields): string {
  throw new Error('not yet')
}
/** One signature over an unsigned document (as made by formatConsensus or computeConsensus). */
export function signConsensus(_flavor: Flavor, _body: string, _signer: { identity: string; key: RsaPrivateKey }): ConsensusSignature {
  throw new Error('not yet')
}
/** The document with its signatures. */
export function assembleConsensus(_flavor: Flavor, _body: string, _signatures: readonly ConsensusSignature[]): string {
  throw new Error('not yet')
}

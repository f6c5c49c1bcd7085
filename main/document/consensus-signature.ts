import type { Consensus, ConsensusSignature } from './consensus.ts'
import type { KeyCertificate } from './key-certificate.ts'

/** What the signatures of a consensus are worth. */
export interface ConsensusVerdict {
  /** Identities of known authorities with a good signature, each once. */
  readonly good: string[]
  /** Signatures of known authorities for whose key we have no (live) certificate: fetch it and look again. */
  readonly missing: { readonly identity: string; readonly signingKeyDigest: string }[]
  /** Identities of known authorities with a bad signature and no good one. */
  readonly bad: string[]
  /** More than half of the known authorities signed well. */
  readonly accepted: boolean
}

/** Whether the certified key made this signature of the digest. */
export function isSignatureGood(digest: Uint8Array, signature: ConsensusSignature, certificate: KeyCertificate): boolean {
  return (
    certificate.identity === signature.identity &&
    certificate.signingKeyDigest === signature.signingKeyDigest &&
    certificate.signingKey.verifyRaw(digest, signature.signature)
  )
}

/**
 * Checks the signatures (dir-spec 3.4.1 "directory-signature", 5.1): more than half of the distinct authorities must have signed. However often
 * a document repeats a signer, it counts once; strangers do not count. `certificates` must come from `parseKeyCertificate`, which verified them.
 * @param authorities v3idents (40 upper-case hex) of the authorities we trust
 * @param now ms; certificates that expired before do not count. Left out: expiry is not looked at
 */
export function verifyConsensus(
  consensus: Pick<Consensus, 'flavor' | 'digest' | 'signatures'>,
  certificates: readonly KeyCertificate[],
  authorities: readonly string[],
  now = Number.NEGATIVE_INFINITY,
): ConsensusVerdict {
  const known = new Set(authorities)
  const algorithm = consensus.flavor === 'ns' ? 'sha1' : 'sha256'
  const good = new Set<string>()
  const bad = new Set<string>()
  const missing = new Map<string, ConsensusVerdict['missing'][number]>()
  const tried = new Set<string>()
  for (const signature of consensus.signatures) {
    const { identity, signingKeyDigest } = signature
    const key = `${identity} ${signingKeyDigest}`
    if (!known.has(identity) || signature.algorithm !== algorithm || tried.has(key)) continue
    tried.add(key)
    const certificate = certificates.find(c => c.identity === identity && c.signingKeyDigest === signingKeyDigest && c.expires >= now)
    if (!certificate) missing.set(key, { identity, signingKeyDigest })
    else if (isSignatureGood(consensus.digest, signature, certificate)) good.add(identity)
    else bad.add(identity)
  }
  return {
    good: [...good],
    missing: [...missing.values()].filter(({ identity }) => !good.has(identity)),
    bad: [...bad].filter(identity => !good.has(identity)),
    accepted: good.size > known.size / 2,
  }
}

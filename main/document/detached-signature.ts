import { MalformedError } from '../lib/bytes.ts'
import type { ConsensusSignature } from './consensus.ts'
import { formatSignature } from './consensus-format.ts'
import type { Flavor } from './router-status.ts'
import { argumentsOf, checkLength, formatTime, hexDigest, Items, objectOf, parseTime, type Token, tokenize } from './tokens.ts'

/** In bytes. */
const MAX_LENGTH = 256 * 1024
const MAX_SIGNATURES = 256

/** What authorities send each other once they computed a consensus: its digests and their signatures (dir-spec 3.10). */
export interface DetachedSignatures {
  /** ms; the three times of the consensus. */
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  /** Digest of the signed part, upper-case hex: SHA-1 for ns, SHA-256 for microdesc. */
  readonly digests: ReadonlyMap<Flavor, string>
  readonly signatures: ReadonlyMap<Flavor, readonly ConsensusSignature[]>
}

/** The document; there must be a digest and a signature of the ns flavor. */
export function formatDetachedSignatures(value: DetachedSignatures): string {
  const ofFlavor = (flavor: Flavor) => [...(value.signatures.get(flavor) ?? [])].sort((a, b) => (a.identity < b.identity ? -1 : 1))
  const microdesc = value.digests.get('microdesc')
  return [
    `consensus-digest ${value.digests.get('ns') ?? ''}\n`,
    `valid-after ${formatTime(value.validAfter)}\n`,
    `fresh-until ${formatTime(value.freshUntil)}\n`,
    `valid-until ${formatTime(value.validUntil)}\n`,
    microdesc === undefined ? '' : `additional-digest microdesc sha256 ${microdesc}\n`,
    ...ofFlavor('microdesc').map(signature => formatSignature('additional-signature microdesc', 'microdesc', signature)),
    ...ofFlavor('ns').map(signature => formatSignature('directory-signature', 'ns', signature)),
  ].join('')
}

function parseSignature(token: Token, algorithm: 'sha1' | 'sha256', identity: string, signingKey: string): ConsensusSignature {
  return { algorithm, identity: hexDigest(identity), signingKeyDigest: hexDigest(signingKey), signature: objectOf(token, 'SIGNATURE') }
}

/** Digests and signatures of other flavors and algorithms are skipped. No signature is verified here. @throws MalformedError */
export function parseDetachedSignatures(text: string): DetachedSignatures {
  checkLength(text, MAX_LENGTH, 'detached signatures')
  const items = new Items(tokenize(text))
  const digests = new Map<Flavor, string>([['ns', hexDigest(argumentsOf(items.first('consensus-digest'), 1)[0]!)]])
  for (const token of items.all('additional-digest')) {
    const [flavor, algorithm, digest] = argumentsOf(token, 3) as [string, string, string]
    if (flavor === 'microdesc' && algorithm === 'sha256' && !digests.has('microdesc')) digests.set('microdesc', hexDigest(digest, 32))
  }
  const ns = items.all('directory-signature').map(token => {
    const [identity, signingKey] = argumentsOf(token, 2) as [string, string]
    return parseSignature(token, 'sha1', identity, signingKey)
  })
  const microdesc = items.all('additional-signature').flatMap(token => {
    const [flavor, algorithm, identity, signingKey] = argumentsOf(token, 4) as [string, string, string, string]
    return flavor === 'microdesc' && algorithm === 'sha256' ? parseSignature(token, 'sha256', identity, signingKey) : []
  })
  if (ns.length === 0 || ns.length + microdesc.length > MAX_SIGNATURES) throw new MalformedError('no signatures, or too many')
  return {
    validAfter: parseTime(items.one('valid-after').rest),
    freshUntil: parseTime(items.one('fresh-until').rest),
    validUntil: parseTime(items.one('valid-until').rest),
    digests,
    signatures: new Map([
      ['ns', ns],
      ['microdesc', microdesc],
    ]),
  }
}

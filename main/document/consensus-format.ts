import { sha1, sha256 } from '../crypto/digest.ts'
import type { RsaPrivateKey } from '../crypto/rsa.ts'
import type { Consensus, ConsensusSignature, SharedRandom } from './consensus.ts'
import { type Flavor, formatFlags, formatRouterHead, type RouterStatus } from './router-status.ts'
import { formatKeyValues } from './status-document.ts'
import { encodeObject, formatTime } from './tokens.ts'

/** The values of a consensus, before anybody signs it. */
export type ConsensusFields = Omit<Consensus, 'flavor' | 'byFingerprint' | 'signatures' | 'text' | 'digest' | 'sha3Digest'>

function formatSharedRandom(keyword: string, random: SharedRandom | undefined): string {
  return random ? `${keyword} ${random.reveals} ${random.value.toString('base64')}\n` : ''
}

function formatEntry(router: RouterStatus, flavor: Flavor): string {
  return [
    formatRouterHead(router, flavor),
    flavor === 'microdesc' && router.microdescriptorDigest ? `m ${router.microdescriptorDigest}\n` : '',
    formatFlags(router.flags),
    router.version === undefined ? '' : `v ${router.version}\n`,
    `pr ${router.protocols}\n`,
    `w Bandwidth=${router.bandwidth}${router.unmeasured ? ' Unmeasured=1' : ''}\n`,
    flavor === 'ns' && router.portSummary ? `p ${router.portSummary}\n` : '',
  ].join('')
}

/** The document without signatures: everything from the first line through the footer, lines in the order C tor writes them. */
export function formatConsensus(flavor: Flavor, fields: ConsensusFields): string {
  const authorities = [...fields.authorities].sort((a, b) => (a.identity < b.identity ? -1 : 1))
  const routers = [...fields.routers].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  const params = formatKeyValues(fields.params)
  return [
    `network-status-version 3${flavor === 'ns' ? '' : ` ${flavor}`}\n`,
    'vote-status consensus\n',
    `consensus-method ${fields.consensusMethod}\n`,
    `valid-after ${formatTime(fields.validAfter)}\n`,
    `fresh-until ${formatTime(fields.freshUntil)}\n`,
    `valid-until ${formatTime(fields.validUntil)}\n`,
    `voting-delay ${fields.voteSeconds} ${fields.distSeconds}\n`,
    `client-versions ${fields.clientVersions.join(',')}\n`,
    `server-versions ${fields.serverVersions.join(',')}\n`,
    `known-flags ${[...fields.knownFlags].sort().join(' ')}\n`,
    `recommended-client-protocols ${fields.recommendedClientProtocols}\n`,
    `recommended-relay-protocols ${fields.recommendedRelayProtocols}\n`,
    `required-client-protocols ${fields.requiredClientProtocols}\n`,
    `required-relay-protocols ${fields.requiredRelayProtocols}\n`,
    params === '' ? '' : `params ${params}\n`,
    formatSharedRandom('shared-rand-previous-value', fields.sharedRandomPrevious),
    formatSharedRandom('shared-rand-current-value', fields.sharedRandomCurrent),
    ...authorities.map(
      ({ nickname, identity, hostname, address, dirPort, orPort, contact, voteDigest }) =>
        `dir-source ${nickname} ${identity} ${hostname} ${address} ${dirPort} ${orPort}\n` +
        (contact === undefined ? '' : `contact ${contact}\n`) +
        (voteDigest === undefined ? '' : `vote-digest ${voteDigest}\n`),
    ),
    ...routers.map(router => formatEntry(router, flavor)),
    'directory-footer\n',
    fields.bandwidthWeights.size === 0 ? '' : `bandwidth-weights ${formatKeyValues(fields.bandwidthWeights)}\n`,
  ].join('')
}

/** The digest that signatures of an unsigned document (of {@link formatConsensus}) sign: SHA-1 (ns) or SHA-256 (microdesc). */
function consensusDigest(flavor: Flavor, body: string): Buffer {
  return (flavor === 'ns' ? sha1 : sha256)(Buffer.from(`${body}directory-signature `))
}

/** An authority's signature; `identity` is its v3ident in hex, `key` its signing key. */
export function signConsensus(
  flavor: Flavor,
  body: string,
  signer: { readonly identity: string; readonly key: RsaPrivateKey },
): ConsensusSignature {
  return {
    algorithm: flavor === 'ns' ? 'sha1' : 'sha256',
    identity: signer.identity,
    signingKeyDigest: signer.key.fingerprint.toString('hex').toUpperCase(),
    signature: signer.key.signRaw(consensusDigest(flavor, body)),
  }
}

/** One signature as it stands in a document; `keyword` with what comes before the algorithm. */
export function formatSignature(
  keyword: string,
  flavor: Flavor,
  { algorithm, identity, signingKeyDigest, signature }: ConsensusSignature,
): string {
  return `${keyword} ${flavor === 'ns' ? '' : `${algorithm} `}${identity} ${signingKeyDigest}\n${encodeObject('SIGNATURE', signature)}`
}

/** The document with its signatures, one for each identity, sorted. */
export function assembleConsensus(flavor: Flavor, body: string, signatures: readonly ConsensusSignature[]): string {
  const byIdentity = new Map(signatures.map(signature => [signature.identity, signature]))
  const sorted = [...byIdentity.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1))
  return body + sorted.map(signature => formatSignature('directory-signature', flavor, signature)).join('')
}

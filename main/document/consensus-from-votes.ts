import { MalformedError } from '../lib/bytes.ts'
import { type BandwidthTotals, computeBandwidthWeights } from './bandwidth-weights.ts'
import { type ConsensusFields, formatConsensus } from './consensus-format.ts'
import { compareText, lowMedian, moreFrequentThan } from './majority.ts'
import { Protocols } from './protocols.ts'
import type { Flavor, RouterStatus } from './router-status.ts'
import { collateVotes, type EntryRules, mergeEntries } from './router-vote.ts'
import { compareTorVersions } from './tor-version.ts'
import type { Vote } from './vote.ts'

/** Consensus methods that {@link computeConsensus} knows; what a vote should list. */
const CONSENSUS_METHODS: readonly number[] = [32, 33, 34, 35]
/** From this method on, the microdesc flavor does not say when descriptors were published. */
const METHOD_NO_PUBLISHED = 33
/** How many authorities must name a parameter at least, or more than half of all. */
const MIN_VOTES_FOR_PARAM = 3
/** Most that a relay without measurements can weigh where authorities measure, in kB/s. */
const DEFAULT_MAX_UNMEASURED = 20
const DEFAULT_WEIGHT_SCALE = 10_000
/** Consensuses differ in this flag only; it is not voted on. */
const NO_ED_CONSENSUS = 'NoEdConsensus'

/** The highest method that more than two thirds of the voters support. */
function agreeOnMethod(votes: readonly Vote[]): number {
  const methods = votes.flatMap(({ consensusMethods }) => [...new Set(consensusMethods)]).map(String)
  const agreed = moreFrequentThan(methods, Math.floor((votes.length * 2) / 3)).map(Number)
  const method = Math.max(1, ...agreed)
  if (!CONSENSUS_METHODS.includes(method)) throw new MalformedError(`the votes ask for consensus method ${method}`)
  return method
}

function agreeOnParams(votes: readonly Vote[], authorities: number): ReadonlyMap<string, number> {
  const names = [...new Set(votes.flatMap(({ params }) => [...params.keys()]))].sort()
  const agreed = names.flatMap(name => {
    const values = votes.flatMap(({ params }) => params.get(name) ?? [])
    return values.length > authorities / 2 || values.length >= MIN_VOTES_FOR_PARAM ? [[name, lowMedian(values)] as const] : []
  })
  return new Map(agreed)
}

/** Versions that more than half of those recommend who recommend any, oldest first. */
function agreeOnVersions(lists: readonly (readonly string[] | undefined)[]): string[] {
  const given = lists.filter(list => list !== undefined)
  const all = given.flatMap(list => [...new Set(list)]).sort(compareTorVersions)
  return moreFrequentThan(all, Math.floor(given.length / 2))
}

function agreeOnProtocols(lists: readonly string[], threshold: number): Protocols {
  return Protocols.vote(lists.map(Protocols.parse), threshold)
}

/** Exits that are called bad do not count as exits. */
function addUp(routers: readonly RouterStatus[]): BandwidthTotals {
  const totals = { guard: 1n, middle: 1n, exit: 1n, both: 1n, total: 4n }
  for (const { flags, bandwidth } of routers) {
    const isExit = flags.has('Exit') && !flags.has('BadExit')
    const kind = isExit ? (flags.has('Guard') ? 'both' : 'exit') : flags.has('Guard') ? 'guard' : 'middle'
    totals[kind] += BigInt(bandwidth)
    totals.total += BigInt(bandwidth)
  }
  return totals
}

/**
 * The unsigned consensus (for `signConsensus`, `assembleConsensus`) that follows from the votes, dir-spec 3.8: the same bytes at every authority,
 * in whatever order it got the votes, and the same bytes as C tor's for methods 32 to 35. Two things are left out, which C tor's
 * authorities would add: shared random values, and `package` lines (method 32 and 33).
 *
 * @param votes verified, from authorities of the network, one of each
 * @param options.authorities how many authorities the network has
 * @throws MalformedError when too few voted, one voted twice, or they agree on no method that we know
 */
export function computeConsensus(votes: readonly Vote[], flavor: Flavor, options: { readonly authorities: number }): string {
  const { authorities } = options
  const identities = new Set(votes.map(({ authority }) => authority.identity))
  if (identities.size !== votes.length || votes.length > authorities) throw new MalformedError('an authority voted twice')
  if (votes.length <= authorities / 2) throw new MalformedError('too few votes')
  const sorted = [...votes].sort((a, b) => compareText(a.authority.identity, b.authority.identity))
  const method = agreeOnMethod(sorted)
  const params = agreeOnParams(sorted, authorities)
  const median = (pick: (vote: Vote) => number) => lowMedian(sorted.map(pick))
  const knownFlags = [...new Set([...sorted.flatMap(vote => vote.knownFlags), NO_ED_CONSENSUS])].sort()
  const rules: EntryRules = {
    authorities,
    method,
    knownFlags,
    flagVoters: new Map(knownFlags.map(flag => [flag, sorted.filter(vote => vote.knownFlags.includes(flag)).length])),
    maxUnmeasured: Math.max(1, params.get('maxunmeasuredbw') ?? DEFAULT_MAX_UNMEASURED),
    measurers: sorted.filter(vote => vote.routers.some(({ measured }) => measured !== undefined)).length,
  }
  const merged = collateVotes(sorted, authorities).flatMap(entries => mergeEntries(entries, rules) ?? [])
  const half = Math.ceil(authorities / 2)
  const twoThirds = Math.ceil((authorities * 2) / 3)
  const fields: ConsensusFields = {
    consensusMethod: method,
    validAfter: median(vote => vote.validAfter),
    freshUntil: median(vote => vote.freshUntil),
    validUntil: median(vote => vote.validUntil),
    voteSeconds: median(vote => vote.voteSeconds),
    distSeconds: median(vote => vote.distSeconds),
    clientVersions: agreeOnVersions(sorted.map(vote => vote.clientVersions)),
    serverVersions: agreeOnVersions(sorted.map(vote => vote.serverVersions)),
    knownFlags,
    recommendedClientProtocols: agreeOnProtocols(
      sorted.map(vote => vote.recommendedClientProtocols),
      half,
    ),
    recommendedRelayProtocols: agreeOnProtocols(
      sorted.map(vote => vote.recommendedRelayProtocols),
      half,
    ),
    requiredClientProtocols: agreeOnProtocols(
      sorted.map(vote => vote.requiredClientProtocols),
      twoThirds,
    ),
    requiredRelayProtocols: agreeOnProtocols(
      sorted.map(vote => vote.requiredRelayProtocols),
      twoThirds,
    ),
    params,
    bandwidthWeights: computeBandwidthWeights(addUp(merged), Math.max(1, params.get('bwweightscale') ?? DEFAULT_WEIGHT_SCALE)),
    authorities: sorted.map(vote => ({ ...vote.authority, contact: vote.authority.contact ?? '', voteDigest: vote.digest })),
    routers: flavor === 'ns' ? merged : merged.flatMap(router => forMicrodesc(router, method)),
  }
  return formatConsensus(flavor, fields)
}

/** Relays without a microdescriptor are not in that flavor. */
function forMicrodesc(router: RouterStatus, method: number): RouterStatus[] {
  if (router.microdescriptorDigest === undefined) return []
  return [method >= METHOD_NO_PUBLISHED ? { ...router, published: Date.UTC(2038, 0, 1) } : router]
}

import { formatHostPort, ipToBytes } from '../lib/ip.ts'
import { compareText, lowMedian, mostFrequent } from './majority.ts'
import { PortSummary } from './port-summary.ts'
import { Protocols } from './protocols.ts'
import type { RouterStatus, VoteRouter } from './router-status.ts'
import { compareTorVersions } from './tor-version.ts'
import type { Vote } from './vote.ts'

/** What the votes say about one relay. */
export interface RelayEntries {
  readonly entries: readonly VoteRouter[]
  /** For how many of them the Ed25519 identity is the agreed one. */
  readonly edAgreed: number
}

/** What holds for all relays of the consensus being made. */
export interface EntryRules {
  /** How many authorities the network has. */
  readonly authorities: number
  readonly method: number
  readonly knownFlags: readonly string[]
  /** How many votes have an opinion on the flag. */
  readonly flagVoters: ReadonlyMap<string, number>
  /** kB/s */
  readonly maxUnmeasured: number
  /** How many votes measure bandwidth. */
  readonly measurers: number
}

/** Measurements count from three on. */
const MIN_MEASUREMENTS = 3
/** A middle-only relay has none of these. */
const NOT_MIDDLE_ONLY = ['Exit', 'V2Dir', 'Guard', 'HSDir']

/**
 * Puts together what is about one relay (dir-spec 3.8.0.1): entries with one (Ed25519, RSA) pair when more than half of all authorities list that
 * pair, joined by those that say nothing about Ed25519; else all with one RSA identity when they are more than half. Sorted by RSA identity.
 */
export function collateVotes(votes: readonly Vote[], authorities: number): RelayEntries[] {
  const byRsa = new Map<string, VoteRouter[]>()
  for (const router of votes.flatMap(vote => vote.routers)) {
    const known = byRsa.get(router.fingerprint)
    if (known) known.push(router)
    else byRsa.set(router.fingerprint, [router])
  }
  const found: [fingerprint: string, RelayEntries][] = []
  for (const [fingerprint, entries] of byRsa) {
    if (entries.length <= authorities / 2) continue
    const pair = mostFrequent(entries.flatMap(({ ed25519Identity }) => ed25519Identity ?? []))
    const same = entries.filter(({ ed25519Identity }) => ed25519Identity === pair && pair !== undefined)
    if (same.length > authorities / 2) {
      found.push([
        fingerprint,
        { entries: entries.filter(({ ed25519Identity }) => (ed25519Identity ?? pair) === pair), edAgreed: same.length },
      ])
    } else found.push([fingerprint, { entries, edAgreed: 0 }])
  }
  return found.sort(([a], [b]) => compareText(a, b)).map(([, entries]) => entries)
}

const compareAddress = (a: string, b: string) => Buffer.compare(ipToBytes(a)!, ipToBytes(b)!)

/** Order of entries that name different descriptors; 0 when they are of the same one. Only colliding digests get past the first line. */
function compareEntries(a: VoteRouter, b: VoteRouter): number {
  return (
    compareText(a.descriptorDigest, b.descriptorDigest) ||
    b.published - a.published ||
    compareText(b.nickname, a.nickname) ||
    compareAddress(a.address, b.address) ||
    b.orPort - a.orPort ||
    b.dirPort - a.dirPort
  )
}

/** The entries of the descriptor that most name; of several the later published, then the one with the smaller digest. */
function agreeOnDescriptor(entries: readonly VoteRouter[]): readonly VoteRouter[] {
  const sorted = [...entries].sort(compareEntries)
  let best: readonly VoteRouter[] = []
  for (let i = 0; i < sorted.length; ) {
    const same = sorted.filter(entry => compareEntries(entry, sorted[i]!) === 0)
    const later = best.length === 0 || same[0]!.published > best[0]!.published
    if (same.length > best.length || (same.length === best.length && later)) best = same
    i += same.length
  }
  return best
}

function agreeOnFlags({ entries, edAgreed }: RelayEntries, rules: EntryRules): Set<string> {
  const flags = new Set<string>()
  for (const flag of rules.knownFlags) {
    const voters = flag === 'NoEdConsensus' ? undefined : rules.flagVoters.get(flag)!
    const count = entries.filter(entry => entry.flags.has(flag)).length
    if (voters === undefined ? edAgreed <= rules.authorities / 2 : count > Math.floor(voters / 2)) flags.add(flag)
  }
  if (flags.has('MiddleOnly')) {
    for (const flag of NOT_MIDDLE_ONLY) flags.delete(flag)
    if (rules.knownFlags.includes('BadExit')) flags.add('BadExit')
  }
  return flags
}

function agreeOnBandwidth(entries: readonly VoteRouter[], rules: EntryRules): { bandwidth: number; unmeasured: boolean } {
  const measured = entries.flatMap(entry => entry.measured ?? [])
  if (measured.length >= MIN_MEASUREMENTS) return { bandwidth: lowMedian(measured), unmeasured: false }
  const claimed = lowMedian(entries.map(entry => entry.bandwidth))
  return { bandwidth: rules.measurers >= MIN_MEASUREMENTS ? Math.min(claimed, rules.maxUnmeasured) : claimed, unmeasured: true }
}

function agreeOnPorts(entries: readonly VoteRouter[], chosen: readonly VoteRouter[]): PortSummary | undefined {
  const summaries = (of: readonly VoteRouter[]) => of.flatMap(entry => entry.portSummary?.toString() ?? [])
  const text = mostFrequent(summaries(chosen)) ?? mostFrequent(summaries(entries))
  return text === undefined ? undefined : PortSummary.parse(text)
}

function agreeOnAddress6(chosen: readonly VoteRouter[]): RouterStatus['orAddresses6'] {
  const listed = chosen.flatMap(({ orAddresses6: [first] }) => first ?? [])
  const byText = new Map(listed.map(address => [formatHostPort(address.address, address.port), address]))
  const best = mostFrequent(
    listed.map(({ address, port }) => formatHostPort(address, port)),
    (a, b) => {
      const [x, y] = [byText.get(a)!, byText.get(b)!]
      return compareAddress(x.address, y.address) || y.port - x.port
    },
  )
  return best === undefined ? [] : [byText.get(best)!]
}

/**
 * What the consensus says about one relay; both flavors are made from it. `undefined` when too few list it or the majority does not
 * call it Running and Valid.
 */
export function mergeEntries(relay: RelayEntries, rules: EntryRules): RouterStatus | undefined {
  const { entries } = relay
  if (entries.length <= rules.authorities / 2) return undefined
  const flags = agreeOnFlags(relay, rules)
  if (!flags.has('Running') || !flags.has('Valid')) return undefined
  const chosen = agreeOnDescriptor(entries)
  const { nickname, fingerprint, descriptorDigest, published, address, orPort, dirPort } = chosen[0]!
  const digests = chosen.flatMap(entry => entry.microdescriptorDigests.get(rules.method) ?? [])
  return {
    nickname,
    fingerprint,
    descriptorDigest,
    microdescriptorDigest: mostFrequent(digests, (a, b) => Buffer.compare(Buffer.from(a, 'base64'), Buffer.from(b, 'base64'))),
    published,
    address,
    orPort,
    dirPort,
    orAddresses6: agreeOnAddress6(chosen),
    flags,
    version: mostFrequent(
      entries.flatMap(entry => entry.version || []),
      compareTorVersions,
    ),
    protocols: Protocols.parse(mostFrequent(entries.map(entry => entry.protocols.toString())) ?? ''),
    ...agreeOnBandwidth(entries, rules),
    portSummary: agreeOnPorts(entries, chosen),
  }
}

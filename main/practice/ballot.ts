import { makeMicrodescriptor, microdescriptorDigest } from '../document/microdescriptor.ts'
import { type VoteFields, type VoteRouter, versionFromPlatform } from '../document/vote.ts'
import {
  computeThresholds,
  credibleBandwidth,
  type FlagOptions,
  type FlagThresholds,
  KNOWN_FLAGS,
  type RelayOpinion,
  voteFlags,
} from './flags.ts'

/** How these authorities can make a consensus; one way is enough, as they are all alike. */
const CONSENSUS_METHODS: readonly number[] = [33]

/** What today's C tor authorities (0.4.9) recommend and require; a relay that lacks a required one is to stop itself. */
const RELAY_PROTOCOLS = 'Cons=2 Desc=2 DirCache=2 FlowCtrl=1-2 HSDir=2 HSIntro=4-5 HSRend=2 Link=4-5 LinkAuth=3 Microdesc=2 Relay=2-4'
const RECOMMENDED_CLIENT_PROTOCOLS = 'Cons=2 Desc=2 DirCache=2 FlowCtrl=1-2 HSDir=2 HSIntro=4 HSRend=2 Link=4-5 Microdesc=2 Relay=2-4'
const REQUIRED_CLIENT_PROTOCOLS = 'Cons=2 Desc=2 FlowCtrl=1 Link=4 Microdesc=2 Relay=2'

/** What the vote says besides the relays. */
export type BallotHead = Pick<
  VoteFields,
  'published' | 'validAfter' | 'freshUntil' | 'validUntil' | 'voteSeconds' | 'distSeconds' | 'params' | 'authority' | 'certificate'
>

export interface Ballot {
  readonly fields: VoteFields
  /** Texts of the microdescriptors it names, by digest. */
  readonly microdescriptors: ReadonlyMap<string, string>
}

/** `flag-thresholds`: seconds, bytes/s, and the WFU in percent (dir-spec 3.4.1). */
function thresholdItems(thresholds: FlagThresholds): ReadonlyMap<string, number> {
  return new Map([
    ['stable-uptime', Math.floor(thresholds.stableUptime / 1000)],
    ['stable-mtbf', Math.floor(thresholds.stableMtbf / 1000)],
    ['fast-speed', thresholds.fastSpeed * 1000],
    ['guard-wfu', thresholds.guardWfu * 100],
    ['guard-tk', Math.floor(thresholds.guardTimeKnown / 1000)],
    ['guard-bw-inc-exits', thresholds.guardBandwidthWithExits * 1000],
    ['guard-bw-exc-exits', thresholds.guardBandwidthWithoutExits * 1000],
    ['enough-mtbf', thresholds.enoughMtbf ? 1 : 0],
    ['ignoring-advertised-bws', 0],
  ])
}

function entry(
  relay: RelayOpinion,
  thresholds: FlagThresholds,
  options: FlagOptions,
  now: number,
  microdescriptors: Map<string, string>,
): VoteRouter {
  const { descriptor, record } = relay
  const text = makeMicrodescriptor(descriptor, CONSENSUS_METHODS[0])
  const digest = microdescriptorDigest(text)
  microdescriptors.set(digest, text)
  return {
    nickname: descriptor.nickname,
    fingerprint: descriptor.fingerprint,
    descriptorDigest: descriptor.digest,
    published: descriptor.published,
    address: descriptor.address,
    orPort: descriptor.orPort,
    dirPort: descriptor.dirPort,
    // These authorities do not test IPv6, so they vouch for no IPv6 address (C tor AuthDirHasIPv6Connectivity 0).
    orAddresses6: [],
    flags: voteFlags(relay, thresholds, options, now),
    version: versionFromPlatform(descriptor.platform),
    protocols: descriptor.protocols,
    bandwidth: credibleBandwidth(descriptor),
    unmeasured: false,
    portSummary: descriptor.exitPolicy.summary(),
    ed25519Identity: descriptor.ed25519Identity.toString('base64').replace(/=+$/, ''),
    microdescriptorDigests: new Map(CONSENSUS_METHODS.map(method => [method, digest])),
    stats: { wfu: record.wfu, timeKnown: Math.floor(record.timeKnown / 1000), mtbf: Math.floor(record.mtbf / 1000) },
  }
}

/** A vote (dir-spec 3.4.1) on all relays given. Only the text's signature is missing. */
export function makeBallot(head: BallotHead, relays: readonly RelayOpinion[], options: FlagOptions & { now: number }): Ballot {
  const { now } = options
  const thresholds = computeThresholds(relays, options, now)
  const microdescriptors = new Map<string, string>()
  const routers = [...relays]
    .sort((a, b) => (a.descriptor.fingerprint < b.descriptor.fingerprint ? -1 : 1))
    .map(relay => entry(relay, thresholds, options, now, microdescriptors))
  return {
    microdescriptors,
    fields: {
      ...head,
      consensusMethods: CONSENSUS_METHODS,
      knownFlags: KNOWN_FLAGS,
      recommendedRelayProtocols: RELAY_PROTOCOLS,
      requiredRelayProtocols: RELAY_PROTOCOLS,
      recommendedClientProtocols: RECOMMENDED_CLIENT_PROTOCOLS,
      requiredClientProtocols: REQUIRED_CLIENT_PROTOCOLS,
      flagThresholds: thresholdItems(thresholds),
      routers,
    },
  }
}

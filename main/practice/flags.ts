import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { RelayRecord } from './relay-history.ts'

/** Everything an authority knows of a relay when it votes. */
export interface RelayOpinion {
  readonly descriptor: ServerDescriptor
  readonly record: RelayRecord
  /** Reached lately, or the authority's own relay. */
  readonly reachable: boolean
  readonly isAuthority: boolean
}

export interface FlagOptions {
  /** Certain to be Stable with an MTBF, or while there is too little history an uptime, of this length (ms). */
  readonly stableGuarantee: number
  /** Never more than this weighted time known (ms) is asked of a Guard. */
  readonly guardTimeKnown: number
  readonly hsDirUptime: number
  /** There is enough history to go by MTBF. */
  readonly enoughHistory: boolean
}

/** What an authority's `flag-thresholds` line says. Times in ms, bandwidths in kB/s. */
export interface FlagThresholds {
  readonly stableUptime: number
  readonly stableMtbf: number
  readonly fastSpeed: number
  readonly guardWfu: number
  readonly guardTimeKnown: number
  readonly guardBandwidthWithExits: number
  readonly guardBandwidthWithoutExits: number
  readonly enoughMtbf: boolean
}

/** Flags these authorities have an opinion on, in the order of `known-flags`. */
export const KNOWN_FLAGS = ['Authority', 'Exit', 'Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'StaleDesc', 'V2Dir', 'Valid'] as const

const HOUR = 3_600_000
const MAX_DESCRIPTOR_AGE = 24 * HOUR
const STALE_AFTER = 18 * HOUR
/** No guard is asked for more than this WFU. C tor AuthDirVoteGuardGuaranteeWFU. */
const GUARD_WFU_GUARANTEE = 0.98
/** With this bandwidth (kB/s) a relay is Fast, and fast enough for Guard, for certain. C tor AuthDirFastGuarantee, AuthDirGuardBWGuarantee. */
const FAST_GUARANTEE = 100
const GUARD_BANDWIDTH_GUARANTEE = 2000
/** Half the bandwidth a relay is asked to have (75 kB/s): if the slowest eighth has less, the slowest quarter is looked at. */
const HALF_REQUIRED_BANDWIDTH = 37
/** Claims above this (bytes/s) are not believed. */
const MAX_BELIEVABLE_BANDWIDTH = 10_000_000
/**
 * Bytes/s that a relay is credited with before it has carried anything. Nobody measures bandwidth here, and a relay of weight 0 would never
 * be chosen and so never show more.
 */
const INITIAL_BANDWIDTH = 50_000

/** Bandwidth in kB/s by which a relay is judged: what it says it can do and has done, within bounds. */
export function credibleBandwidth(descriptor: ServerDescriptor): number {
  const { rate, observed } = descriptor.bandwidth
  return Math.floor(Math.min(rate, Math.max(observed, INITIAL_BANDWIDTH), MAX_BELIEVABLE_BANDWIDTH) / 1000)
}

/** How long the relay itself says it has been up (ms), carried on from its descriptor to now. */
function claimedUptime(descriptor: ServerDescriptor, now: number): number {
  return descriptor.uptimeSeconds * 1000 + Math.max(0, now - descriptor.published)
}

function isRunning(relay: RelayOpinion): boolean {
  return relay.reachable && !relay.descriptor.hibernating
}

function isActive(relay: RelayOpinion, now: number): boolean {
  return isRunning(relay) && relay.descriptor.published >= now - MAX_DESCRIPTOR_AGE
}

/** A directory cache that clients can ask. */
function isV2Dir({ descriptor }: RelayOpinion): boolean {
  return descriptor.tunnelledDirServer || descriptor.dirPort > 0
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

/** The lower of the two middle values when their number is even; 0 of none. */
function lowMedian(values: readonly number[]): number {
  return sorted(values)[Math.floor((values.length - 1) / 2)] ?? 0
}

/**
 * The thresholds that follow from all relays of a vote (dir-spec 3.4.2; C tor dirserv_compute_performance_thresholds). Unlike C tor, the
 * guarantee caps the printed Stable thresholds too, as it does for Guard: the vote then says what is really asked of a newcomer.
 */
export function computeThresholds(relays: readonly RelayOpinion[], options: FlagOptions, now: number): FlagThresholds {
  const active = relays.filter(relay => isActive(relay, now))
  const bandwidths = sorted(active.map(relay => credibleBandwidth(relay.descriptor)))
  const withoutExits = sorted(
    active.filter(relay => !relay.descriptor.exitPolicy.isExitFlagWorthy()).map(relay => credibleBandwidth(relay.descriptor)),
  )
  const at = (list: readonly number[], share: number): number => list[Math.floor(list.length * share)] ?? 0
  let fastSpeed = at(bandwidths, 1 / 8)
  if (fastSpeed < HALF_REQUIRED_BANDWIDTH) fastSpeed = at(bandwidths, 1 / 4)
  const guardTimeKnown = Math.min(at(sorted(active.map(relay => relay.record.timeKnown)), 1 / 8), options.guardTimeKnown)
  const familiar = active.filter(relay => relay.record.timeKnown >= guardTimeKnown)
  return {
    stableUptime: Math.min(lowMedian(active.map(relay => claimedUptime(relay.descriptor, now))), options.stableGuarantee),
    stableMtbf: Math.min(lowMedian(active.map(relay => relay.record.mtbf)), options.stableGuarantee),
    fastSpeed: Math.min(fastSpeed, FAST_GUARANTEE),
    guardWfu: Math.min(lowMedian(familiar.map(relay => relay.record.wfu)), GUARD_WFU_GUARANTEE),
    guardTimeKnown,
    guardBandwidthWithExits: at(bandwidths, 3 / 4),
    guardBandwidthWithoutExits: at(withoutExits, 3 / 4),
    enoughMtbf: options.enoughHistory,
  }
}

/** The flags an authority votes for a relay (dir-spec 3.4.2; C tor dirauth_set_routerstatus_from_routerinfo). */
export function voteFlags(relay: RelayOpinion, thresholds: FlagThresholds, options: FlagOptions, now: number): Set<string> {
  const { descriptor, record } = relay
  const flags = new Set<string>(['Valid'])
  const bandwidth = credibleBandwidth(descriptor)
  if (relay.isAuthority) flags.add('Authority')
  if (isRunning(relay)) flags.add('Running')
  if (descriptor.exitPolicy.isExitFlagWorthy()) flags.add('Exit')
  if (isV2Dir(relay)) flags.add('V2Dir')
  if (descriptor.published < now - STALE_AFTER) flags.add('StaleDesc')
  if (!isActive(relay, now)) return flags
  const isStable = thresholds.enoughMtbf ? record.mtbf >= thresholds.stableMtbf : claimedUptime(descriptor, now) >= thresholds.stableUptime
  const isFast = bandwidth >= thresholds.fastSpeed
  if (isStable) flags.add('Stable')
  if (isFast) flags.add('Fast')
  if (!isStable || !isFast) return flags
  const uptime = options.enoughHistory ? Math.min(record.runningFor, claimedUptime(descriptor, now)) : claimedUptime(descriptor, now)
  if (descriptor.hiddenServiceDir && descriptor.tunnelledDirServer && uptime >= options.hsDirUptime) flags.add('HSDir')
  const guardBandwidth = Math.min(thresholds.guardBandwidthWithExits, thresholds.guardBandwidthWithoutExits)
  if (
    descriptor.tunnelledDirServer &&
    (bandwidth >= GUARD_BANDWIDTH_GUARANTEE || bandwidth >= guardBandwidth) &&
    record.wfu >= thresholds.guardWfu &&
    record.timeKnown >= thresholds.guardTimeKnown
  )
    flags.add('Guard')
  return flags
}

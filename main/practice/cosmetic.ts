import type { ServerDescriptor } from '../document/server-descriptor.ts'

const HOUR = 3_600_000
/** After this long a new descriptor is taken even if it says nothing new. C tor ROUTER_MAX_COSMETIC_TIME_DIFFERENCE. */
const COSMETIC_FOR = 2 * HOUR
/** So much (seconds), and one part in twenty, may claimed uptimes be off before it means a restart. C tor ROUTER_ALLOW_UPTIME_DRIFT. */
const UPTIME_DRIFT = 6 * 3600

function sameText(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase()
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}

/**
 * True when a newer descriptor of the same relay says nothing that counts (C tor router_differences_are_cosmetic). `proto`, the ntor key,
 * extra-info digests and lines unknown to C tor, those of perspective access among them, do not count.
 */
export function differencesAreCosmetic(older: ServerDescriptor, newer: ServerDescriptor): boolean {
  const elapsed = (newer.published - older.published) / 1000
  const uptimeError = Math.abs(newer.uptimeSeconds - (older.uptimeSeconds + elapsed))
  return (
    older.address === newer.address &&
    older.orPort === newer.orPort &&
    older.dirPort === newer.dirPort &&
    older.orAddress6?.address === newer.orAddress6?.address &&
    older.orAddress6?.port === newer.orAddress6?.port &&
    sameText(older.nickname, newer.nickname) &&
    sameBytes(older.tapOnionKey, newer.tapOnionKey) &&
    sameText(older.platform, newer.platform) &&
    sameText(older.contact, newer.contact) &&
    older.hibernating === newer.hibernating &&
    older.exitPolicy.toDescriptorLines().join('\n') === newer.exitPolicy.toDescriptorLines().join('\n') &&
    older.tunnelledDirServer === newer.tunnelledDirServer &&
    sameText(older.family.join(' '), newer.family.join(' ')) &&
    older.bandwidth.observed >= Math.floor(newer.bandwidth.observed / 2) &&
    newer.bandwidth.observed >= Math.floor(older.bandwidth.observed / 2) &&
    older.bandwidth.rate === newer.bandwidth.rate &&
    older.bandwidth.burst === newer.bandwidth.burst &&
    newer.published - older.published <= COSMETIC_FOR &&
    !(uptimeError > UPTIME_DRIFT && uptimeError > older.uptimeSeconds * 0.05 && uptimeError > newer.uptimeSeconds * 0.05)
  )
}

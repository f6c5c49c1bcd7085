import type { ServerDescriptor } from '../document/server-descriptor.ts'
import { type IpAddress, ipToBytes, isSpecialAddress } from '../lib/ip.ts'
import type { GroupShares } from './perspective-limits.ts'

/** A group of peers that share quotas: the key is the same for all of them. */
export interface PeerGroup {
  readonly kind: keyof GroupShares
  readonly key: string
}

export interface GroupSources {
  /**
   * The autonomous system of an address. Where it is not known, the country with the first 16 bits of an IPv4 (32 of an IPv6) address stands for it,
   * which splits large systems and joins small neighbours.
   */
  systemOf?(address: IpAddress): string | undefined
  countryOf(address: IpAddress): string | undefined
  /** For the check that a family is declared by both sides. */
  descriptor(fingerprint: string): Pick<ServerDescriptor, 'family'> | undefined
}

const MAX_FAMILY = 64

/**
 * The groups of a peer by the address it is listed at: address, network, system; and its family. Many small relays of one owner get no more than their
 * groups (T4). Special addresses are those of test networks, where one machine stands for the world: they make no groups.
 */
export function groupsOf(
  peer: { fingerprint: string; address: IpAddress; family: readonly string[]; familyIds: readonly string[] },
  sources: GroupSources,
): PeerGroup[] {
  const groups: PeerGroup[] = []
  const bytes = ipToBytes(peer.address)
  if (bytes && !isSpecialAddress(peer.address)) {
    const [one, network, wide] = bytes.length === 4 ? [4, 3, 2] : [8, 6, 4]
    const hex = (length: number) => bytes.toString('hex', 0, length)
    groups.push({ kind: 'address', key: `address ${hex(one!)}` }, { kind: 'network', key: `network ${hex(network!)}` })
    const system = sources.systemOf?.(peer.address) ?? `${sources.countryOf(peer.address) ?? '??'} ${hex(wide!)}`
    groups.push({ kind: 'system', key: `system ${system}` })
  }
  for (const id of peer.familyIds.slice(0, MAX_FAMILY)) groups.push({ kind: 'family', key: `family ${id}` })
  const eldest = eldestOfFamily(peer, sources)
  if (eldest) groups.push({ kind: 'family', key: `family ${eldest}` })
  return groups
}

const fingerprintOf = (member: string) =>
  /^\$?[0-9A-Fa-f]{40}/.test(member) ? member.replace(/^\$/, '').slice(0, 40).toUpperCase() : undefined

/** The smallest fingerprint of a family that declares itself on both sides; `undefined` without one. */
function eldestOfFamily(peer: { fingerprint: string; family: readonly string[] }, sources: GroupSources): string | undefined {
  let eldest: string | undefined
  for (const member of peer.family.slice(0, MAX_FAMILY)) {
    const fingerprint = fingerprintOf(member)
    if (!fingerprint || fingerprint === peer.fingerprint) continue
    const mutual = sources.descriptor(fingerprint)?.family.some(other => fingerprintOf(other) === peer.fingerprint)
    if (mutual && (eldest === undefined || fingerprint < eldest)) eldest = fingerprint
  }
  return eldest === undefined || peer.fingerprint < eldest ? eldest && peer.fingerprint : eldest
}

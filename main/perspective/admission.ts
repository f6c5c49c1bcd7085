import { PaStatusCode } from '../cell/pa.ts'
import type { PeerIdentity } from '../channel/link-handshake.ts'
import type { RouterStatus } from '../document/consensus.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'

/** The three doors a peer must keep open, in the order in which they are tested. */
const DOORS = ['or', 'dir', 'pa'] as const
export type Door = (typeof DOORS)[number]

/** What admission needs to know of our own, verified directory; never of what a peer says. */
export interface AdmissionDirectory {
  isLive(): boolean
  status(fingerprint: string): RouterStatus | undefined
  /** The newest verified descriptor of a listed relay. */
  descriptor(fingerprint: string): ServerDescriptor | undefined
  /** When the next consensus is to be expected, ms. */
  readonly nextAt?: number | undefined
}

/** A listed peer that passed the first steps. */
export interface ListedPeer {
  readonly fingerprint: string
  readonly status: RouterStatus
  readonly descriptor: ServerDescriptor
}

export type ListingVerdict =
  | { readonly kind: 'listed'; readonly peer: ListedPeer }
  | { readonly kind: 'refused'; readonly status: PaStatusCode; readonly fingerprint: string | undefined }

const UNUSABLE: Record<Door, PaStatusCode> = {
  or: PaStatusCode.OR_PORT_UNUSABLE,
  dir: PaStatusCode.DIR_PORT_UNUSABLE,
  pa: PaStatusCode.PA_PORT_UNUSABLE,
}

export function unusableStatus(door: Door): PaStatusCode {
  return UNUSABLE[door]
}

/** Every address from which a relay may call: those that the consensus or its signed descriptor list as its OR addresses. */
function listedAddresses(peer: ListedPeer): IpAddress[] {
  const six = peer.descriptor.orAddress6 ? [peer.descriptor.orAddress6.address] : []
  return [peer.status.address, peer.descriptor.address, ...peer.status.orAddresses6.map(entry => entry.address), ...six]
}

/**
 * Steps 1–3 of admission: proven identities, that pair in our own live consensus with the flags we ask for, and a connection from an
 * address that is listed for it. Pure: nothing is resolved, dialled or remembered. For a probe the flags Running and Stable are not
 * asked for, as a newcomer must be testable before it can be admitted; everything else is.
 */
export function checkListing(
  caller: { identity: PeerIdentity | undefined; remoteAddress: IpAddress; purpose: 'browse' | 'probe' },
  directory: AdmissionDirectory,
  admits: 'running' | 'stable',
): ListingVerdict {
  const { identity, remoteAddress, purpose } = caller
  if (!identity) return { kind: 'refused', status: PaStatusCode.NOT_AUTHENTICATED, fingerprint: undefined }
  const fingerprint = identity.rsaIdentity.toString('hex').toUpperCase()
  const refused = (status: PaStatusCode): ListingVerdict => ({ kind: 'refused', status, fingerprint })
  if (!directory.isLive()) return refused(PaStatusCode.DIRECTORY_NOT_LIVE)
  const status = directory.status(fingerprint)
  if (!status?.flags.has('Valid')) return refused(PaStatusCode.NOT_LISTED)
  const descriptor = directory.descriptor(fingerprint)
  // A listed relay whose descriptor has not reached us yet: the pair of identities cannot be judged, so ask it to come again.
  if (!descriptor) return refused(PaStatusCode.BUSY)
  if (!descriptor.ed25519Identity.equals(identity.ed25519Identity)) return refused(PaStatusCode.NOT_LISTED)
  if (purpose === 'browse') {
    if (!status.flags.has('Running')) return refused(PaStatusCode.NOT_RUNNING)
    if (admits === 'stable' && !status.flags.has('Stable')) return refused(PaStatusCode.NOT_STABLE)
  }
  const peer: ListedPeer = { fingerprint, status, descriptor }
  if (!listedAddresses(peer).includes(remoteAddress)) return refused(PaStatusCode.ADDRESS_DIFFERS)
  return { kind: 'listed', peer }
}

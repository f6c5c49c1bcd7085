import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { RouterStatus } from '../document/consensus.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { PerspectiveChoice } from './choice-name.ts'

/** A relay that offers perspective access: the consensus says so, and its signed descriptor says where and for whom. */
export interface Offer {
  readonly fingerprint: string
  readonly status: RouterStatus
  readonly descriptor: ServerDescriptor
  /** ISO 3166-1 alpha-2, lower case; '??' when the data base does not know. What the owner set comes before the data base. */
  readonly country: string
  /** The country is one that the owner set. */
  readonly corrected: boolean
}

export interface OfferOptions {
  readonly own: string
  countryOf(address: IpAddress, port: number): string | undefined
  /** The country that the owner set for a relay. */
  correctionOf?(fingerprint: string): string | undefined
}

/**
 * Every running relay that offers perspective access and whose descriptor has been parsed, but ourselves. An offer that is the same as in `before` (sorted,
 * as the consensus is) is the same object.
 */
export function perspectiveOffers(
  directory: Pick<NetworkDirectory, 'consensus' | 'parsedDescriptor'>,
  options: OfferOptions,
  before: readonly Offer[] = [],
): Offer[] {
  const offers: Offer[] = []
  let at = 0
  for (const router of directory.consensus?.routers ?? []) {
    if (router.fingerprint === options.own || !router.flags.has('Running') || !router.flags.has('Valid')) continue
    if (!router.protocols.supports('X-Perspective', 1)) continue
    // Thousands may have become members since we looked last; parsing their descriptors here would take seconds.
    const descriptor = directory.parsedDescriptor(router.fingerprint)
    if (descriptor?.perspective?.version !== 1 || !descriptor.perspectivePolicy) continue
    const correction = options.correctionOf?.(router.fingerprint)
    const country = correction ?? options.countryOf(router.address, router.orPort) ?? '??'
    while (at < before.length && before[at]!.fingerprint < router.fingerprint) at++
    const known = before[at]
    if (
      known?.status === router &&
      known.descriptor === descriptor &&
      known.country === country &&
      known.corrected === (correction !== undefined)
    )
      offers.push(known)
    else offers.push({ fingerprint: router.fingerprint, status: router, descriptor, country, corrected: correction !== undefined })
  }
  return offers
}

/** The countries that ordinary Tor circuits can end in, with how many exits; what is in `excluded` (fingerprints, countries) does not count. */
export function exitCountries(
  directory: Pick<NetworkDirectory, 'consensus'>,
  options: { own: string; countryOf(address: IpAddress, port: number): string | undefined; excluded: ReadonlySet<string> },
): { country: string; relays: number }[] {
  const counts = new Map<string, number>()
  for (const { fingerprint, flags, address, orPort } of directory.consensus?.routers ?? []) {
    if (!flags.has('Exit') || flags.has('BadExit') || !flags.has('Running') || !flags.has('Valid')) continue
    if (fingerprint === options.own || options.excluded.has(fingerprint)) continue
    const country = options.countryOf(address, orPort)
    if (country !== undefined && !options.excluded.has(country)) counts.set(country, (counts.get(country) ?? 0) + 1)
  }
  return [...counts].map(([country, relays]) => ({ country, relays })).sort((a, b) => a.country.localeCompare(b.country))
}

/** A list of the owner's: fingerprints and countries, under an id. */
export interface PlaceList {
  readonly id: string
  readonly places: readonly string[]
}

/** Tells the offers that were asked for from the others. A list that is not there (any more) has none. */
export function matcher(choice: PerspectiveChoice, lists: readonly PlaceList[] = []): (offer: Offer) => boolean {
  switch (choice.kind) {
    case 'any':
      return () => true
    case 'country':
      return offer => offer.country === choice.country
    case 'relay':
      return offer => offer.fingerprint === choice.fingerprint
    case 'list': {
      const places = new Set(lists.find(({ id }) => id === choice.list)?.places)
      return offer => places.has(offer.fingerprint) || places.has(offer.country)
    }
    case 'tor':
      return () => false
    default:
      return choice satisfies never
  }
}

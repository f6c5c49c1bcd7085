/** A relay of the practice network, before it has keys and ports. */
export interface MemberPlan {
  readonly nickname: string
  /** ISO 3166-1 alpha-2, lower case; a country of geography.ts. */
  readonly country: string
  readonly isAuthority: boolean
  /** Leads visitors of {@link TAMPERED_NAME} to an imposter, so that one can see how that looks. Honest in everything else. */
  readonly tampers?: boolean
}

const authority = (nickname: string, country: string): MemberPlan => ({ nickname, country, isAuthority: true })
const relay = (nickname: string, country: string): MemberPlan => ({ nickname, country, isAuthority: false })

/** Who makes up the practice network. The other relays exit and offer perspectives; the authorities, as everywhere, do neither. */
export const MEMBERS: readonly MemberPlan[] = [
  authority('Matterhorn', 'ch'),
  authority('Danube', 'at'),
  authority('Kattegat', 'dk'),
  relay('Linnaeus', 'se'),
  relay('Gewandhaus', 'de'),
  relay('Rembrandt', 'nl'),
  relay('Michigan', 'us'),
  relay('Dotonbori', 'jp'),
  { ...relay('Capibaribe', 'br'), tampers: true },
  relay('Lumiere', 'fr'),
]

/** The number of a country's practice relay, web site and newcomer in 127.<calling code>.0.<number>. */
export const RELAY_NUMBER = 10
export const SITE_NUMBER = 80
export const IMPOSTER_NUMBER = 81
/** Where the user's own relay lives in the practice world, and where the web site does. */
export const HOME_COUNTRY = 'no'
export const SITE_COUNTRY = 'gb'
/** Names of the web site; ".test" is nobody's (RFC 6761). Only a relay that tampers makes a difference between the two. */
export const SITE_NAME = 'practice.test'
export const TAMPERED_NAME = 'tampered.practice.test'

import type { PracticePlace } from './geography.ts'

/** An answer of the practice shop, as shops on the web really give them: other prices, another address, or none, by where one comes from. */
export interface Offer {
  readonly status: number
  readonly location?: string
  readonly title: string
  readonly lines: readonly string[]
}

const EURO = new Set(['at', 'be', 'de', 'es', 'fr', 'gr', 'it', 'nl'])
const PRICES: Readonly<Record<string, string>> = {
  se: '349 kr',
  no: '379 kr',
  dk: '259 kr',
  jp: '¥5,400',
  us: '$29',
  gb: '£27',
  ch: 'CHF 31',
}
/** Where the law is said to keep the shop shut. */
const SHUT = 'br'

/** What the shop says at /offers and, within the euro, at /offers/eu. */
export function offerFor(place: PracticePlace | undefined, path: string): Offer {
  const country = place?.country ?? ''
  const name = place?.countryName ?? 'this computer'
  if (country === SHUT) {
    return { status: 451, title: 'Not available', lines: [`The shop may not show itself in ${name}.`, 'Ask from elsewhere.'] }
  }
  if (EURO.has(country) && path === '/offers') return { status: 302, location: '/offers/eu', title: 'Moved', lines: ['Prices in euro'] }
  const price = EURO.has(country) ? '€32.90' : (PRICES[country] ?? '$33')
  return {
    status: 200,
    title: 'The practice shop',
    lines: [
      `Prices for ${name}`,
      `A lantern: ${price}`,
      'A pair of binoculars: sold out',
      EURO.has(country) ? 'You may send things back within 14 days.' : 'Things once bought are not taken back.',
      'Nothing here can really be bought.',
    ],
  }
}

import type { PlaceList } from '../../../shared/place-lists.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { allCountries } from './countries.ts'
import { folded } from './relay-index.ts'

/** What somebody typed as a place: one, none, or too many of that name. */
export type TypedPlace = { readonly place: string } | { readonly fault: 'unknown' | 'several' }

/** A country by its name or code, a member by its nickname, or any fingerprint with or without `$`, spaces passed over. */
export function placeTyped(text: string, relays: readonly PerspectiveRelay[]): TypedPlace {
  const plain = text.trim()
  const digits = plain.replace(/[\s$]/g, '').toUpperCase()
  if (/^[0-9A-F]{40}$/.test(digits)) return { place: digits }
  const name = folded(plain)
  const country = name === '' ? undefined : allCountries().find(one => one.code === name || folded(one.name) === name)
  if (country) return { place: country.code }
  const named = relays.filter(({ nickname }) => nickname.toLowerCase() === plain.toLowerCase())
  if (named.length > 1) return { fault: 'several' }
  return named[0] ? { place: named[0].fingerprint } : { fault: 'unknown' }
}

/** The lists with one of them changed. */
export function withList(lists: readonly PlaceList[], id: string, change: (list: PlaceList) => Partial<PlaceList>): PlaceList[] {
  return lists.map(list => (list.id === id ? { ...list, ...change(list) } : list))
}

/** How many members a list has now. */
export function membersOf({ places }: PlaceList, relays: readonly PerspectiveRelay[]): number {
  const set = new Set(places)
  return relays.filter(({ fingerprint, country }) => set.has(fingerprint) || set.has(country)).length
}

import { z } from 'zod'

/** A country code, or a fingerprint of 40 upper-case hex digits. */
export const place = z.string().regex(/^([0-9A-F]{40}|[a-z]{2})$/)

export const MAX_LISTS = 50
export const MAX_LIST_PLACES = 200
export const MAX_LIST_NAME = 40

/** How a list is named where only plain letters go: in a SOCKS5 user name, and in a choice. It stays when the list gets another name. */
export const listId = z.string().regex(/^[a-z0-9]{1,20}$/)

/** Why a text cannot be the name of a list. */
export const LIST_NAME_FAULTS = ['empty', 'too-long', 'forbidden-character', 'taken'] as const
export type ListNameFault = (typeof LIST_NAME_FAULTS)[number]

/** Controls, line ends, and what turns or hides its neighbours: no name needs them, and they can make one name look like another. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u

/** A name as it is kept: composed, without spaces around it, and with single ones inside. */
export const tidyListName = (text: string): string => text.normalize('NFC').replace(/ +/g, ' ').trim()

/** What is wrong with a (tidied) name beside those that there are; letters of either case are the same. */
export function listNameFault(name: string, others: readonly string[] = []): ListNameFault | undefined {
  if (name === '') return 'empty'
  // A character has at most two halves; of what is millions long none is counted.
  if (name.length > 2 * MAX_LIST_NAME || [...name].length > MAX_LIST_NAME) return 'too-long'
  if (FORBIDDEN.test(name)) return 'forbidden-character'
  return others.some(other => other.toLowerCase() === name.toLowerCase()) ? 'taken' : undefined
}

/** A named set of places; to choose it means any relay of these. */
export const placeList = z.object({
  id: listId,
  /** Passed {@link listNameFault}. */
  name: z.string().refine(name => listNameFault(name) === undefined),
  places: z.array(place).max(MAX_LIST_PLACES),
})
export type PlaceList = z.infer<typeof placeList>

/** An id for a new list: its name's plain letters, with a number behind where that is taken or nothing is left of it. */
export function newListId(name: string, lists: readonly PlaceList[]): string {
  const taken = new Set(lists.map(({ id }) => id))
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 16)
  const base = plain === '' ? 'list' : plain
  if (!taken.has(base)) return base
  let number = 2
  while (taken.has(`${base}${number}`)) number++
  return `${base}${number}`
}

/** The lists by their ids, each once. */
export const placeLists = z
  .array(placeList)
  .max(MAX_LISTS)
  .refine(lists => new Set(lists.map(({ id }) => id)).size === lists.length)

/** What the owner knows better than the country data: the country of a relay. */
export const countryCorrections = z
  .array(z.object({ fingerprint: z.string().regex(/^[0-9A-F]{40}$/), country: z.string().regex(/^[a-z]{2}$/) }))
  .max(200)

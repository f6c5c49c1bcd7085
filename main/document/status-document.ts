import { MalformedError } from '../lib/bytes.ts'
import { argumentsOf, Items, parseInteger, parseTime, type Token, tokenize } from './tokens.ts'

/** What consensuses and votes have alike (dir-spec 3.4.1): a header, entries of relays, a footer that ends in signatures. */

/** The times of a consensus, or those a vote wants for it. */
export interface StatusTimes {
  /** ms */
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  readonly voteSeconds: number
  readonly distSeconds: number
}

/** Longest header and longest footer, in characters: they hold a few lines for each authority. */
const MAX_PART = 512 * 1024
const MAX_SECONDS = 2 ** 31 - 1

/** The items before the first entry (or, without entries, before the footer), and where that begins. @throws MalformedError */
export function splitStatusDocument(text: string): { header: Token[]; entriesAt: number } {
  const head = text.slice(0, MAX_PART)
  const ends = ['\nr ', '\ndirectory-footer', '\ndirectory-signature'].map(mark => head.indexOf(mark)).filter(at => at >= 0)
  if (ends.length === 0) throw new MalformedError('network status without an end of its header')
  const entriesAt = Math.min(...ends) + 1
  if (!text.startsWith('network-status-version ')) throw new MalformedError('no network status')
  return { header: tokenize(text, 0, entriesAt), entriesAt }
}

/** The footer: behind the first signature there may be nothing but signatures. @throws MalformedError */
export function splitFooter(text: string, at: number): { weights: Token | undefined; signatures: readonly Token[] } {
  if (text.length - at > MAX_PART) throw new MalformedError('footer too long')
  const list = tokenize(text, at)
  const items = new Items(list)
  const first = list.findIndex(({ keyword }) => keyword === 'directory-signature')
  if (first < 0) throw new MalformedError('network status without a signature')
  if (list.slice(first).some(({ keyword }) => keyword !== 'directory-signature'))
    throw new MalformedError('something behind the signatures')
  const footer = items.optional('directory-footer')
  if (footer && footer !== list[0]) throw new MalformedError('directory-footer is out of place')
  return { weights: items.optional('bandwidth-weights'), signatures: list.slice(first) }
}

/** @throws MalformedError unless the times are in order */
export function parseTimes(items: Items): StatusTimes {
  const [validAfter, freshUntil, validUntil] = ['valid-after', 'fresh-until', 'valid-until'].map(keyword =>
    parseTime(items.one(keyword).rest),
  ) as [number, number, number]
  if (!(validAfter < freshUntil && freshUntil < validUntil)) throw new MalformedError('times are not in order')
  const [vote, dist] = argumentsOf(items.one('voting-delay'), 2) as [string, string]
  return {
    validAfter,
    freshUntil,
    validUntil,
    voteSeconds: parseInteger(vote, 0, MAX_SECONDS),
    distSeconds: parseInteger(dist, 0, MAX_SECONDS),
  }
}

/** "key=number" arguments (32-bit), each key once and, in "params", sorted. @throws MalformedError */
export function parseKeyValues(token: Token | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  let last = ''
  for (const pair of token ? argumentsOf(token, 0) : []) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals)
    const text = pair.slice(equals + 1)
    const negative = text.startsWith('-')
    if (equals < 1 || values.has(key) || (token!.keyword === 'params' && pair <= last))
      throw new MalformedError(`bad list in ${token!.keyword}`)
    const number = parseInteger(negative ? text.slice(1) : text, 0, negative ? 2 ** 31 : 2 ** 31 - 1)
    values.set(key, negative ? -number : number)
    last = pair
  }
  return values
}

/** Versions of a "client-versions" or "server-versions" line; `undefined` when there is none. */
export function versionsOf(items: Items, keyword: string): string[] | undefined {
  const token = items.optional(keyword)
  return token?.rest
    .split(',')
    .map(version => version.trim())
    .filter(version => version !== '')
}

/** Text of a protocols line, "" without one. */
export function protocolsOf(items: Items, keyword: string): string {
  return items.optional(keyword)?.rest ?? ''
}

/** "key=number" pairs in the order documents want them. */
export function formatKeyValues(values: ReadonlyMap<string, number>): string {
  return [...values]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ')
}

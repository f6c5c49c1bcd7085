import type { AppState, PerspectiveRelay } from '../../../shared/state.ts'
import { byPromise, isExcluded } from '../../model.ts'

/** What relays a person wants to see; nothing set: all. */
export interface RelayFilter {
  /** Would let us in, see {@link wouldAdmit}. */
  readonly accepts: boolean
  /** Has room, as far as anybody can know, see {@link isQuiet}. */
  readonly quiet: boolean
  /** Lets out this TCP port. */
  readonly port: number | undefined
  /** Round trip in ms at most; the unmeasured are left out then. */
  readonly latency: number | undefined
}
export const NO_FILTER: RelayFilter = { accepts: false, quiet: false, port: undefined, latency: undefined }

/** How many of its parts are set. */
export function activeFilters({ accepts, quiet, port, latency }: RelayFilter): number {
  return [accepts, quiet, port !== undefined, latency !== undefined].filter(Boolean).length
}

/** PA_STATUS codes, perspective-access.md 3. */
const OVER_QUOTA = 10
const BUSY = 11
const BEING_TESTED = 14
/** A "no" is taken for the present state for so long, unless the relay itself named a longer time. In ms. */
const NO_LASTS_MS = 10 * 60_000
const BUSY_LASTS_MS = 30 * 60_000
/** The descriptor says it to the hour, and keeps it for three days. */
const OVERLOAD_LASTS_MS = 24 * 3_600_000

type Refused = Pick<PerspectiveRelay, 'refusal'>
type Own = Pick<AppState['relay'], 'flags'>

/** Whether its last answer was a "no" that still stands at `now`. */
function refusesNow({ refusal }: Refused, now: number): boolean {
  if (!refusal || refusal.status === 0 || refusal.status === BEING_TESTED) return false
  return now < Math.max(refusal.until ?? 0, refusal.at + NO_LASTS_MS)
}

/** Whether a relay would let us in: by the flag that it asks for, and by its last answer. */
export function wouldAdmit(relay: Pick<PerspectiveRelay, 'admits'> & Refused, own: Own, now: number): boolean {
  return own.flags.includes(relay.admits === 'running' ? 'Running' : 'Stable') && !refusesNow(relay, now)
}

/** How many relays would let us in. */
export function countAdmitting(relays: readonly PerspectiveRelay[], own: Own, now: number): number {
  const [running, stable] = [own.flags.includes('Running'), own.flags.includes('Stable')]
  let count = 0
  for (const relay of relays) if ((relay.admits === 'running' ? running : stable) && !(relay.refusal && refusesNow(relay, now))) count++
  return count
}

/** Whether nothing is known that speaks against room at a relay. */
export function isQuiet({ refusal, failing, overloadedAt }: PerspectiveRelay, now: number): boolean {
  const full = refusal && (refusal.status === BUSY || refusal.status === OVER_QUOTA) && now - refusal.at < BUSY_LASTS_MS
  return !full && !failing && !(overloadedAt !== undefined && now - overloadedAt < OVERLOAD_LASTS_MS)
}

/** Whether a policy summary, "accept 80,443" or "reject 25,6660-6669", lets a port out. What is no summary lets nothing out. */
export function policyAllows(summary: string, port: number): boolean {
  const match = /^(accept|reject) (\d[\d,-]*)$/.exec(summary)
  if (!match) return false
  const named = match[2]!.split(',').some(range => {
    const [low, high = low] = range.split('-').map(Number)
    return low! <= port && port <= high!
  })
  return named === (match[1] === 'accept')
}

/** Letters as a search compares them: small, and without their marks. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/**
 * Thousands of relays, in the order in which one would try them and with the text that is searched: both are made once a row, and kept while the
 * row is the same object. So a change of a few rows, and a letter more in the search, cost a walk through the list and no more.
 */
export class RelayIndex {
  #rows: readonly PerspectiveRelay[] = []
  #sorted: PerspectiveRelay[] = []
  /** Rows that changed and still stand where their older selves did. */
  readonly #unplaced = new Set<PerspectiveRelay>()
  #occasion = ''
  #texts = new WeakMap<PerspectiveRelay, string>()
  #language: string | undefined

  /**
   * The rows, the most promising first. While `occasion` is the same, a row that changes keeps its place: nobody wants to press on a relay that
   * just changed places with another.
   */
  sorted(rows: readonly PerspectiveRelay[], occasion: string): readonly PerspectiveRelay[] {
    if (rows !== this.#rows) this.#takeOver(rows)
    if (occasion !== this.#occasion) this.#place()
    this.#occasion = occasion
    return this.#sorted
  }

  #takeOver(rows: readonly PerspectiveRelay[]): void {
    const { gone, added } = difference(this.#rows, rows)
    this.#rows = rows
    const news = new Map(added.map(row => [row.fingerprint, row]))
    const kept: PerspectiveRelay[] = []
    for (const row of this.#sorted) {
      if (!gone.has(row)) {
        kept.push(row)
        continue
      }
      this.#unplaced.delete(row)
      const next = news.get(row.fingerprint)
      if (!next) continue
      news.delete(row.fingerprint)
      this.#unplaced.add(next)
      kept.push(next)
    }
    // Among rows that stand where they do not belong, newcomers find no right place either.
    if (this.#unplaced.size > 0) for (const row of news.values()) this.#unplaced.add(row)
    this.#sorted = merged(kept, [...news.values()].sort(byPromise))
  }

  #place(): void {
    if (this.#unplaced.size === 0) return
    const others = this.#sorted.filter(row => !this.#unplaced.has(row))
    this.#sorted = merged(others, [...this.#unplaced].sort(byPromise))
    this.#unplaced.clear()
  }

  /** Whether the texts of all rows are made now; else some more were, for as long as `more` says. */
  prepare(more: () => boolean, language: string, countryName: (code: string) => string): boolean {
    for (const row of this.#rows) {
      if (!more()) return false
      this.text(row, language, countryName)
    }
    return true
  }

  /** What a search looks at; `countryName` is that of `language`. */
  text(row: PerspectiveRelay, language: string, countryName: (code: string) => string): string {
    if (language !== this.#language) {
      this.#language = language
      this.#texts = new WeakMap()
    }
    let text = this.#texts.get(row)
    if (text === undefined) {
      const { country, nickname, fingerprint, address, as } = row
      const network = as ? `as${as.number} ${as.name}` : ''
      text = folded(`${countryName(country)} ${country} ${nickname} $${fingerprint} ${address} ${network}`)
      this.#texts.set(row, text)
    }
    return text
  }
}

/** Which rows are no longer in a list, and which are new. Rows keep their places mostly, so these are compared first. */
function difference(before: readonly PerspectiveRelay[], after: readonly PerspectiveRelay[]) {
  const gone = new Set<PerspectiveRelay>()
  const added = new Set<PerspectiveRelay>()
  for (let at = 0; at < before.length || at < after.length; at++) {
    const [old, next] = [before[at], after[at]]
    if (old === next) continue
    // What moved to another place is neither: it is in both sets.
    if (old && !added.delete(old)) gone.add(old)
    if (next && !gone.delete(next)) added.add(next)
  }
  return { gone, added: [...added] }
}

/** Two sorted lists as one. */
function merged(a: PerspectiveRelay[], b: readonly PerspectiveRelay[]): PerspectiveRelay[] {
  if (b.length === 0) return a
  const result: PerspectiveRelay[] = []
  let at = 0
  for (const row of b) {
    while (at < a.length && byPromise(a[at]!, row) <= 0) result.push(a[at++]!)
    result.push(row)
  }
  while (at < a.length) result.push(a[at++]!)
  return result
}

export interface RelayQuery {
  readonly query: string
  readonly filter: RelayFilter
  readonly own: Own
  readonly excluded: readonly string[]
  readonly favourites: readonly string[]
  readonly now: number
  readonly text: (row: PerspectiveRelay) => string
}

/** The rows that a person asks for, favourites first; `excluded` counts those that were left out for being excluded. */
export function findRelays(sorted: readonly PerspectiveRelay[], ask: RelayQuery): { found: readonly PerspectiveRelay[]; excluded: number } {
  const { filter, now } = ask
  const plain = ask.query === '' && activeFilters(filter) === 0
  if (plain && ask.favourites.length === 0 && ask.excluded.length === 0) return { found: sorted, excluded: 0 }
  const parts = folded(ask.query).split(/\s+/).filter(Boolean)
  const liked = new Set(ask.favourites)
  const favourites: PerspectiveRelay[] = []
  const others: PerspectiveRelay[] = []
  let excluded = 0
  for (const row of sorted) {
    if (ask.excluded.length > 0 && isExcluded(row, ask.excluded)) {
      excluded++
      continue
    }
    if (filter.accepts && !wouldAdmit(row, ask.own, now)) continue
    if (filter.quiet && !isQuiet(row, now)) continue
    if (filter.port !== undefined && !policyAllows(row.policy, filter.port)) continue
    if (filter.latency !== undefined && !(row.latency && row.latency.ms <= filter.latency)) continue
    if (parts.length > 0) {
      const text = ask.text(row)
      if (!parts.every(part => text.includes(part))) continue
    }
    ;(liked.has(row.fingerprint) ? favourites : others).push(row)
  }
  return { found: favourites.length > 0 ? [...favourites, ...others] : others, excluded }
}

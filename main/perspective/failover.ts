import { Listeners } from '../lib/service.ts'
import type { Candidates } from './candidates.ts'
import { formatChoiceName, type PerspectiveChoice } from './choice-name.ts'

/** Nobody of what was chosen can be had; another choice is for the person to make. Time in ms. */
export interface Failover {
  readonly wanted: PerspectiveChoice
  readonly at: number
  readonly reason: 'nobody-offers' | 'refused' | 'unreachable'
}

/** How long a choice must have nobody before the question is asked without a request that failed. */
const PATIENCE_MS = 4000

/** The question what to take instead of a choice that nobody serves: when it comes up, and when it is over. */
export class FailoverQuestion {
  readonly onChange = new Listeners<[]>()
  readonly #candidates: Candidates
  readonly #now: () => number
  #current: Failover | undefined
  /** The choice about which the person said "no other". */
  #declined: string | undefined
  #missing: { readonly choice: string; readonly since: number } | undefined

  constructor(candidates: Candidates, now: () => number) {
    this.#candidates = candidates
    this.#now = now
  }

  /** What waits for an answer. */
  get current(): Failover | undefined {
    return this.#current
  }

  /** Once for a choice; "any" and Tor have no other to take. */
  ask(wanted: PerspectiveChoice, reason: Failover['reason']): void {
    if (wanted.kind === 'any' || wanted.kind === 'tor') return
    const name = formatChoiceName(wanted)
    if (this.#declined === name || (this.#current && formatChoiceName(this.#current.wanted) === name)) return
    this.#current = { wanted, at: this.#now(), reason }
    this.onChange.emit()
  }

  /** The person keeps the choice as it is; asked again only after it worked once more or was changed. */
  decline(): void {
    if (!this.#current) return
    this.#declined = formatChoiceName(this.#current.wanted)
    this.#current = undefined
    this.onChange.emit()
  }

  /** Drops a question that was answered by events, or is about a choice that nobody makes any more. */
  review(choice: PerspectiveChoice | undefined): void {
    if (this.#declined === undefined && !this.#current) return
    const name = choice && formatChoiceName(choice)
    const works = choice !== undefined && this.#candidates.isServed(choice)
    if (this.#declined !== undefined && (this.#declined !== name || works)) this.#declined = undefined
    if (this.#current && (works || formatChoiceName(this.#current.wanted) !== name)) {
      this.#current = undefined
      this.onChange.emit()
    }
  }

  /** Asks before somebody runs into it, but not for a moment's trouble. */
  watch(choice: PerspectiveChoice): void {
    const name = formatChoiceName(choice)
    const candidates = choice.kind === 'tor' ? [] : this.#candidates.of(choice, undefined)
    if (choice.kind === 'tor' || candidates.some(offer => !this.#candidates.isFailing(offer))) return this.forgetMissing()
    if (this.#missing?.choice !== name) this.#missing = { choice: name, since: this.#now() }
    if (Math.abs(this.#now() - this.#missing.since) < PATIENCE_MS) return
    const refused = candidates.some(offer => this.#candidates.isRefusing(offer))
    this.ask(choice, candidates.length === 0 ? 'nobody-offers' : refused ? 'refused' : 'unreachable')
  }

  /** Nobody can be had now for another reason, or somebody can: patience begins anew. */
  forgetMissing(): void {
    this.#missing = undefined
  }

  /** Nothing is asked while browsing is locked. */
  clear(): void {
    this.#current = undefined
    this.#missing = undefined
  }
}

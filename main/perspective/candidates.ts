import type { PerspectiveChoice } from './choice-name.ts'
import { matcher, type Offer, type PlaceList } from './offers.ts'
import type { ServerBook } from './server-book.ts'
import { serverScore } from './server-score.ts'
import type { SessionPool } from './session-pool.ts'

/** Fingerprints (40 upper-case hex) and country codes, as the person listed them. */
export interface Preferences {
  readonly favourites: readonly string[]
  readonly excluded: readonly string[]
  readonly lists?: readonly PlaceList[]
}

export interface CandidateSources {
  /** Every relay that offers perspective access now. */
  offers(): readonly Offer[]
  /** Our own flags in the consensus. */
  ownFlags(): ReadonlySet<string>
  preferences(): Preferences
}

const WEB = 443
const MAX_WARM = 4
/** A failure that is not older than a few minutes. */
const FAILING = 0.7

/** Which relays may be used for a choice, and which of them is the best to try now. */
export class Candidates {
  readonly #o: CandidateSources
  readonly #pool: SessionPool
  readonly #book: ServerBook
  readonly #now: () => number

  constructor(options: CandidateSources & { readonly pool: SessionPool; readonly book: ServerBook; readonly now: () => number }) {
    this.#o = options
    this.#pool = options.pool
    this.#book = options.book
    this.#now = options.now
  }

  /** Relays that were asked for, may be used, would admit us and let this port out (when one is given), best first. */
  of(choice: PerspectiveChoice, port: number | undefined): Offer[] {
    const stable = this.#o.ownFlags().has('Stable')
    const { favourites, excluded, lists } = this.#o.preferences()
    const isAsked = matcher(choice, lists)
    const never = new Set(excluded)
    const liked = new Set(favourites)
    const usable = this.#o
      .offers()
      .filter(
        offer =>
          isAsked(offer) &&
          !never.has(offer.fingerprint) &&
          !never.has(offer.country) &&
          (stable || offer.descriptor.perspective!.admits === 'running') &&
          (port === undefined || offer.descriptor.perspectivePolicy!.allows(port)),
      )
    const scored = usable.map(offer => ({ offer, score: this.#score(offer, liked.has(offer.fingerprint)) }))
    return scored.sort((a, b) => a.score - b.score || (a.offer.fingerprint < b.offer.fingerprint ? -1 : 1)).map(({ offer }) => offer)
  }

  #score({ fingerprint, status }: Offer, favourite: boolean): number {
    const now = this.#now()
    const latency = this.#book.latency(fingerprint)
    const refusal = this.#book.refusal(fingerprint)
    return serverScore({
      latency: latency && { ms: latency.ms, age: now - latency.at },
      linked: this.#pool.state(fingerprint) === 'open',
      streams: this.#pool.streams(fingerprint),
      failures: this.#book.failures(fingerprint),
      refusal: refusal && { age: now - refusal.at, wait: Math.max(0, refusal.until - now) },
      favourite,
      bandwidth: status.bandwidth,
    })
  }

  /** It asked to be left alone for a while that is not over. */
  isRefusing({ fingerprint }: Offer): boolean {
    return (this.#book.refusal(fingerprint)?.until ?? 0) > this.#now()
  }

  /** It is not linked, and refuses us or was not reached lately. */
  isFailing(offer: Offer): boolean {
    if (this.#pool.state(offer.fingerprint) === 'open') return false
    return this.#book.failures(offer.fingerprint) > FAILING || this.isRefusing(offer)
  }

  /** There is a link to one of those that were asked for. */
  isServed(choice: PerspectiveChoice): boolean {
    const isAsked = matcher(choice, this.#o.preferences().lists)
    return this.#o.offers().some(offer => this.#pool.state(offer.fingerprint) === 'open' && isAsked(offer))
  }

  /** Relays that can be had now for ordinary web pages, by country, the most first. */
  countries(): { country: string; relays: number }[] {
    const counts = new Map<string, number>()
    for (const offer of this.of({ kind: 'any' }, WEB)) {
      if (!this.isFailing(offer)) counts.set(offer.country, (counts.get(offer.country) ?? 0) + 1)
    }
    return [...counts].map(([country, relays]) => ({ country, relays })).sort((a, b) => b.relays - a.relays)
  }

  /** Whom to keep a link to before anybody asks: the best of what is chosen, then of each favourite. */
  wantedWarm(choice: PerspectiveChoice | undefined): Offer[] {
    const wanted: Offer[] = []
    const add = (offer: Offer | undefined) => {
      if (offer && wanted.length < MAX_WARM && !wanted.includes(offer)) wanted.push(offer)
    }
    if (choice && choice.kind !== 'tor') {
      const web = this.of(choice, WEB)
      const [first, second] = web.length > 0 ? web : this.of(choice, undefined)
      add(first)
      // Whoever is first may be silent, or busy testing us, for long; the second is then there to be used.
      if (first && this.#pool.state(first.fingerprint) !== 'open') add(second)
    }
    for (const name of this.#o.preferences().favourites) {
      if (wanted.length >= MAX_WARM) break
      add(this.of(name.length === 2 ? { kind: 'country', country: name } : { kind: 'relay', fingerprint: name }, undefined)[0])
    }
    return wanted
  }
}

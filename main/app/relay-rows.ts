import type { AppState, PerspectiveRelay } from '../../shared/state.ts'
import type { Offer } from '../perspective/offers.ts'
import type { PerspectiveClient } from '../perspective/perspective-client.ts'
import type { JoinedNetwork } from './joined-network.ts'

/** Failures, each worth less as time passes, above which a relay is shown as failing: one of the last minutes. */
const FAILING = 0.7

/** What of a row comes from documents, and what from our own dealings with the relay. */
type Dealings = Pick<PerspectiveRelay, 'latency' | 'rate' | 'refusal' | 'session' | 'streams' | 'failing'>

interface Entry {
  readonly offer: Offer
  readonly documented: PerspectiveRelay
  dealings: Dealings | undefined
  row: PerspectiveRelay
}

/**
 * The rows of the relays that offer perspective access. A row that says the same stays the same object, and relays that we never dealt with
 * cost nothing: there may be thousands of them, and this is asked several times a second.
 */
export class RelayRows {
  readonly #client: PerspectiveClient
  readonly #systemOf: JoinedNetwork['systemOf']
  #offers: readonly Offer[] = []
  #entries = new Map<string, Entry>()
  #rows: PerspectiveRelay[] = []
  #countries: AppState['perspective']['countries'] = []

  constructor(client: PerspectiveClient, systemOf: JoinedNetwork['systemOf']) {
    this.#client = client
    this.#systemOf = systemOf
  }

  /** The rows, in an array that is another one when any of them has changed; and how many there are in each country. */
  read(): { relays: PerspectiveRelay[]; countries: AppState['perspective']['countries'] } {
    const offers = this.#client.offers()
    const anew = offers !== this.#offers
    if (anew) this.#takeOffers(offers)
    if (this.#takeDealings() || anew) this.#rows = Array.from(this.#entries.values(), ({ row }) => row)
    return { relays: this.#rows, countries: this.#countries }
  }

  #takeOffers(offers: readonly Offer[]): void {
    const entries = new Map<string, Entry>()
    const counts = new Map<string, number>()
    for (const offer of offers) {
      const before = this.#entries.get(offer.fingerprint)
      const kept = before && saysTheSame(before.offer, offer)
      const documented = kept ? before.documented : this.#documented(offer)
      const entry = kept ? before : { offer, documented, dealings: before?.dealings, row: { ...documented, ...before?.dealings } }
      entries.set(offer.fingerprint, entry)
      counts.set(offer.country, (counts.get(offer.country) ?? 0) + 1)
    }
    this.#offers = offers
    this.#entries = entries
    this.#countries = [...counts]
      .map(([country, relays]) => ({ country, relays }))
      .sort((a, b) => (a.country < b.country ? -1 : a.country > b.country ? 1 : 0))
  }

  #documented({ fingerprint, status, descriptor, country, corrected }: Offer): PerspectiveRelay {
    const { rate, burst, observed } = descriptor.bandwidth
    const upSince = descriptor.published - descriptor.uptimeSeconds * 1000
    return {
      fingerprint,
      nickname: status.nickname,
      country,
      corrected: corrected || undefined,
      as: this.#systemOf(status.address),
      address: status.address,
      port: descriptor.perspective!.port,
      admits: descriptor.perspective!.admits,
      policy: descriptor.perspectivePolicy!.toString().slice(0, 1000),
      flags: [...status.flags],
      bandwidth: Math.min(rate, burst, observed),
      // It may claim anything, but there are no dates for all of it.
      upSince: upSince >= 0 ? upSince : undefined,
      overloadedAt: descriptor.overloadedAt,
    }
  }

  /** Whether any row has changed. Who was dealt with once stays known to the client, so nobody's dealings end unnoticed. */
  #takeDealings(): boolean {
    let changed = false
    for (const fingerprint of this.#client.known()) {
      const entry = this.#entries.get(fingerprint)
      if (!entry) continue
      const next = this.#dealingsWith(fingerprint)
      if (entry.dealings && isSame(entry.dealings, next)) continue
      entry.dealings = next
      entry.row = { ...entry.documented, ...next }
      changed = true
    }
    return changed
  }

  #dealingsWith(fingerprint: string): Dealings {
    const { book } = this.#client
    const { state, streams } = this.#client.session(fingerprint)
    return {
      latency: book.latency(fingerprint),
      rate: book.rate(fingerprint),
      refusal: book.refusal(fingerprint),
      session: state,
      streams,
      failing: book.failures(fingerprint) > FAILING,
    }
  }
}

/** Documents are parsed once, so those that stay are the same objects; a consensus entry is new with every consensus. */
function saysTheSame(a: Offer, b: Offer): boolean {
  if (a === b) return true
  return (
    a.descriptor === b.descriptor &&
    a.country === b.country &&
    a.corrected === b.corrected &&
    a.status.address === b.status.address &&
    a.status.nickname === b.status.nickname &&
    a.status.flags.size === b.status.flags.size &&
    [...a.status.flags].every(flag => b.status.flags.has(flag))
  )
}

const isSame = (a: Dealings, b: Dealings) => (Object.keys(b) as (keyof Dealings)[]).every(key => a[key] === b[key])

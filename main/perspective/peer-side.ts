import { ClearOriginCircuit } from '../circuit/clear-origin.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import { circuitHop } from '../relay/path.ts'
import type { Relay } from '../relay/relay.ts'
import { exitCountries, type Offer, type OfferOptions, perspectiveOffers } from './offers.ts'
import { PerspectiveClient, type PerspectiveClientOptions } from './perspective-client.ts'
import { openPerspectiveLink, paDoor } from './perspective-link.ts'
import type { OpenSessionLink } from './session-pool.ts'
import { TorCircuits } from './tor-circuits.ts'

export type ClientFacts = Pick<PerspectiveClientOptions, 'unlocked' | 'ownFlags' | 'choice' | 'preferences'> & {
  /** Countries of relays that the owner set; another array when they change. */
  corrections(): readonly { readonly fingerprint: string; readonly country: string }[]
}

/** While documents keep arriving, making the list anew may take this part of the time. */
const MAKING_SHARE = 0.05

/** What may be looked through now: made anew when it is read after a change of the directory or of the owner's corrections, but not again and again. */
export class OfferList {
  readonly #directory: NetworkDirectory
  readonly #options: OfferOptions & Pick<ClientFacts, 'corrections'>
  readonly #forget: (() => void)[]
  #offers: readonly Offer[] = []
  #admitRunning = false
  /** Whether the list is to be made anew: at once, or when it is cheap. */
  #stale: 'no' | 'soon' | 'now' = 'now'
  #madeAt = 0
  /** How long that took, ms. */
  #cost = 0
  #corrections: ReturnType<ClientFacts['corrections']> = []
  #exits: { excluded: string; list: { country: string; relays: number }[] } | undefined

  constructor(directory: NetworkDirectory, options: Omit<OfferOptions, 'correctionOf'> & Pick<ClientFacts, 'corrections'>) {
    this.#directory = directory
    this.#options = options
    this.#forget = [
      directory.onConsensus.add(() => {
        this.#stale = 'now'
        this.#exits = undefined
      }),
      directory.onDescriptors.add(() => {
        if (this.#stale === 'no') this.#stale = 'soon'
      }),
    ]
  }

  get offers(): readonly Offer[] {
    const corrections = this.#options.corrections()
    const isCheap = () => performance.now() - this.#madeAt > this.#cost / MAKING_SHARE
    if (this.#stale === 'now' || corrections !== this.#corrections || (this.#stale === 'soon' && isCheap())) this.#make(corrections)
    return this.#offers
  }

  /** Some of them admit peers that are Running but not yet Stable. */
  get admitRunning(): boolean {
    return this.offers.length > 0 && this.#admitRunning
  }

  #make(corrections: ReturnType<ClientFacts['corrections']>): void {
    const start = performance.now()
    const set = new Map(corrections.map(({ fingerprint, country }) => [fingerprint, country]))
    const options = { ...this.#options, correctionOf: (fingerprint: string) => set.get(fingerprint) }
    this.#offers = perspectiveOffers(this.#directory, options, this.#offers)
    this.#admitRunning = this.#offers.some(({ descriptor }) => descriptor.perspective!.admits === 'running')
    this.#corrections = corrections
    this.#stale = 'no'
    this.#madeAt = performance.now()
    this.#cost = this.#madeAt - start
  }

  /** Countries where ordinary Tor circuits can end; see {@link exitCountries}. */
  exits(excluded: readonly string[]): readonly { country: string; relays: number }[] {
    const key = excluded.join(' ')
    if (this.#exits?.excluded !== key)
      this.#exits = { excluded: key, list: exitCountries(this.#directory, { ...this.#options, excluded: new Set(excluded) }) }
    return this.#exits.list
  }

  stop(): void {
    for (const forget of this.#forget) forget()
  }
}

/** Sessions over real links: each an authenticated link of its own to the relay's PA door, with one-hop circuits. */
function sessionLinks(relay: Relay, circuits: OwnCircuits): OpenSessionLink {
  return async (offer, signal) => {
    const { channel, clear, onLost } = await openPerspectiveLink({
      channels: relay.channels,
      descriptor: offer.descriptor,
      purpose: 'browse',
      signal,
    })
    const hop = { ...circuitHop(offer), addresses: [paDoor(offer.descriptor)!] }
    return {
      onLost,
      circuit: inner => (clear ? ClearOriginCircuit.build(channel, inner) : circuits.buildOver(channel, [hop], inner, 'pa')),
      close: why => channel.close(why),
    }
  }
}

/** The peer's side on a running relay. `stop` ends it; the relay and the directory are the caller's. */
export function startPeerSide(options: {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  readonly directory: NetworkDirectory
  countryOf(address: IpAddress, port: number): string | undefined
  readonly facts: ClientFacts
}): { client: PerspectiveClient; list: OfferList; stop(): Promise<void> } {
  const { relay, circuits, directory, countryOf, facts } = options
  const own = relay.options.keys.fingerprint
  const list = new OfferList(directory, { own, countryOf, corrections: facts.corrections })
  const tor = new TorCircuits({
    circuits,
    own,
    countryOf: ({ status }) => countryOf(status.address, status.orPort),
    excluded: () => new Set(facts.preferences().excluded),
  })
  const client = new PerspectiveClient({ ...facts, offers: () => list.offers, open: sessionLinks(relay, circuits), tor })
  const forget = directory.onConsensus.add(() => client.noteConsensus())
  client.start()
  return {
    client,
    list,
    async stop() {
      forget()
      list.stop()
      await client.stop()
    },
  }
}

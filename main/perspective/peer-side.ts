import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import { circuitHop } from '../relay/path.ts'
import type { Relay } from '../relay/relay.ts'
import { exitCountries, type Offer, perspectiveOffers } from './offers.ts'
import { PerspectiveClient, type PerspectiveClientOptions } from './perspective-client.ts'
import { openPerspectiveLink, paDoor } from './perspective-link.ts'
import type { OpenSessionLink } from './session-pool.ts'
import { TorCircuits } from './tor-circuits.ts'

export type ClientFacts = Pick<PerspectiveClientOptions, 'unlocked' | 'ownFlags' | 'choice' | 'preferences'>

/** What may be looked through now, read once per change of the directory. */
export class OfferList {
  readonly #directory: NetworkDirectory
  readonly #options: { own: string; countryOf(address: IpAddress, port: number): string | undefined }
  readonly #forget: (() => void)[]
  #offers: Offer[] | undefined
  #exits: { excluded: string; list: { country: string; relays: number }[] } | undefined

  constructor(directory: NetworkDirectory, options: { own: string; countryOf(address: IpAddress, port: number): string | undefined }) {
    this.#directory = directory
    this.#options = options
    const clear = () => {
      this.#offers = undefined
      this.#exits = undefined
    }
    this.#forget = [directory.onConsensus.add(clear), directory.onDescriptors.add(clear)]
  }

  get offers(): readonly Offer[] {
    this.#offers ??= perspectiveOffers(this.#directory, this.#options)
    return this.#offers
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
    const { channel, onLost } = await openPerspectiveLink({
      channels: relay.channels,
      descriptor: offer.descriptor,
      purpose: 'browse',
      signal,
    })
    const hop = { ...circuitHop(offer), addresses: [paDoor(offer.descriptor)!] }
    return {
      onLost,
      circuit: inner => circuits.buildOver(channel, [hop], inner, 'pa'),
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
  const list = new OfferList(directory, { own, countryOf })
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

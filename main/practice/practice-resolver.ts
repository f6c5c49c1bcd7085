import type { IpAddress } from '../lib/ip.ts'
import { type ResolvedAddress, type ResolvedName, ResolveError, type Resolver } from '../net/resolver.ts'
import { SITE_NAME, TAMPERED_NAME } from './members.ts'

const TTL = 300

/** The practice world's name system: it knows the practice site by its two names and asks nobody outside. */
export class PracticeResolver implements Resolver {
  readonly #site: IpAddress
  readonly #addresses: ReadonlyMap<string, IpAddress>

  /** `tampered`: where the second name leads, when that is not the site. */
  constructor(site: IpAddress, tampered: IpAddress = site) {
    this.#site = site
    this.#addresses = new Map([
      [SITE_NAME, site],
      [TAMPERED_NAME, tampered],
    ])
  }

  async resolve(name: string): Promise<ResolvedAddress[]> {
    const address = this.#addresses.get(name.toLowerCase().replace(/\.$/, ''))
    if (address === undefined) throw new ResolveError('no such name in the practice world', false)
    return [{ address, ttl: TTL }]
  }

  async reverse(address: IpAddress): Promise<ResolvedName[]> {
    if (address !== this.#site) throw new ResolveError('no such address in the practice world', false)
    return [{ name: SITE_NAME, ttl: TTL }]
  }
}

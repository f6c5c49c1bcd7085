import type { IpAddress } from '../lib/ip.ts'
import { type ResolvedAddress, type ResolvedName, ResolveError, type Resolver } from '../net/resolver.ts'

/** A name of the practice site; ".test" is nobody's (RFC 6761). */
export const SITE_NAME = 'practice.test'
const TTL = 300

/** The practice world's name system: it knows the practice site and asks nobody outside. */
export class PracticeResolver implements Resolver {
  readonly #site: IpAddress

  constructor(site: IpAddress) {
    this.#site = site
  }

  async resolve(name: string): Promise<ResolvedAddress[]> {
    if (name.toLowerCase().replace(/\.$/, '') !== SITE_NAME) throw new ResolveError('no such name in the practice world', false)
    return [{ address: this.#site, ttl: TTL }]
  }

  async reverse(address: IpAddress): Promise<ResolvedName[]> {
    if (address !== this.#site) throw new ResolveError('no such address in the practice world', false)
    return [{ name: SITE_NAME, ttl: TTL }]
  }
}

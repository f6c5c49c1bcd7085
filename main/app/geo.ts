import type { IpAddress } from '../lib/ip.ts'

/** Countries of addresses, from the CC0 data shipped with the app; read when first asked. */
export class GeoDatabase {
  /** `path`: an .mmdb file; default: the shipped one. */
  constructor(_path?: string) {}
  /** ISO 3166 code in lower case, or `undefined` when the data does not say. */
  country(_address: IpAddress): string | undefined {
    throw new Error('soon')
  }
  /** Name and date of the data for people, "ip-location-db geo-whois-asn-country, 2026-06-17"; `undefined` when there is none. */
  get source(): string | undefined {
    throw new Error('soon')
  }
}

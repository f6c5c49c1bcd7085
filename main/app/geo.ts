import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type CountryResponse, Reader } from 'mmdb-lib'
import type { IpAddress } from '../lib/ip.ts'

const PACKAGE = '@ip-location-db/geo-whois-asn-country-mmdb'
/** Beside the bundle in a packaged app; in a checkout the package itself. */
const GEO_FILE = 'country.mmdb'

const MAX_KNOWN = 20_000

/** The one field of this database's records. */
interface CountryRecord {
  readonly country_code?: unknown
}

/**
 * Countries of addresses, from the CC0 data shipped with the app; the file is read when first asked. Without a readable file every
 * country is unknown: the app works, it only knows less.
 */
export class GeoDatabase {
  readonly #path: string
  #reader: Reader<CountryResponse> | undefined
  #read = false
  /** Relays are asked for again and again, thousands at a time. */
  readonly #known = new Map<IpAddress, string | undefined>()

  /** `path`: a MaxMind DB file; default: the shipped one. */
  constructor(path: string = shippedPath()) {
    this.#path = path
  }

  /** ISO 3166 code in lower case, or `undefined` when the data does not say. */
  country(address: IpAddress): string | undefined {
    if (this.#known.has(address)) return this.#known.get(address)
    const country = this.#lookUp(address)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(address, country)
    return country
  }

  #lookUp(address: IpAddress): string | undefined {
    // mmdb-lib's types know MaxMind's records only.
    const record = this.#load()?.get(address) as CountryRecord | null | undefined
    const code = record?.country_code
    return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code.toLowerCase() : undefined
  }

  /** Name and date of the data for people, "ip-location-db, 2026-06-17"; `undefined` when there is none. */
  get source(): string | undefined {
    const reader = this.#load()
    return reader && `ip-location-db, ${reader.metadata.buildEpoch.toISOString().slice(0, 10)}`
  }

  #load(): Reader<CountryResponse> | undefined {
    if (this.#read) return this.#reader
    this.#read = true
    try {
      this.#reader = new Reader<CountryResponse>(readFileSync(this.#path))
    } catch {
      this.#reader = undefined
    }
    return this.#reader
  }
}

function shippedPath(): string {
  const bundled = join(import.meta.dirname, GEO_FILE)
  if (existsSync(bundled)) return bundled
  return createRequire(import.meta.url).resolve(`${PACKAGE}/geo-whois-asn-country.mmdb`)
}

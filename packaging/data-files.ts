import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AS_FILE, makeAsNumbers } from '../tools/as-numbers.mjs'
import type { Component } from './component.ts'
import { npmComponent } from './npm-package.ts'

const require = createRequire(import.meta.url)

/** Data that lies beside the bundled main process. */
interface DataFile {
  /** The npm package it comes from. */
  readonly npm: string
  /** Its name beside the bundle, where main/app looks for it first. */
  readonly as: string
  /** Where it is to be copied from; makes it first if need be. */
  from(): string
  /** What is really to be kept to, as SPDX, where the package's own word is not all of it. */
  readonly licence: string
  /** Files of the package with licence texts. */
  readonly texts: RegExp
  /** Who is to be named, and for what. */
  readonly attribution: string
}

const CC_BY = 'CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)'
const IP_LOCATION_DB = 'ip-location-db (https://github.com/sapics/ip-location-db)'

export const DATA_FILES: readonly DataFile[] = [
  {
    npm: '@ip-location-db/geo-whois-asn-country-mmdb',
    as: 'country.mmdb',
    from: () => require.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'),
    // package.json says CC0-1.0 only; the README and NRO_LICENSE beside it ask for more.
    licence: 'CC0-1.0 AND CC-BY-4.0',
    texts: /^NRO_LICENSE$/,
    attribution:
      `Countries of addresses, by ${IP_LOCATION_DB}, dedicated to the public domain by CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/).\n` +
      `Made from data of the Number Resource Organization (https://www.nro.net) under ${CC_BY}, merged and brought into another format:`,
  },
  {
    npm: '@ip-location-db/asn',
    as: 'as-numbers.bin',
    from: () => {
      if (!makeAsNumbers()) throw new Error('the table of autonomous systems is not installed')
      return AS_FILE
    },
    licence: 'CC-BY-4.0',
    texts: /^(\w+-LICENSE|NRO_LICENSE|MODIFICATIONS)$/,
    attribution:
      `Autonomous systems of addresses, by ${IP_LOCATION_DB}, made from data of RouteViews (https://www.routeviews.org), DB-IP ` +
      `(https://db-ip.com) and the Number Resource Organization (https://www.nro.net), each under ${CC_BY}; for Vantage packed into another format:`,
  },
]

/** Puts the data files into a folder. */
export function copyDataFiles(to: string): void {
  mkdirSync(to, { recursive: true })
  for (const { from, as } of DATA_FILES) copyFileSync(from(), join(to, as))
}

export function dataComponents(): Component[] {
  return DATA_FILES.map(({ npm, licence, texts, attribution }) => {
    const component = npmComponent(dirname(require.resolve(`${npm}/package.json`)), { licence, texts })
    return { ...component, text: `${attribution}\n\n${component.text}` }
  })
}

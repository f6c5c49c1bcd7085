import { type IpAddress, ipToBytes, isIPv4 } from '../lib/ip.ts'

/** A place in the practice world. */
export interface PracticePlace {
  /** ISO 3166-1 alpha-2, lower case. */
  readonly country: string
  /** English name of the country, for the practice web site (the app words countries itself). */
  readonly countryName: string
  readonly town: string
  readonly latitude: number
  readonly longitude: number
}

/**
 * Countries by telephone calling code. A practice address is 127.<calling code>.0.<number>, so that its country can be read off it:
 * 127.46.0.10 is in Sweden. Codes above 255 do not fit and are left out.
 */
const BY_CALLING_CODE: ReadonlyMap<number, PracticePlace> = new Map(
  (
    [
      [1, 'us', 'the United States', 'Chicago', 41.88, -87.63],
      [20, 'eg', 'Egypt', 'Cairo', 30.04, 31.24],
      [27, 'za', 'South Africa', 'Cape Town', -33.92, 18.42],
      [30, 'gr', 'Greece', 'Athens', 37.98, 23.73],
      [31, 'nl', 'the Netherlands', 'Amsterdam', 52.37, 4.9],
      [32, 'be', 'Belgium', 'Ghent', 51.05, 3.72],
      [33, 'fr', 'France', 'Lyon', 45.76, 4.84],
      [34, 'es', 'Spain', 'Valencia', 39.47, -0.38],
      [39, 'it', 'Italy', 'Bologna', 44.49, 11.34],
      [40, 'ro', 'Romania', 'Cluj-Napoca', 46.77, 23.59],
      [41, 'ch', 'Switzerland', 'Bern', 46.95, 7.45],
      [43, 'at', 'Austria', 'Vienna', 48.21, 16.37],
      [44, 'gb', 'the United Kingdom', 'Leeds', 53.8, -1.55],
      [45, 'dk', 'Denmark', 'Aarhus', 56.16, 10.2],
      [46, 'se', 'Sweden', 'Uppsala', 59.86, 17.64],
      [47, 'no', 'Norway', 'Bergen', 60.39, 5.32],
      [48, 'pl', 'Poland', 'Gdańsk', 54.35, 18.65],
      [49, 'de', 'Germany', 'Leipzig', 51.34, 12.37],
      [52, 'mx', 'Mexico', 'Puebla', 19.04, -98.2],
      [55, 'br', 'Brazil', 'Recife', -8.05, -34.88],
      [61, 'au', 'Australia', 'Melbourne', -37.81, 144.96],
      [64, 'nz', 'New Zealand', 'Wellington', -41.29, 174.78],
      [65, 'sg', 'Singapore', 'Singapore', 1.35, 103.82],
      [81, 'jp', 'Japan', 'Osaka', 34.69, 135.5],
      [82, 'kr', 'South Korea', 'Busan', 35.18, 129.08],
      [90, 'tr', 'Türkiye', 'Izmir', 38.42, 27.14],
      [91, 'in', 'India', 'Pune', 18.52, 73.86],
    ] as const
  ).map(([code, country, countryName, town, latitude, longitude]) => [code, { country, countryName, town, latitude, longitude }]),
)

const CODE_BY_COUNTRY = new Map([...BY_CALLING_CODE].map(([code, place]) => [place.country, code]))

/** The practice address of the `number`th host (1–254) of a country, or `undefined` when the practice world lacks that country. */
export function practiceAddress(country: string, number: number): IpAddress | undefined {
  const code = CODE_BY_COUNTRY.get(country)
  return code === undefined || number < 1 || number > 254 ? undefined : `127.${code}.0.${number}`
}

/** Where an address of the practice world lies; `undefined` for 127.0.x.y and everything outside 127.0.0.0/8. */
export function practicePlace(address: IpAddress): PracticePlace | undefined {
  const bytes = isIPv4(address) ? ipToBytes(address) : undefined
  return bytes?.[0] === 127 ? BY_CALLING_CODE.get(bytes[1]!) : undefined
}

/**
 * The practice world's stand-in for the country data base. Relays that had to share 127.0.0.1 (see loopback.ts) are told apart by their
 * OR port, as long as they are registered.
 */
export class PracticeGeography {
  readonly #byPort = new Map<string, PracticePlace>()

  /** Gives a relay that has no address of its own its place. */
  register(address: IpAddress, port: number, country: string): void {
    const code = CODE_BY_COUNTRY.get(country)
    if (code !== undefined) this.#byPort.set(`${address} ${port}`, BY_CALLING_CODE.get(code)!)
  }

  place(address: IpAddress, port?: number): PracticePlace | undefined {
    return (port === undefined ? undefined : this.#byPort.get(`${address} ${port}`)) ?? practicePlace(address)
  }

  /** ISO 3166-1 alpha-2, lower case; `undefined` when the address lies in no country of the practice world. */
  country(address: IpAddress, port?: number): string | undefined {
    return this.place(address, port)?.country
  }
}

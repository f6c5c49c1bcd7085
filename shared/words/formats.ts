const KILO = 1000

/** Numbers, units, times and names of one locale, as both the window and the tray show them. All by Intl. */
export class Formats {
  readonly locale: string
  readonly #bytes: Intl.NumberFormat
  readonly #sizes: Scale
  readonly #rates: Scale
  readonly #counts: Intl.NumberFormat
  readonly #megabits: Intl.NumberFormat
  readonly #percent: Intl.NumberFormat
  readonly #countries: Intl.DisplayNames
  readonly #clock: Intl.DateTimeFormat
  readonly #weekdayClock: Intl.DateTimeFormat
  readonly #dayClock: Intl.DateTimeFormat
  readonly #lists: Intl.ListFormat

  constructor(locale: string) {
    this.locale = locale
    this.#bytes = unit(locale, 'byte', 0, 'long')
    this.#sizes = scale(locale, ['kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'])
    this.#rates = scale(locale, ['kilobyte-per-second', 'megabyte-per-second', 'gigabyte-per-second'])
    this.#counts = new Intl.NumberFormat(locale)
    this.#megabits = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
    this.#percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
    this.#countries = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' })
    const hour = hourStyle(locale)
    this.#clock = new Intl.DateTimeFormat(locale, { hour, minute: '2-digit' })
    this.#weekdayClock = new Intl.DateTimeFormat(locale, { weekday: 'long', hour, minute: '2-digit' })
    this.#dayClock = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour, minute: '2-digit' })
    this.#lists = new Intl.ListFormat(locale)
  }

  /** Bytes in decimal units: 1 kB = 1000 B. */
  bytes(bytes: number): string {
    return bytes < KILO ? this.#bytes.format(Math.max(0, bytes)) : scaled(bytes, this.#sizes)
  }

  /** Bytes per second in decimal units. */
  rate(bytesPerSecond: number): string {
    return scaled(bytesPerSecond, this.#rates)
  }

  /** Bytes per second as a number of Mbit/s (10⁶ bits), without its unit. */
  megabits(bytesPerSecond: number): string {
    return this.#megabits.format((bytesPerSecond * 8) / 1e6)
  }

  count(value: number): string {
    return this.#counts.format(value)
  }

  /** A fraction 0–1. */
  percent(value: number): string {
    return this.#percent.format(value)
  }

  /** Several things as one list. */
  list(items: readonly string[]): string {
    return this.#lists.format(items)
  }

  /** A country by its two-letter code; `unknown` for `??` and anything unheard of. */
  country(code: string, unknown: string): string {
    if (!/^[a-z]{2}$/i.test(code)) return unknown
    try {
      return this.#countries.of(code.toUpperCase()) ?? unknown
    } catch {
      return unknown
    }
  }

  /** A moment to come: the clock today, with the day of the week within six days, else with its date. */
  moment(ms: number, now: number): string {
    const days = Math.round((startOfDay(ms) - startOfDay(now)) / 86_400_000)
    if (days === 0) return this.#clock.format(ms)
    return (days > 0 && days < 7 ? this.#weekdayClock : this.#dayClock).format(ms)
  }
}

const startOfDay = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)

type Scale = readonly { readonly whole: Intl.NumberFormat; readonly parts: Intl.NumberFormat }[]

/** How a locale writes the hour: with a zero before it where the day has 24, without where it has twice 12. */
export function hourStyle(locale: string): 'numeric' | '2-digit' {
  return new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit'
}

function unit(locale: string, name: string, digits: number, unitDisplay: 'short' | 'long' = 'short'): Intl.NumberFormat {
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: name,
    unitDisplay,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

const scale = (locale: string, names: readonly string[]): Scale =>
  names.map(name => ({ whole: unit(locale, name, 0), parts: unit(locale, name, 1) }))

/** A value in the largest unit of a scale that begins at a thousand. */
function scaled(value: number, of: Scale): string {
  let n = Math.max(0, value) / KILO
  let at = 0
  while (n >= KILO && at < of.length - 1) {
    n /= KILO
    at++
  }
  return (n >= 100 || n < 0.05 ? of[at]!.whole : of[at]!.parts).format(n)
}

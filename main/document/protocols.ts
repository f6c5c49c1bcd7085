import { MalformedError } from '../lib/bytes.ts'

interface VersionRange {
  readonly low: number
  readonly high: number
}

const MAX_VERSION = 63
const MAX_NAME = 100
const MAX_TEXT = 8192
/** Relays share a few dozen protocol lists; the cache is emptied when something makes up many. */
const CACHE_LIMIT = 1024
const cache = new Map<string, Protocols>()

function parseRange(text: string): VersionRange {
  const dash = text.indexOf('-')
  const [low, high] = [dash < 0 ? text : text.slice(0, dash), dash < 0 ? text : text.slice(dash + 1)].map(number => {
    if (number === '' || number.length > 9 || /[^0-9]/.test(number)) throw new MalformedError('bad protocol version')
    return Number(number)
  }) as [number, number]
  if (low > high || high > MAX_VERSION) throw new MalformedError('bad protocol version range')
  return { low, high }
}

/** Sorted, without overlaps or neighbours. */
function merge(ranges: readonly VersionRange[]): VersionRange[] {
  const merged: { low: number; high: number }[] = []
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low)) {
    const last = merged.at(-1)
    if (last && low <= last.high + 1) last.high = Math.max(last.high, high)
    else merged.push({ low, high })
  }
  return merged
}

const formatRanges = (ranges: readonly VersionRange[]) =>
  ranges.map(({ low, high }) => (low === high ? `${low}` : `${low}-${high}`)).join(',')

/**
 * A list of subprotocol versions: "Link=4-5 Relay=2,4" (dir-spec 2.1.1 "proto"; proposal 264 and 318). Names are letters, digits and '-',
 * versions 0 to 63. Names that we do not know are kept.
 */
export class Protocols {
  static readonly none = new Protocols('', new Map())
  readonly #text: string
  readonly #entries: ReadonlyMap<string, readonly VersionRange[]>

  private constructor(text: string, entries: ReadonlyMap<string, readonly VersionRange[]>) {
    this.#text = text
    this.#entries = entries
  }

  /** Values are shared: equal text gives the same object. @throws MalformedError */
  static parse(text: string): Protocols {
    const known = cache.get(text)
    if (known) return known
    if (text.length > MAX_TEXT) throw new MalformedError('protocol list too long')
    // A copy: the cache must not keep a whole consensus alive of which this is a slice.
    text = Buffer.from(text).toString()
    const entries = new Map<string, VersionRange[]>()
    for (const entry of text.split(' ')) {
      if (entry === '') continue
      const equals = entry.indexOf('=')
      const name = entry.slice(0, equals)
      if (equals < 1 || equals > MAX_NAME || /[^A-Za-z0-9-]/.test(name)) throw new MalformedError('bad protocol name')
      const list = entry.slice(equals + 1)
      const ranges = list === '' ? [] : list.split(',').map(parseRange)
      entries.set(name, merge([...(entries.get(name) ?? []), ...ranges]))
    }
    const made = new Protocols(text, entries)
    if (cache.size >= CACHE_LIMIT) cache.clear()
    cache.set(text, made)
    return made
  }

  /**
   * What at least `threshold` of the lists have, in canonical form: names sorted, versions joined to ranges
   * (how authorities agree on required and recommended protocols).
   */
  static vote(lists: readonly Protocols[], threshold: number): Protocols {
    const names = [...new Set(lists.flatMap(list => [...list.#entries.keys()]))].sort()
    const entries = names.map(name => {
      const agreed: VersionRange[] = []
      for (let version = 0; version <= MAX_VERSION; version++) {
        if (lists.filter(list => list.supports(name, version)).length >= threshold) agreed.push({ low: version, high: version })
      }
      return agreed.length === 0 ? '' : `${name}=${formatRanges(merge(agreed))}`
    })
    return Protocols.parse(entries.filter(entry => entry !== '').join(' '))
  }

  supports(name: string, version: number): boolean {
    return this.#entries.get(name)?.some(({ low, high }) => low <= version && version <= high) ?? false
  }

  /** What `required` asks for and this list lacks, e.g. "Link=5 Relay=3-4"; empty when nothing is missing. */
  missingFrom(required: Protocols): string {
    const missing: string[] = []
    for (const [name, ranges] of required.#entries) {
      const versions: VersionRange[] = []
      for (const { low, high } of ranges) {
        for (let version = low; version <= high; version++)
          if (!this.supports(name, version)) versions.push({ low: version, high: version })
      }
      if (versions.length > 0) missing.push(`${name}=${formatRanges(merge(versions))}`)
    }
    return missing.join(' ')
  }

  /** The list as it was written. */
  toString(): string {
    return this.#text
  }
}

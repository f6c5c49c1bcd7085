import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainText } from '../../shared/format.ts'
import { type IpAddress, ipToBytes } from '../lib/ip.ts'

/** Beside the bundle in a packaged app; in a checkout under out/, where setting up puts it (tools/as-numbers.mjs). */
const AS_FILE = 'as-numbers.bin'

/** Who announces an address on the Internet. The name is untrusted text, made fit to be shown. */
export interface AutonomousSystem {
  readonly number: number
  readonly name: string
}

/*
 * The file, all numbers u32 little endian:
 *
 *   "VASN" | VERSION = 1 | DAY (20260617) | FOUR | SIX | SYSTEMS | NAMES
 *   FOUR  × start of an IPv4 range, sorted        FOUR × its system
 *   SIX   × upper 32 bits of the start of an IPv6 range, sorted · SIX × the next 32 bits · SIX × its system
 *   SYSTEMS × AS number · SYSTEMS × end of its name in what follows · NAMES bytes of UTF-8
 *
 * A range ends where the next one starts; systems count from 1, 0 is nobody.
 */
const MAGIC = 0x4e534156
const HEADER_WORDS = 7
const MAX_FILE = 64 * 1024 * 1024
/** Bytes of a name, which are at least as many as its UTF-16 units. */
const MAX_NAME = 100

interface Table {
  readonly day: number
  readonly four: Uint32Array
  readonly fourSystems: Uint32Array
  readonly sixUpper: Uint32Array
  readonly sixLower: Uint32Array
  readonly sixSystems: Uint32Array
  readonly numbers: Uint32Array
  readonly nameEnds: Uint32Array
  readonly names: Buffer
}

/**
 * Autonomous systems of addresses, from public tables packed into one file, which is read when first asked and stays outside the JavaScript heap. The
 * answers are hints: such tables have mistakes, and routes change. Without a readable file nothing is known, and the app works.
 */
export class AsNumbers {
  readonly #path: string
  #table: Table | undefined
  #read = false
  /** Relays are in few systems, and are shown twice a second. */
  readonly #known = new Map<number, AutonomousSystem>()

  constructor(path: string = shippedPath()) {
    this.#path = path
  }

  /** Who announces the address, or `undefined` when the data does not say. */
  system(address: IpAddress): AutonomousSystem | undefined {
    const table = this.#load()
    const bytes = ipToBytes(address)
    if (!table || !bytes) return undefined
    const system =
      bytes.length === 4
        ? table.fourSystems[lastAtOrBefore(table.four, undefined, bytes.readUInt32BE(0), 0)]
        : table.sixSystems[lastAtOrBefore(table.sixUpper, table.sixLower, bytes.readUInt32BE(0), bytes.readUInt32BE(4))]
    if (!system || system > table.numbers.length) return undefined
    const known = this.#known.get(system)
    if (known) return known
    const start = system === 1 ? 0 : table.nameEnds[system - 2]!
    const end = Math.min(Math.max(start, table.nameEnds[system - 1]!), start + MAX_NAME)
    const name = table.names.toString('utf8', start, end)
    const found = { number: table.numbers[system - 1]!, name: plainText(name, MAX_NAME) }
    this.#known.set(system, found)
    return found
  }

  /** Name, date and makers of the data for people, as its licence asks; `undefined` when there is none. */
  get source(): string | undefined {
    const day = this.#load()?.day.toString()
    return (
      day && `ip-location-db asn, ${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)} (RouteViews, NRO, https://db-ip.com; CC BY 4.0)`
    )
  }

  #load(): Table | undefined {
    if (this.#read) return this.#table
    this.#read = true
    try {
      this.#table = parseTable(readFileSync(this.#path))
    } catch {
      this.#table = undefined
    }
    return this.#table
  }
}

/** `undefined` for anything that is not whole. */
function parseTable(file: Buffer): Table | undefined {
  if (file.length < 4 * HEADER_WORDS || file.length > MAX_FILE) return undefined
  // A copy of its own starts at a multiple of four, as typed arrays need it.
  const bytes = file.byteOffset % 4 === 0 ? file : Buffer.from(Uint8Array.from(file).buffer)
  let at = 0
  const words = (count: number) => {
    const part = new Uint32Array(bytes.buffer, bytes.byteOffset + at, count)
    at += 4 * count
    return part
  }
  const [magic, version, day, four, six, systems, names] = [...words(HEADER_WORDS)] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const length = 4 * (HEADER_WORDS + 2 * four + 3 * six + 2 * systems) + names
  // Read in the machine's own byte order: the magic number of another one does not fit.
  if (magic !== MAGIC || version !== 1 || length !== bytes.length || day < 20_000_101 || day > 29_991_231) return undefined
  return {
    day,
    four: words(four),
    fourSystems: words(four),
    sixUpper: words(six),
    sixLower: words(six),
    sixSystems: words(six),
    numbers: words(systems),
    nameEnds: words(systems),
    names: bytes.subarray(at),
  }
}

/** Index of the last of the sorted numbers that is not above; -1 when all are. `lower`: further 32 bits of each. */
function lastAtOrBefore(upper: Uint32Array, lower: Uint32Array | undefined, wantedUpper: number, wantedLower: number): number {
  let from = 0
  let to = upper.length
  while (from < to) {
    const middle = (from + to) >>> 1
    const difference = upper[middle]! - wantedUpper || (lower ? lower[middle]! - wantedLower : 0)
    if (difference <= 0) from = middle + 1
    else to = middle
  }
  return from - 1
}

function shippedPath(): string {
  const bundled = join(import.meta.dirname, AS_FILE)
  return existsSync(bundled) ? bundled : join(import.meta.dirname, '../../out', AS_FILE)
}

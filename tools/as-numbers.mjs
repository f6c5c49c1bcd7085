// Packs the public table of autonomous systems into the one file that main/app/as-numbers.ts looks addresses up in (its layout is
// described there). Plain JavaScript for Node 18 and newer: it runs when a checkout is set up, and in the build of the app.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const SOURCE = join(root, 'node_modules/@ip-location-db/asn')
/** Where a checkout keeps it; the app's build copies it beside its bundle. */
export const AS_FILE = join(root, 'out/as-numbers.bin')
const MAGIC = 'VASN'
const VERSION = 1
const NAME_BYTES = 80
const NONE = 0

/**
 * Makes the file where it is missing or older than its source; without the source (an installation without packages for development) there is none.
 * @returns {boolean} whether there is one
 */
export function makeAsNumbers() {
  const table = join(SOURCE, 'package.json')
  if (!existsSync(table)) return false
  const newest = Math.max(statSync(table).ctimeMs, statSync(fileURLToPath(import.meta.url)).mtimeMs)
  if (existsSync(AS_FILE) && statSync(AS_FILE).mtimeMs >= newest) return true
  mkdirSync(dirname(AS_FILE), { recursive: true })
  // Tests and starts may run side by side: whoever comes last puts the same bytes there.
  const unfinished = `${AS_FILE}.${process.pid}`
  writeFileSync(unfinished, packAsNumbers(SOURCE))
  renameSync(unfinished, AS_FILE)
  return true
}

/**
 * @param {string} folder of the npm package: package.json, asn-ipv4-num.csv, asn-ipv6-num.csv
 * @returns {Buffer}
 */
export function packAsNumbers(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // 2.3.2026061719: made on that day.
  const day = Number(/^\d+\.\d+\.(20\d{6})\d*$/.exec(version)?.[1] ?? 0)
  /** @type {Map<number, { index: number, name: Buffer }>} */
  const systems = new Map()
  const four = starts(readFileSync(join(folder, 'asn-ipv4-num.csv'), 'utf8'), systems, text => Number(text), 2 ** 32)
  // Networks are announced in /48s and larger: the upper half of an address says whose it is. Numbers of 64 bits do not fit a double.
  const upper = (/** @type {string} */ text) => BigInt(text) >> 64n
  const six = starts(readFileSync(join(folder, 'asn-ipv6-num.csv'), 'utf8'), systems, upper, 2n ** 64n)
  const list = [...systems]
  const names = Buffer.concat(list.map(([, { name }]) => name))
  const ends = list.map(
    (
      (end = 0) =>
      ([, { name }]) =>
        (end += name.length)
    )(),
  )
  return Buffer.concat([
    Buffer.from(MAGIC),
    words([VERSION, day, four.length, six.length, list.length, names.length]),
    words(four.map(([start]) => start)),
    words(four.map(([, system]) => system)),
    words(six.map(([start]) => Number(start >> 32n))),
    words(six.map(([start]) => Number(start & 0xffffffffn))),
    words(six.map(([, system]) => system)),
    words(list.map(([number]) => number)),
    words(ends),
    names,
  ])
}

/** @param {readonly number[]} numbers each 32 bits, little endian */
function words(numbers) {
  const out = Buffer.alloc(4 * numbers.length)
  for (const [i, number] of numbers.entries()) out.writeUInt32LE(number, 4 * i)
  return out
}

/**
 * Reads "first,last,number,name" lines of ranges. What nobody announces belongs to none; neighbours of one system become one.
 * @template {number | bigint} T
 * @param {string} text @param {Map<number, { index: number, name: Buffer }>} systems takes the systems that come up
 * @param {(text: string) => T} read @param {T} end behind the last address
 * @returns {[start: T, system: number][]} index of a system from 1, 0 for none; sorted
 */
function starts(text, systems, read, end) {
  const one = /** @type {T} */ (typeof end === 'bigint' ? 1n : 1)
  /** @type {{ from: T, to: T, system: number }[]} */
  const ranges = []
  for (const line of text.split('\n')) {
    const match = /^(\d+),(\d+),(\d+),(.*?)\r?$/.exec(line)
    if (!match) continue
    const number = Number(match[3])
    if (number === 0 || number >= 2 ** 32) continue
    let known = systems.get(number)
    if (!known) systems.set(number, (known = { index: systems.size + 1, name: nameOf(match[4]) }))
    ranges.push({ from: read(match[1]), to: read(match[2]), system: known.index })
  }
  ranges.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  /** @type {[T, number][]} */
  const out = []
  const put = (/** @type {T} */ start, /** @type {number} */ system) => {
    if (out.length === 0 ? system !== NONE : out[out.length - 1][1] !== system) out.push([start, system])
  }
  let next = /** @type {T} */ (typeof end === 'bigint' ? 0n : 0)
  for (const { from, to, system } of ranges) {
    // Of ranges that overlap the first one counts.
    const start = from > next ? from : next
    if (to < start || to >= end) continue
    if (start > next) put(next, NONE)
    put(start, system)
    next = /** @type {T} */ (to + one)
  }
  if (next < end) put(next, NONE)
  return out
}

/** A name for people, without what is not of a name. @param {string} field as in the CSV */
function nameOf(field) {
  const text = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  let name = Buffer.from(clean)
  if (name.length > NAME_BYTES) {
    let length = NAME_BYTES
    // Not through the middle of a character.
    while ((name[length] & 0xc0) === 0x80) length--
    name = name.subarray(0, length)
  }
  return name
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeAsNumbers()

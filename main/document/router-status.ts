import { MalformedError } from '../lib/bytes.ts'
import { canonicalIp, type IpAddress, isIPv4 } from '../lib/ip.ts'
import { PortSummary } from './port-summary.ts'
import { Protocols } from './protocols.ts'
import { parseIPv6Port } from './server-descriptor.ts'
import type { SlicedWork } from './sliced-work.ts'
import { formatTime, parseInteger, parseNickname, parseTime } from './tokens.ts'

/** The two consensus flavors: with digests of server descriptors, or of microdescriptors. */
export type Flavor = 'ns' | 'microdesc'

/** What a consensus or a vote says about one relay (dir-spec 3.4.1). */
export interface RouterStatus {
  readonly nickname: string
  /** 40 upper-case hex. */
  readonly fingerprint: string
  /** ns and votes: SHA-1 of the server descriptor, 40 upper-case hex. */
  readonly descriptorDigest?: string
  /** microdesc: SHA-256 of the microdescriptor, base64 without '='. */
  readonly microdescriptorDigest?: string
  /** ms; in the microdesc flavor a fixed time in 2038 that means nothing. */
  readonly published: number
  readonly address: IpAddress
  readonly orPort: number
  /** 0: none. */
  readonly dirPort: number
  readonly orAddresses6: readonly { readonly address: IpAddress; readonly port: number }[]
  readonly flags: ReadonlySet<string>
  /** Text of the `v` line, e.g. "Tor 0.4.9.11". */
  readonly version?: string
  readonly protocols: Protocols
  /** Weight for choosing relays, in kB/s. */
  readonly bandwidth: number
  /** Fewer than three authorities measured it. */
  readonly unmeasured: boolean
  /** ns and votes. */
  readonly portSummary?: PortSummary
}

/** What only votes say about a relay. */
export interface VoteRouter extends RouterStatus {
  readonly descriptorDigest: string
  /** kB/s, when the authority measures bandwidth. */
  readonly measured?: number
  /** Base64 without '='; "none" for a relay that has none; `undefined` when the vote does not say. */
  readonly ed25519Identity?: string
  /** Consensus method → digest of the microdescriptor, base64 without '='. */
  readonly microdescriptorDigests: ReadonlyMap<number, string>
  /** Weighted fractional uptime (0 to 1), weighted time known (s), mean time between failures (s). */
  readonly stats?: { readonly wfu: number; readonly timeKnown: number; readonly mtbf: number }
}

/** Far more than the network will have. */
const MAX_ROUTERS = 65_536
/** How many entries are parsed before a slice of work may end. */
const ENTRIES_PER_STEP = 32
const MAX_UINT32 = 2 ** 32 - 1
const EMPTY: never[] = []
/** How many `a` or `m` lines of one entry are looked at. */
const MAX_REPEATED = 8

/** Many relays have the same flags, protocols and ports; values are made once per text and document. */
class Memo<T> {
  readonly #known = new Map<string, T>()
  readonly #make: (text: string) => T
  constructor(make: (text: string) => T) {
    this.#make = make
  }
  get(text: string): T {
    let value = this.#known.get(text)
    if (value === undefined) {
      value = this.#make(text)
      this.#known.set(text, value)
    }
    return value
  }
}

function parsePortSummary(text: string): PortSummary {
  const summary = PortSummary.parse(text)
  if (summary.toString() !== text) throw new MalformedError('port list in an unusual form')
  return summary
}

/** Base64 without padding of `bytes` bytes, checked, in its one canonical form. */
function checkDigest(text: string, bytes: number): Buffer {
  const decoded = Buffer.from(text, 'base64')
  if (text.length !== Math.ceil((bytes * 4) / 3) || decoded.length !== bytes || /[^A-Za-z0-9+/]/.test(text))
    throw new MalformedError('bad digest')
  return decoded
}

const toHex = (text: string) => checkDigest(text, 20).toString('hex').toUpperCase()

/** The value of "Key=" in the arguments of a `w` or `stats` line. */
function argumentValue(parts: readonly string[], key: string): string | undefined {
  for (const part of parts) if (part.startsWith(key)) return part.slice(key.length)
  return undefined
}

function parseStats(text: string): NonNullable<VoteRouter['stats']> {
  const [wfu, timeKnown, mtbf] = ['wfu=', 'tk=', 'mtbf='].map(key => {
    const value = argumentValue(text.split(' '), key) ?? ''
    if (value.length > 30 || !/^\d+(\.\d+)?$/.test(value)) throw new MalformedError('bad stats')
    return Number(value)
  }) as [number, number, number]
  return { wfu, timeKnown, mtbf }
}

/** "32,33 sha256=DIGEST" into the map. */
function parseMicrodescriptorLine(text: string, into: Map<number, string>): void {
  const parts = text.split(' ')
  const digest = argumentValue(parts.slice(1), 'sha256=')
  if (digest === undefined) return
  checkDigest(digest, 32)
  for (const method of parts[0]!.split(',').slice(0, 64)) {
    const number = parseInteger(method, 1, 1_000_000)
    if (!into.has(number)) into.set(number, digest)
  }
}

/** The lines of one entry, by keyword. */
interface EntryLines {
  r: string | undefined
  s: string | undefined
  v: string | undefined
  pr: string | undefined
  w: string | undefined
  p: string | undefined
  stats: string | undefined
  id: string | undefined
  a: string[]
  m: string[]
}

/** Reads the entries of a consensus or vote one after the other. */
export class RouterStatusReader {
  readonly #text: string
  readonly #kind: Flavor | 'vote'
  #at: number
  #lastTime = ''
  #lastPublished = 0
  readonly #flags: Memo<ReadonlySet<string>>
  readonly #summaries = new Memo(parsePortSummary)
  readonly #versions = new Memo(text => text)

  /** `knownFlags`: a vote must not use others. */
  constructor(text: string, at: number, kind: Flavor | 'vote', knownFlags: readonly string[]) {
    this.#text = text
    this.#at = at
    this.#kind = kind
    const known = new Set(knownFlags)
    this.#flags = new Memo(line => {
      const flags = new Set(line.split(' ').filter(flag => flag !== ''))
      if (kind === 'vote') for (const flag of flags) if (!known.has(flag)) throw new MalformedError('unknown flag in a vote')
      return flags
    })
  }

  /** Where reading stands: after the last entry, the first character that belongs to none. */
  get offset(): number {
    return this.#at
  }

  /**
   * Everything up to the footer; for a vote the values are {@link VoteRouter}s. Entries must be sorted by fingerprint, which makes each unique.
   * @throws MalformedError
   */
  *readAll(): SlicedWork<RouterStatus[]> {
    const found: RouterStatus[] = []
    let last = ''
    while (this.#text.startsWith('r ', this.#at)) {
      const router = this.readOne()
      if (router.fingerprint <= last) throw new MalformedError('entries are not in order')
      last = router.fingerprint
      if (found.push(router) > MAX_ROUTERS) throw new MalformedError('too many entries')
      if (found.length % ENTRIES_PER_STEP === 0) yield
    }
    return found
  }

  /** The next entry, which must be there. @throws MalformedError */
  readOne(): RouterStatus {
    const lines = this.#readLines()
    return this.#kind === 'vote' ? this.#voteRouter(lines) : this.#router(lines)
  }

  #readLines(): EntryLines {
    const text = this.#text
    const lines: EntryLines = {
      r: undefined,
      s: undefined,
      v: undefined,
      pr: undefined,
      w: undefined,
      p: undefined,
      stats: undefined,
      id: undefined,
      a: EMPTY,
      m: EMPTY,
    }
    do {
      const at = this.#at
      const eol = text.indexOf('\n', at)
      if (eol < 0) throw new MalformedError('entry without an end')
      const line = text.slice(at, eol)
      const space = line.indexOf(' ')
      const keyword = space < 0 ? line : line.slice(0, space)
      const rest = space < 0 ? '' : line.slice(space + 1)
      switch (keyword) {
        case 'r':
        case 's':
        case 'v':
        case 'pr':
        case 'w':
        case 'p':
        case 'stats':
          if (lines[keyword] !== undefined) throw new MalformedError(`${keyword} twice in an entry`)
          lines[keyword] = rest
          break
        case 'id':
          if (rest.startsWith('ed25519 ')) lines.id = rest
          break
        case 'a':
        case 'm':
          if (lines[keyword].length < MAX_REPEATED) lines[keyword] = [...lines[keyword], rest]
          break
        default:
          if (keyword.startsWith('@')) throw new MalformedError('annotation in a document')
      }
      this.#at = eol + 1
    } while (!text.startsWith('r ', this.#at) && !text.startsWith('directory-', this.#at))
    return lines
  }

  #published(text: string): number {
    if (text !== this.#lastTime) {
      this.#lastPublished = parseTime(text)
      this.#lastTime = text
    }
    return this.#lastPublished
  }

  #router({ r, s, v, pr, w, p, a, m }: EntryLines): RouterStatus {
    if (r === undefined || s === undefined || pr === undefined) throw new MalformedError('entry without r, s or pr')
    const isMicrodesc = this.#kind === 'microdesc'
    const fields = r.split(' ')
    if (fields.length < (isMicrodesc ? 7 : 8)) throw new MalformedError('r with too few arguments')
    const [date, time, address, orPort, dirPort] = fields.slice(isMicrodesc ? 2 : 3) as [string, string, string, string, string]
    if (!isIPv4(address) || canonicalIp(address) !== address) throw new MalformedError('bad address in r')
    const weights = w === undefined ? EMPTY : w.split(' ')
    if (isMicrodesc && m.length > 0) checkDigest(m[0]!, 32)
    return {
      nickname: parseNickname(fields[0]!),
      fingerprint: toHex(fields[1]!),
      descriptorDigest: isMicrodesc ? undefined : toHex(fields[2]!),
      microdescriptorDigest: isMicrodesc ? m[0] : undefined,
      published: this.#published(`${date} ${time}`),
      address,
      orPort: parseInteger(orPort, 0, 65535),
      dirPort: parseInteger(dirPort, 0, 65535),
      orAddresses6: a.length === 0 ? EMPTY : a.flatMap(line => parseIPv6Port(line) ?? []),
      flags: this.#flags.get(s),
      version: v === undefined ? undefined : this.#versions.get(v),
      protocols: Protocols.parse(pr),
      bandwidth: parseInteger(argumentValue(weights, 'Bandwidth=') ?? '0', 0, MAX_UINT32),
      unmeasured: weights.includes('Unmeasured=1'),
      portSummary: p === undefined ? undefined : this.#summaries.get(p),
    }
  }

  #voteRouter(lines: EntryLines): VoteRouter {
    const status = this.#router(lines) as RouterStatus & { descriptorDigest: string }
    const weights = lines.w?.split(' ') ?? EMPTY
    if (argumentValue(weights, 'Bandwidth=') === undefined) throw new MalformedError('vote entry without a bandwidth')
    const measured = argumentValue(weights, 'Measured=')
    const ed25519Identity = lines.id?.split(' ')[1]
    if (ed25519Identity !== undefined && ed25519Identity !== 'none') checkDigest(ed25519Identity, 32)
    const microdescriptorDigests = new Map<number, string>()
    for (const line of lines.m) parseMicrodescriptorLine(line, microdescriptorDigests)
    return {
      ...status,
      measured: measured === undefined ? undefined : parseInteger(measured, 0, MAX_UINT32),
      ed25519Identity,
      microdescriptorDigests,
      stats: lines.stats === undefined ? undefined : parseStats(lines.stats),
    }
  }
}

/** Where the entry of a relay (40 upper-case hex) begins in a document whose entries begin at `from`; `undefined` when it has none. */
export function findEntry(text: string, from: number, fingerprint: string): number | undefined {
  const identity = fromHex(fingerprint)
  for (let at = text.indexOf(` ${identity} `, from); at >= 0; at = text.indexOf(` ${identity} `, at + 1)) {
    const start = text.lastIndexOf('\n', at) + 1
    if (text.startsWith('r ', start) && text.indexOf(' ', start + 2) === at) return start
  }
  return undefined
}

const fromHex = (hex: string) => Buffer.from(hex, 'hex').toString('base64').slice(0, 27)

/** The `r` and `a` lines of an entry, which all documents have alike. */
export function formatRouterHead(router: RouterStatus, kind: Flavor | 'vote'): string {
  const digest = kind === 'microdesc' ? '' : `${fromHex(router.descriptorDigest ?? '')} `
  const head = `r ${router.nickname} ${fromHex(router.fingerprint)} ${digest}${formatTime(router.published)} ${router.address} ${router.orPort} ${router.dirPort}\n`
  return head + router.orAddresses6.map(({ address, port }) => `a [${address}]:${port}\n`).join('')
}

/** The `s` line; flags sorted. */
export function formatFlags(flags: ReadonlySet<string>): string {
  return ['s', ...[...flags].sort()].join(' ').concat('\n')
}

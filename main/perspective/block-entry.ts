import { MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type Cidr, parseCidr } from '../lib/ip.ts'

/** Whom an entry of the block list means. Texts are canonical: fingerprints upper case, base64 without '=', countries lower case. */
export type BlockTarget =
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | { readonly kind: 'ed25519'; readonly identity: string }
  /** Everybody who declares this relay as family, and the relay itself. */
  | { readonly kind: 'family'; readonly fingerprint: string }
  | { readonly kind: 'network'; readonly block: Cidr }
  | { readonly kind: 'country'; readonly country: string }

export interface BlockEntry {
  readonly target: BlockTarget
  /** ms; left out: for ever. */
  readonly expires?: number
  readonly reason?: string
  /** The owner's own words, never told to anybody. */
  readonly note?: string
}

const MAX_TEXT = 300
/** The last moment that the list's ISO times can say. */
const LAST_EXPIRY = Date.parse('9999-12-31T23:59:59.999Z')

/** The part of an address block that counts, as text; a lone address without its mask. */
function formatBlock({ bytes, bits }: Cidr): string {
  const masked = Buffer.from(bytes)
  for (let i = 0; i < masked.length; i++) masked[i]! &= 0xff00 >> Math.min(8, Math.max(0, bits - i * 8))
  const text = bytesToIp(masked)
  return bits === bytes.length * 8 ? text : `${text}/${bits}`
}

export function formatTarget(target: BlockTarget): string {
  switch (target.kind) {
    case 'fingerprint':
      return `$${target.fingerprint}`
    case 'ed25519':
      return target.identity
    case 'family':
      return `family:$${target.fingerprint}`
    case 'network':
      return formatBlock(target.block)
    case 'country':
      return `{${target.country}}`
    default:
      return target satisfies never
  }
}

/** @throws MalformedError */
export function parseTarget(text: string): BlockTarget {
  const fingerprint = /^(family:)?\$?([0-9a-f]{40})$/i.exec(text)
  if (fingerprint) return { kind: fingerprint[1] ? 'family' : 'fingerprint', fingerprint: fingerprint[2]!.toUpperCase() }
  const country = /^\{([a-z]{2})\}$/i.exec(text)
  if (country) return { kind: 'country', country: country[1]!.toLowerCase() }
  const block = text.length <= 50 ? parseCidr(text) : undefined
  if (block) return { kind: 'network', block }
  if (/^[A-Za-z0-9+/]{43}=?$/.test(text)) {
    const identity = text.slice(0, 43)
    // Two spellings of one key would be two entries.
    if (Buffer.from(identity, 'base64').toString('base64') === `${identity}=`) return { kind: 'ed25519', identity }
  }
  throw new MalformedError('not a fingerprint, Ed25519 identity, family, network or country')
}

/** A line of the list: `target [expiry=ISO] [reason="…"] [# note]`. */
export function formatEntry({ target, expires, reason, note }: BlockEntry): string {
  const parts = [formatTarget(target)]
  if (expires !== undefined) parts.push(`expiry=${new Date(expires).toISOString()}`)
  if (reason !== undefined) parts.push(`reason="${reason.replace(/["\\]/g, '\\$&')}"`)
  if (note !== undefined) parts.push(`# ${note}`)
  return parts.join(' ')
}

/** Text of people on one line: control and direction characters become spaces. */
function oneLine(text: string): string | undefined {
  const clean = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .slice(0, MAX_TEXT)
    .trim()
  return clean === '' ? undefined : clean
}

/** An entry in the form in which it comes back from a file: its texts on one line, and without an expiry that has no four digits for its year. */
export function cleanEntry({ target, expires, reason, note }: BlockEntry): BlockEntry {
  return {
    target,
    // Whoever blocks until then means for ever.
    ...(expires === undefined || !(expires <= LAST_EXPIRY) ? {} : { expires: Math.max(0, expires) }),
    ...optional('reason', reason),
    ...optional('note', note),
  }
}

function optional(name: 'reason' | 'note', text: string | undefined): { reason?: string; note?: string } {
  const clean = text === undefined ? undefined : oneLine(text)
  return clean === undefined ? {} : { [name]: clean }
}

function parseExpiry(text: string): number {
  // Not everything that Date takes: a day, or a moment with its zone.
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text))
    throw new MalformedError('expiry is no ISO time')
  const time = Date.parse(text)
  if (!Number.isFinite(time)) throw new MalformedError('expiry is no ISO time')
  return time
}

/** The entry of one line, `undefined` for empty lines and comments. @throws MalformedError */
export function parseEntry(line: string): BlockEntry | undefined {
  let rest = line.trim()
  if (rest === '' || rest.startsWith('#')) return undefined
  const word = /^\S+/.exec(rest)![0]
  const target = parseTarget(word)
  rest = rest.slice(word.length).trimStart()
  let expires: number | undefined
  let reason: string | undefined
  while (rest !== '' && !rest.startsWith('#')) {
    const match = /^(?:expiry=(\S+)|reason="((?:[^"\\]|\\["\\])*)")(?=\s|$)/.exec(rest)
    if (!match) throw new MalformedError('expected expiry=…, reason="…" or # note')
    if (match[1] !== undefined) expires = parseExpiry(match[1])
    else reason = match[2]!.replace(/\\(["\\])/g, '$1')
    rest = rest.slice(match[0].length).trimStart()
  }
  return cleanEntry({ target, expires, reason, note: rest.startsWith('#') ? rest.slice(1) : undefined })
}

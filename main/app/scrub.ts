import { plainText } from '../../shared/format.ts'
import { canonicalIp } from '../lib/ip.ts'

/** A text that must not be told, and what stands for it. */
export interface Secret {
  readonly text: string
  readonly as: string
}

/** Addresses that say nothing about anybody. */
const HARMLESS = new Set(['127.0.0.1', '0.0.0.0', '::1', '::'])
/** Endings of file names, which look like host names. */
const FILES = /\.(?:[cm]?[jt]sx?|json|pem|txt|log|css|html|mmdb|asar|lock|tmp|node|val|sqlite)$/i
/** Shorter secrets would tear ordinary words apart. */
const SHORTEST = 3

const E_MAIL = /(?<![^\s<>"'(),;:])[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g
const FINGERPRINT = /\$?\b(?:[0-9a-f]{64}|[0-9a-f]{40}|(?:[0-9a-f]{4} ){9}[0-9a-f]{4})\b/gi
const HARDWARE = /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi
const IDENTITY = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=?(?![A-Za-z0-9+/=])/g
const TOKEN = /[A-Za-z0-9_+=-]{24,}/g
const ADDRESS_6 = /\[?(?<![0-9a-z:.])[0-9a-f:]*:[0-9a-f:.]*(?:%[\w]+)?\]?/gi
const ADDRESS_4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g
/** The method of a stack trace's line, which looks like a host name. */
const FRAME = /^ *at (?:async )?(?:new )?[A-Z]\w*(?:\.[\w#]+)+ (?=\(|\[as )/
/** In any script. Begins only where no name goes on, so that a line takes no time that grows with its square. */
const HOST = /(?<![\p{L}\p{N}_.-])[.-]*(?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]*[\p{L}\p{N}](?![\p{L}\p{N}_])/gu
/** Characters of a line that are told. */
const MOST = 2000
/** No address, fingerprint, host name or the like is longer. */
const LONGEST = 320

/**
 * Takes out of a text what could tell who somebody is or where they went: addresses, host names, fingerprints, keys, mail addresses, and the
 * secrets given. The same thing is replaced by the same words each time, so that what belongs together still shows.
 */
export class Scrubber {
  readonly #secrets: readonly Secret[]
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor(secrets: readonly Secret[]) {
    this.#secrets = secrets
      .map(({ text, as }) => ({ text: text.normalize('NFC'), as }))
      .filter(({ text }) => text.length >= SHORTEST)
      .sort((a, b) => b.text.length - a.text.length)
  }

  /** One line of text, without what must not be told and without characters that change how it is shown. */
  line(text: string): string {
    // What lies across the end of a long line would be cut, and not known any more: so more is read than is told.
    const margin = Math.max(LONGEST, this.#secrets[0]?.text.length ?? 0)
    const clean = plainText(text, MOST + margin).normalize('NFC')
    const isCut = clean.endsWith('…')
    const frame = FRAME.exec(clean)?.[0] ?? ''
    let out = clean.slice(frame.length)
    for (const secret of this.#secrets) out = replaceAnyCase(out, secret.text, `[${secret.as}]`)
    const scrubbed = out
      .replace(E_MAIL, match => this.#name('mail', match))
      .replace(FINGERPRINT, match => this.#name('fingerprint', match.replace(/[$ ]/g, '').toUpperCase()))
      .replace(HARDWARE, match => this.#name('device', match))
      .replace(IDENTITY, match => this.#name('identity', match))
      .replace(ADDRESS_6, match => this.#address(match))
      .replace(ADDRESS_4, match => this.#address(match))
      .replace(HOST, match => (FILES.test(match) ? match : this.#name('host', match.replace(/^[.-]+/, '').toLowerCase())))
      .replace(TOKEN, match => (/\d/.test(match) && /[a-z]/i.test(match) ? this.#name('token', match) : match))
    return isCut ? `${(frame + scrubbed).slice(0, -margin)}…` : frame + scrubbed
  }

  #address(text: string): string {
    const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
    const address = canonicalIp(bare)
    if (address !== undefined && HARMLESS.has(address)) return text
    // Four numbers with dots that are no address ("010.1.1.1") mean one to somebody.
    if (address === undefined && bare.includes(':')) return text
    return this.#name('address', address ?? bare)
  }

  #name(kind: string, of: string): string {
    const key = `${kind} ${of}`
    let name = this.#names.get(key)
    if (name === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, count)
      name = `[${kind} ${count}]`
      this.#names.set(key, name)
    }
    return name
  }
}

/** Every occurrence, whatever its case, without reading the secret as a pattern. */
function replaceAnyCase(text: string, secret: string, by: string): string {
  const pattern = new RegExp(secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi')
  return text.replace(pattern, () => by)
}

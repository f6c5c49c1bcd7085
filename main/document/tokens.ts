import { MalformedError } from '../lib/bytes.ts'

/**
 * The meta-format of directory documents (dir-spec 1.2): items of one keyword line and at most one object. The text of a document is its bytes
 * decoded as UTF-8; text that did not come from valid UTF-8 fails at its signatures or digests. Unknown keywords are the reader's to ignore.
 */

/** An object: what stands between "-----BEGIN kind-----" and "-----END kind-----", decoded. */
export interface DocumentObject {
  readonly kind: string
  readonly bytes: Buffer
}

/** One item of a document. */
export interface Token {
  readonly keyword: string
  /** What follows the keyword and its white space, up to the end of the line. */
  readonly rest: string
  readonly object?: DocumentObject
  /** Offset of the first character of the keyword line. */
  readonly start: number
  /** Offset just after the item's last newline. */
  readonly end: number
}

/** Longest keyword line and longest object, in characters; C tor has the same limits. */
const MAX_LINE = 128 * 1024
const MAX_ARGUMENTS = 512

const NEWLINE = 10
const isBlank = (code: number) => code === 32 || code === 9 || code === 13

/** Throws {@link MalformedError} when the text has more than `limit` bytes or holds a NUL. */
export function checkLength(text: string, limit: number, what: string): void {
  if (text.length > limit || Buffer.byteLength(text) > limit) throw new MalformedError(`${what} is longer than ${limit} bytes`)
  if (text.includes('\0')) throw new MalformedError(`${what} holds a NUL`)
}

function skipWhiteSpace(text: string, at: number, to: number): number {
  while (at < to) {
    const code = text.charCodeAt(at)
    if (code !== NEWLINE && !isBlank(code)) break
    at++
  }
  return at
}

function lineEnd(text: string, at: number, to: number): number {
  const eol = text.indexOf('\n', at)
  return eol < 0 || eol > to ? to : eol
}

/** Reads the object that begins at `at`; throws {@link MalformedError} when it is broken. */
function readObject(text: string, at: number, to: number): { object: DocumentObject; end: number } {
  const eol = lineEnd(text, at, to)
  const begin = text.slice(at, eol)
  if (eol === to || begin.length <= 16 || !begin.endsWith('-----') || begin.length > 256)
    throw new MalformedError('bad begin line of an object')
  const kind = begin.slice(11, -5)
  const endAt = text.indexOf('-----END ', eol)
  if (endAt < 0 || endAt >= to) throw new MalformedError(`object ${kind} does not end`)
  const endEol = lineEnd(text, endAt, to)
  if (text.slice(endAt, endEol) !== `-----END ${kind}-----`) throw new MalformedError(`object ${kind} ends otherwise than it began`)
  if (endAt - eol > MAX_LINE) throw new MalformedError(`object ${kind} is too long`)
  return { object: { kind, bytes: decodeBase64(text.slice(eol + 1, endAt)) }, end: Math.min(endEol + 1, to) }
}

/**
 * All items of `text` from `from` to `to`. A leading "opt " is skipped, lines starting with "@" (annotations) are refused: they belong
 * into files, never into documents from outside.
 * @throws MalformedError
 */
export function tokenize(text: string, from = 0, to = text.length): Token[] {
  const tokens: Token[] = []
  let at = skipWhiteSpace(text, from, to)
  while (at < to) {
    const start = at
    const eol = lineEnd(text, at, to)
    if (eol - at > MAX_LINE) throw new MalformedError('line too long')
    let keyword = ''
    for (let word = 0; word < 2 && (word === 0 || keyword === 'opt'); word++) {
      let end = at
      while (end < eol && !isBlank(text.charCodeAt(end))) end++
      keyword = text.slice(at, end)
      at = end
      while (at < eol && isBlank(text.charCodeAt(at))) at++
    }
    if (keyword.startsWith('@')) throw new MalformedError('annotation in a document')
    if (keyword.startsWith('-----BEGIN')) throw new MalformedError('object without a keyword')
    const rest = text.slice(at, eol)
    const next = skipWhiteSpace(text, eol, to)
    if (text.startsWith('-----BEGIN ', next) && next + 11 <= to) {
      const { object, end } = readObject(text, next, to)
      tokens.push({ keyword, rest, object, start, end })
      at = skipWhiteSpace(text, end, to)
    } else {
      tokens.push({ keyword, rest, start, end: Math.min(eol + 1, to) })
      at = next
    }
  }
  return tokens
}

/** The items of a document by keyword. Every method throws {@link MalformedError} when the document does not hold what is asked for. */
export class Items {
  readonly list: readonly Token[]
  readonly #byKeyword = new Map<string, Token[]>()

  constructor(list: readonly Token[]) {
    this.list = list
    for (const token of list) {
      const known = this.#byKeyword.get(token.keyword)
      if (known) known.push(token)
      else this.#byKeyword.set(token.keyword, [token])
    }
  }

  /** Every item with the keyword, in document order. */
  all(keyword: string): readonly Token[] {
    return this.#byKeyword.get(keyword) ?? []
  }
  /** The item with the keyword ("at most once"). */
  optional(keyword: string): Token | undefined {
    const found = this.all(keyword)
    if (found.length > 1) throw new MalformedError(`${keyword} occurs ${found.length} times`)
    return found[0]
  }
  /** The item with the keyword ("exactly once"). */
  one(keyword: string): Token {
    const found = this.optional(keyword)
    if (!found) throw new MalformedError(`${keyword} is missing`)
    return found
  }
  /** The first item, which must have the keyword and be its only one ("at start, exactly once"). */
  first(keyword: string): Token {
    const found = this.one(keyword)
    if (this.list[0] !== found) throw new MalformedError(`${keyword} is not the first item`)
    return found
  }
}

/** The arguments of an item; throws {@link MalformedError} when there are fewer than `atLeast`. More are allowed (dir-spec 1.2). */
export function argumentsOf(token: Token, atLeast: number): string[] {
  const found = token.rest.split(/[ \t\r]+/, MAX_ARGUMENTS + 1).filter(argument => argument !== '')
  if (found.length > MAX_ARGUMENTS) throw new MalformedError(`${token.keyword} has too many arguments`)
  if (found.length < atLeast) throw new MalformedError(`${token.keyword} has ${found.length} of ${atLeast} arguments`)
  return found
}

/** The bytes of an item's object, which must be of that kind. */
export function objectOf(token: Token, kind: string): Buffer {
  if (token.object?.kind !== kind) throw new MalformedError(`${token.keyword} without an object "${kind}"`)
  return token.object.bytes
}

/** Decodes base64 that may be wrapped and may lack its padding, but holds nothing else. `length` is what must come out. */
export function decodeBase64(text: string, length?: number): Buffer {
  let body = text.replace(/[\n\r\t ]+/g, '')
  if (body.endsWith('=')) body = body.slice(0, body.endsWith('==') ? -2 : -1)
  if (body.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(body)) throw new MalformedError('bad base64')
  const bytes = Buffer.from(body, 'base64')
  if (length !== undefined && bytes.length !== length) throw new MalformedError(`${bytes.length} bytes of base64 instead of ${length}`)
  return bytes
}

/** Base64 without its trailing '='. */
export function base64NoPad(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text
}

/** Checks a digest of `length` bytes in hex and gives it in upper case. */
export function hexDigest(text: string, length = 20): string {
  if (text.length !== length * 2 || /[^0-9A-Fa-f]/.test(text)) throw new MalformedError('bad hex digest')
  return text.toUpperCase()
}

/** A decimal integer of digits only, in its range. */
export function parseInteger(text: string, low: number, high: number): number {
  if (text.length > 15 || text === '' || /[^0-9]/.test(text)) throw new MalformedError('bad integer')
  const value = Number(text)
  if (value < low || value > high) throw new MalformedError(`integer out of ${low}..${high}`)
  return value
}

/** 1 to 19 letters and digits (dir-spec 2.1.3). */
export function isNickname(text: string): boolean {
  return text.length >= 1 && text.length <= 19 && !/[^A-Za-z0-9]/.test(text)
}

/** Checks a nickname and gives it back. */
export function parseNickname(text: string): string {
  if (!isNickname(text)) throw new MalformedError('bad nickname')
  return text
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const TIME = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/

/** "YYYY-MM-DD HH:MM:SS" (UTC) to milliseconds since the epoch. */
export function parseTime(text: string): number {
  const match = TIME.exec(text)
  if (!match) throw new MalformedError('bad time')
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number]
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > MONTH_DAYS[month - 1]! || hour > 23 || minute > 59 || second > 60) {
    throw new MalformedError('bad time')
  }
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Milliseconds since the epoch to "YYYY-MM-DD HH:MM:SS" (UTC), whole seconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** An object with its begin and end lines, base64 wrapped at 64 characters. */
export function encodeObject(kind: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  let lines = ''
  for (let at = 0; at < text.length; at += 64) lines += `${text.slice(at, at + 64)}\n`
  return `-----BEGIN ${kind}-----\n${lines}-----END ${kind}-----\n`
}

/**
 * Where the signed part of a document ends (dir-spec 1.3): just after the first `last` that follows the first line starting with `keyword`.
 * C tor looks for the text, not for the item, so a line whose keyword merely begins alike moves the end; `item` (the signature item as
 * tokenized) must therefore be that line, or the two would not agree on what is signed.
 * @throws MalformedError
 */
export function signedEnd(text: string, item: Token, last: '\n' | ' '): number {
  const at = text.indexOf(`\n${item.keyword}`)
  const end = text.indexOf(last, at + 1 + item.keyword.length)
  if (at < 0 || at + 1 !== item.start || end < 0 || end >= item.end)
    throw new MalformedError(`${item.keyword} is not where the signed part ends`)
  return end + 1
}

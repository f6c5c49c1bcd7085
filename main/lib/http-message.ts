import { MalformedError } from './bytes.ts'

/** What HTTP/1 messages have in common, whoever reads them. */

/** What a method and the name of a field are made of (RFC 9110 5.6.2). */
export const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What no line of a head may hold: every control character but the tab. */
export const HTTP_CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/

const SPACE = 0x20
const TAB = 0x09

/** A message, or a part of it, is larger than its reader allows. */
export class TooLargeError extends MalformedError {
  override name = 'TooLargeError'
  readonly part: 'head' | 'body'
  constructor(part: 'head' | 'body') {
    super(`the ${part} is too large`)
    this.part = part
  }
}

/**
 * The name and the value of one header field line (RFC 9112 5), without the spaces and tabs around the value; `undefined` when it is malformed, folded or
 * holds control characters. Takes time in proportion to the line's length, whatever it holds.
 */
export function parseHttpField(line: string): [name: string, value: string] | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  if (!HTTP_TOKEN.test(name) || HTTP_CONTROLS.test(line)) return undefined
  let start = colon + 1
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  return [name, line.slice(start, end)]
}

const isBlank = (code: number) => code === SPACE || code === TAB

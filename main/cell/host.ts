import { MalformedError } from '../lib/bytes.ts'
import { canonicalIp } from '../lib/ip.ts'

/** Printable ASCII without space; which names resolve is not for a codec to say. */
const NAME = /^[\x21-\x7e]{1,255}$/

/**
 * A host as cells carry it: an address in its canonical form (brackets taken off), or a name in lower case, as names compare. Throws
 * {@link MalformedError} for control characters, spaces, other than ASCII, and for more than 255 characters.
 */
export function readHost(text: string): string {
  if (!NAME.test(text)) throw new MalformedError('no host name')
  return canonicalIp(text) ?? text.toLowerCase()
}

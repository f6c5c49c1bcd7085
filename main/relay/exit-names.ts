import { bytesToIp, canonicalIp, type IpAddress } from '../lib/ip.ts'

/** Names that mean something only inside a host, a local network or another name system (RFC 6761, 6762, 7686, 8375, 9476); no DNS knows them. */
const NOT_PUBLIC = ['alt', 'exit', 'home.arpa', 'internal', 'invalid', 'local', 'localhost', 'onion'] as const
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Is it a name that a public DNS server can answer for? Not so: single labels (they would go through search lists), names of {@link NOT_PUBLIC},
 * and whatever some resolver takes for an odd notation of an IP address ("127.1", "0x7f.0.0.1", "2130706433", "1.2.3.010"), which is every name
 * whose last label starts like a number (the rule of the URL standard).
 */
export function isPublicName(name: string): boolean {
  const bare = name.toLowerCase().replace(/\.$/, '')
  const labels = bare.split('.')
  if (bare.length > 253 || labels.length < 2 || !labels.every(label => LABEL.test(label))) return false
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) return false
  return !NOT_PUBLIC.some(suffix => bare === suffix || bare.endsWith(`.${suffix}`))
}

/** The address that a reverse name ("4.3.2.1.in-addr.arpa", 32 nibbles and "ip6.arpa") asks for; undefined when it is no such name. */
export function reverseTarget(name: string): IpAddress | undefined {
  const bare = name.toLowerCase().replace(/\.$/, '')
  if (bare.endsWith('.in-addr.arpa')) {
    const labels = bare.slice(0, -'.in-addr.arpa'.length).split('.')
    return labels.length === 4 ? canonicalIp(labels.reverse().join('.')) : undefined
  }
  if (!bare.endsWith('.ip6.arpa')) return undefined
  const nibbles = bare.slice(0, -'.ip6.arpa'.length).split('.')
  if (nibbles.length !== 32 || !nibbles.every(nibble => /^[0-9a-f]$/.test(nibble))) return undefined
  return bytesToIp(Buffer.from(nibbles.reverse().join(''), 'hex'))
}

import { MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type Cidr, ipToBytes, parseCidr } from '../lib/ip.ts'

/** One rule of an exit policy: it decides for the addresses of one family in a block, and the ports from `low` to `high`. */
export interface PolicyRule {
  readonly accept: boolean
  readonly block: Cidr
  readonly low: number
  readonly high: number
}

/** What "private" stands for; all authorities must agree on this list, as port summaries depend on it. */
export const PRIVATE_BLOCKS: readonly Cidr[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '127.0.0.0/8',
  '192.168.0.0/16',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '::/8',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  '::/127',
].map(text => parseCidr(text)!)

const ANY4: Cidr = { bytes: Buffer.alloc(4), bits: 0 }
const ANY6: Cidr = { bytes: Buffer.alloc(16), bits: 0 }
const KEYWORDS = new Set(['accept', 'reject', 'accept6', 'reject6'])
const MAX_PATTERN = 128

function parsePorts(text: string | undefined): { low: number; high: number } {
  if (text === undefined || text === '' || text === '*') return { low: 1, high: 65535 }
  const dash = text.indexOf('-')
  const [low, high] = (dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)]).map(port => {
    if (port === '' || port.length > 9 || /[^0-9]/.test(port)) throw new MalformedError('bad port in an exit policy')
    return Number(port)
  }) as [number, number]
  if (low < 1 || high > 65535 || low > high) throw new MalformedError('bad port range in an exit policy')
  return { low, high }
}

/** Prefix length of "24" or, for IPv4, of "255.255.255.0". */
function parseMask(text: string, family: 4 | 6): number {
  const dotted = family === 4 && text.includes('.') ? ipToBytes(text) : undefined
  if (dotted) {
    const bits = 32 - Math.log2(2 ** 32 - dotted.readUInt32BE(0))
    if (!Number.isInteger(bits)) throw new MalformedError('mask in an exit policy is no prefix')
    return bits
  }
  if (text === '' || text.length > 3 || /[^0-9]/.test(text) || Number(text) > (family === 4 ? 32 : 128)) {
    throw new MalformedError('bad mask in an exit policy')
  }
  return Number(text)
}

/** Splits "[2001:db8::]/32:80-90", "192.0.2.0/24:80" or "*:80"; address without brackets. */
function splitPattern(pattern: string): { address: string; mask: string | undefined; ports: string | undefined } {
  const bracket = pattern.startsWith('[') ? pattern.indexOf(']') : 0
  if (bracket < 0) throw new MalformedError('bracket in an exit policy stays open')
  const slash = pattern.indexOf('/', bracket)
  const colon = pattern.indexOf(':', Math.max(bracket, slash))
  const rest = [slash, colon].filter(at => at >= 0)
  const head = pattern.slice(0, rest.length === 0 ? undefined : Math.min(...rest))
  const address = bracket > 0 ? head.slice(1, bracket) : head
  if (bracket > 0 && head.length !== bracket + 1) throw new MalformedError('text after a bracket in an exit policy')
  return {
    address,
    mask: slash < 0 ? undefined : pattern.slice(slash + 1, colon < 0 ? undefined : colon),
    ports: colon < 0 ? undefined : pattern.slice(colon + 1),
  }
}

function parseBlock(address: string, mask: string | undefined): Cidr {
  const bytes = ipToBytes(address)
  if (!bytes) throw new MalformedError('bad address in an exit policy')
  const family = bytes.length === 4 ? 4 : 6
  const bits = mask === undefined ? bytes.length * 8 : parseMask(mask, family)
  if (family === 6 && isMapped(bytes)) {
    // Addresses are judged as IPv4 when they carry one inside, so such a rule must be one about IPv4.
    if (bits < 96) throw new MalformedError('bad mask of an IPv4-mapped address in an exit policy')
    return { bytes: bytes.subarray(12), bits: bits - 96 }
  }
  return { bytes, bits }
}

/** True for ::ffff:a.b.c.d. */
export function isMapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
}

/**
 * The rules that one line of an exit policy stands for: `accept|reject|accept6|reject6`, white space, pattern (dir-spec 2.1.3 "exitpattern").
 *
 * - `torrc` (what an operator writes): `*` is every address, `*4` and `*6` those of one family, after `accept6`/`reject6` `*` is IPv6 only.
 * - `descriptor`: IPv4 only; `*` is every IPv4 address; `accept6`/`reject6` are refused, as authorities refuse them.
 *
 * @throws MalformedError
 */
export function parsePolicyRules(line: string, grammar: 'torrc' | 'descriptor'): PolicyRule[] {
  const [keyword = '', pattern = '', extra] = line.trim().split(/[ \t]+/, 3)
  if (!KEYWORDS.has(keyword)) throw new MalformedError('exit policy line without accept or reject')
  if (pattern === '' || pattern.length > MAX_PATTERN || extra !== undefined)
    throw new MalformedError('exit policy line without one pattern')
  const accept = keyword.startsWith('accept')
  const only6 = keyword.endsWith('6')
  if (only6 && grammar === 'descriptor') throw new MalformedError('accept6 or reject6 in a descriptor')
  if (pattern.startsWith('private')) {
    if (pattern[7] !== ':') throw new MalformedError('private without ports in an exit policy')
    const ports = parsePorts(pattern.slice(8))
    return PRIVATE_BLOCKS.map(block => ({ accept, block, ...ports }))
  }
  const { address, mask, ports: portText } = splitPattern(pattern)
  const ports = parsePorts(portText)
  const blocks = wildcard(address, grammar, only6)
  if (blocks && mask !== undefined) throw new MalformedError('mask after * in an exit policy')
  const result = (blocks ?? [parseBlock(address, mask)]).map(block => ({ accept, block, ...ports }))
  for (const { block } of result) {
    if (only6 && block.bytes.length === 4) throw new MalformedError(`${keyword} with an IPv4 address`)
    if (grammar === 'descriptor' && block.bytes.length === 16) throw new MalformedError('IPv6 address in the policy of a descriptor')
  }
  return result
}

function wildcard(address: string, grammar: 'torrc' | 'descriptor', only6: boolean): Cidr[] | undefined {
  if (address === '*') return grammar === 'descriptor' ? [ANY4] : only6 ? [ANY6] : [ANY4, ANY6]
  if (grammar === 'descriptor') return undefined
  return address === '*4' ? [ANY4] : address === '*6' ? [ANY6] : undefined
}

/** The rule as text. `descriptor` writes "*" for a wildcard, `torrc` "*4" or "*6". */
export function formatPolicyRule(rule: PolicyRule, grammar: 'torrc' | 'descriptor'): string {
  const { bytes, bits } = rule.block
  const ip = bytesToIp(bytes)
  const address = bits === 0 ? (grammar === 'descriptor' ? '*' : bytes.length === 4 ? '*4' : '*6') : bytes.length === 4 ? ip : `[${ip}]`
  const mask = bits === 0 || bits === bytes.length * 8 ? '' : `/${bits}`
  const ports = rule.low === 1 && rule.high === 65535 ? '*' : rule.low === rule.high ? `${rule.low}` : `${rule.low}-${rule.high}`
  return `${rule.accept ? 'accept' : 'reject'} ${address}${mask}:${ports}`
}

const sameBlock = (a: Cidr, b: Cidr, bits: number) => {
  if (a.bytes.length !== b.bytes.length) return false
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    if (((a.bytes[i]! ^ b.bytes[i]!) & (left >= 8 ? 0xff : (0xff00 >> left) & 0xff)) !== 0) return false
  }
  return true
}

/** Every address and port of `b` is one of `a`. */
const covers = (a: PolicyRule, b: PolicyRule) =>
  a.block.bits <= b.block.bits && a.low <= b.low && a.high >= b.high && sameBlock(a.block, b.block, a.block.bits)

const intersects = (a: PolicyRule, b: PolicyRule) =>
  a.low <= b.high && b.low <= a.high && sameBlock(a.block, b.block, Math.min(a.block.bits, b.block.bits))

/**
 * Drops rules that decide nothing: those behind one that covers them, and those that a later rule of the same kind covers with nothing
 * contrary between. The decisions stay the same, and so does the text of what C tor would publish.
 */
export function withoutRedundantRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const live: PolicyRule[] = []
  for (const rule of rules) if (!live.some(earlier => covers(earlier, rule))) live.push(rule)
  return live.filter((rule, i) => {
    for (let j = i + 1; j < live.length; j++) {
      const later = live[j]!
      if (later.accept === rule.accept ? covers(later, rule) : intersects(later, rule)) return later.accept !== rule.accept
    }
    return true
  })
}

import { MalformedError } from './bytes.ts'

/**
 * IP addresses as text in one canonical form: IPv4 as dotted decimal ("192.0.2.1"), IPv6 as RFC 5952 text
 * ("2001:db8::1", lower case, no brackets, no zone). Odd notations ("0x7f.1", "127.1", "010.0.0.1") are not addresses here.
 */
export type IpAddress = string

const V4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

function parseIPv4(text: string): Buffer | undefined {
  const match = V4.exec(text)
  if (!match) return undefined
  const bytes = Buffer.alloc(4)
  for (let i = 0; i < 4; i++) {
    const n = Number(match[i + 1])
    if (n > 255) return undefined
    bytes[i] = n
  }
  return bytes
}

function parseIPv6(text: string): Buffer | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string): number[] | undefined => {
    if (half === '') return []
    const out: number[] = []
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      if (part.includes('.')) {
        const v4 = i === parts.length - 1 ? parseIPv4(part) : undefined
        if (!v4) return undefined
        out.push(v4.readUInt16BE(0), v4.readUInt16BE(2))
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
        out.push(Number.parseInt(part, 16))
      }
    }
    return out
  }
  const head = groups(halves[0]!)
  const tail = halves.length === 2 ? groups(halves[1]!) : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail]
  const bytes = Buffer.alloc(16)
  for (const [i, group] of all.entries()) bytes.writeUInt16BE(group, i * 2)
  return bytes
}

/** 4 or 16 bytes, or `undefined` when the text is no address. Accepts IPv6 with or without brackets. */
export function ipToBytes(text: string): Buffer | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  return bare.includes(':') ? parseIPv6(bare) : bare === text ? parseIPv4(text) : undefined
}

/** The canonical text of 4 or 16 address bytes; throws {@link MalformedError} for any other length. */
export function bytesToIp(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new MalformedError('an address has 4 or 16 bytes')
  const view = Buffer.from(bytes)
  const groups = Array.from({ length: 8 }, (_, i) => view.readUInt16BE(i * 2))
  let best = { start: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (i + length < 8 && groups[i + length] === 0) length++
    if (length > best.length) best = { start: i, length }
    i += length
  }
  const hex = (list: number[]) => list.map(g => g.toString(16)).join(':')
  return best.start < 0 ? hex(groups) : `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

/** The canonical form of an address, or `undefined` when the text is none. Mapped IPv4 (`::ffff:192.0.2.1`) stays IPv6. */
export function canonicalIp(text: string): IpAddress | undefined {
  const bytes = ipToBytes(text)
  return bytes && bytesToIp(bytes)
}

/** What a socket reports ("::ffff:192.0.2.1" on a dual-stack listener, "fe80::1%eth0") as the address it means. */
export function socketAddress(text: string | undefined): IpAddress {
  const bytes = ipToBytes((text ?? '').replace(/%.*$/, ''))
  if (!bytes) return '0.0.0.0'
  if (bytes.length === 16 && bytes.readUInt32BE(8) === 0xffff && bytes.readBigUInt64BE(0) === 0n) return bytesToIp(bytes.subarray(12))
  return bytesToIp(bytes)
}

export function isIPv4(ip: IpAddress): boolean {
  return !ip.includes(':')
}

/** "192.0.2.1:443" or "[2001:db8::1]:443". */
export function formatHostPort(ip: IpAddress, port: number): string {
  return isIPv4(ip) ? `${ip}:${port}` : `[${ip}]:${port}`
}

/** A block of addresses: the first `bits` bits of `bytes`. */
export interface Cidr {
  readonly bytes: Buffer
  readonly bits: number
}

/** Parses "10.0.0.0/8", "fc00::/7" or a lone address (all bits); `undefined` when it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, bitsText, extra] = text.split('/')
  if (address === undefined || extra !== undefined) return undefined
  const bytes = ipToBytes(address)
  if (!bytes) return undefined
  if (bitsText === undefined) return { bytes, bits: bytes.length * 8 }
  if (!/^\d{1,3}$/.test(bitsText) || Number(bitsText) > bytes.length * 8) return undefined
  return { bytes, bits: Number(bitsText) }
}

export function cidrContains(cidr: Cidr, bytes: Uint8Array): boolean {
  if (bytes.length !== cidr.bytes.length) return false
  const whole = cidr.bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[i] !== cidr.bytes[i]) return false
  const rest = cidr.bits & 7
  return rest === 0 || ((bytes[whole]! ^ cidr.bytes[whole]!) & (0xff00 >> rest) & 0xff) === 0
}

/**
 * Addresses that no stream from outside may ever reach: this host, private and shared networks, link-local, multicast, documentation,
 * benchmarking, and the IPv6 forms that carry an IPv4 address inside (mapped, translated, 6to4, Teredo), which could smuggle one of the former.
 * RFC 6890 and its registries.
 */
const SPECIAL: readonly Cidr[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/8',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
].map(text => parseCidr(text)!)

/** True for every address that is not an ordinary public unicast address; also for text that is no address at all. */
export function isSpecialAddress(ip: IpAddress): boolean {
  const bytes = ipToBytes(ip)
  return !bytes || SPECIAL.some(cidr => cidrContains(cidr, bytes))
}

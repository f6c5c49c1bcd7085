import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { bytesToIp, formatHostPort, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { readHost } from './host.ts'

/** Bits of FLAGS in BEGIN. tor-spec 6.2. */
export const BeginFlag = { IPV6_OK: 1, IPV4_NOT_OK: 2, IPV6_PREFERRED: 4 } as const

/** Where a stream wants to go. */
export interface Begin {
  /** a name in lower case or a canonical address (IPv6 without brackets) */
  readonly host: string
  readonly port: number
  /** {@link BeginFlag} bits */
  readonly flags: number
}

const MAX_INT32 = 0x7fffffff

/** ADDRPORT ("host:port", IPv6 in brackets) 00 | FLAGS 4, left out when zero. tor-spec 6.2. */
export function encodeBegin(begin: Begin): Buffer {
  const writer = new ByteWriter().bytes(Buffer.from(`${formatHostPort(begin.host, begin.port)}\0`, 'latin1'))
  if (begin.flags !== 0) writer.u32(begin.flags)
  return writer.finish()
}

/** Reads a BEGIN message. Throws {@link MalformedError}: no NUL, no port, no host. */
export function decodeBegin(data: Uint8Array): Begin {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  const nul = bytes.indexOf(0)
  if (nul < 0) throw new MalformedError('a BEGIN without a NUL')
  const text = bytes.toString('latin1', 0, nul)
  const colon = text.lastIndexOf(':')
  const port = /^\d{1,5}$/.test(text.slice(colon + 1)) ? Number(text.slice(colon + 1)) : 0
  if (colon < 0 || port < 1 || port > 65_535) throw new MalformedError('a BEGIN without a port')
  const name = text.slice(0, colon)
  const host = readHost(name)
  // "::1:80" would be an address alone, without a port; only brackets make it plain.
  if (host.includes(':') && !name.startsWith('[')) throw new MalformedError('a BEGIN to an IPv6 address without brackets')
  return { host, port, flags: bytes.length >= nul + 5 ? bytes.readUInt32BE(nul + 1) : 0 }
}

/** What the exit says of a stream it opened. */
export interface Connected {
  /** `undefined` when not told, as for BEGIN_DIR */
  readonly address: IpAddress | undefined
  /** seconds the name may be remembered; 0 when not told */
  readonly ttl: number
}

/** Empty, or IPv4 4 | TTL 4, or 00000000 | 06 | IPv6 16 | TTL 4. tor-spec 6.2. */
export function encodeConnected({ address, ttl }: Connected): Buffer {
  if (address === undefined) return Buffer.alloc(0)
  const bytes = ipToBytes(address)
  if (!bytes) throw new RangeError('not an address')
  const writer = new ByteWriter()
  if (bytes.length === 16) writer.u32(0).u8(6)
  return writer.bytes(bytes).u32(ttl).finish()
}

/** Reads a CONNECTED message; an impossible TTL counts as not told. Throws {@link MalformedError}. */
export function decodeConnected(data: Uint8Array): Connected {
  const reader = new ByteReader(data)
  if (reader.remaining === 0) return { address: undefined, ttl: 0 }
  let bytes = reader.bytes(4)
  const isV6 = bytes.readUInt32BE(0) === 0
  if (isV6) {
    if (reader.u8() !== 6) throw new MalformedError('a CONNECTED with an address of unknown type')
    bytes = reader.bytes(16)
  }
  const ttl = isV6 || reader.remaining >= 4 ? reader.u32() : 0
  return { address: bytesToIp(bytes), ttl: ttl <= MAX_INT32 ? ttl : 0 }
}

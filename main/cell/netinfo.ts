import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type IpAddress, ipToBytes } from '../lib/ip.ts'

/** What each end tells the other before a link opens. */
export interface Netinfo {
  /** ms, whole seconds; 0 when withheld, as clients do */
  readonly time: number
  /** the address the sender sees the receiver at */
  readonly otherAddress: IpAddress
  /** the sender's own addresses */
  readonly myAddresses: readonly IpAddress[]
}

const TYPE_IPV4 = 4
const TYPE_IPV6 = 6

function writeAddress(writer: ByteWriter, address: IpAddress): void {
  const bytes = ipToBytes(address)
  if (!bytes) throw new RangeError('not an address')
  writer
    .u8(bytes.length === 4 ? TYPE_IPV4 : TYPE_IPV6)
    .u8(bytes.length)
    .bytes(bytes)
}

/** An unknown type gives `undefined`; a known one with a wrong length throws. */
function readAddress(reader: ByteReader): IpAddress | undefined {
  const type = reader.u8()
  const bytes = reader.bytes(reader.u8())
  if (type !== TYPE_IPV4 && type !== TYPE_IPV6) return undefined
  if (bytes.length !== (type === TYPE_IPV4 ? 4 : 16)) throw new MalformedError('an address of the wrong length in NETINFO')
  return bytesToIp(bytes)
}

/**
 * The body of a NETINFO cell, without the padding of the fixed cell. tor-spec 4.5:
 *
 *     TIME 4 (s) | OTHERADDR | NMYADDR 1 | MYADDR …        address: ATYPE 1 (04, 06) | ALEN 1 | AVAL
 */
export function encodeNetinfo(netinfo: Netinfo): Buffer {
  const writer = new ByteWriter().u32(Math.floor(netinfo.time / 1000))
  writeAddress(writer, netinfo.otherAddress)
  writer.u8(netinfo.myAddresses.length)
  for (const address of netinfo.myAddresses) writeAddress(writer, address)
  return writer.finish()
}

/** Reads the body of a NETINFO cell. Unknown types among the sender's addresses are skipped. Throws {@link MalformedError}. */
export function decodeNetinfo(body: Uint8Array): Netinfo {
  const reader = new ByteReader(body)
  const time = reader.u32() * 1000
  const otherAddress = readAddress(reader)
  if (otherAddress === undefined) throw new MalformedError('an address of unknown type in NETINFO')
  const myAddresses: IpAddress[] = []
  for (let left = reader.u8(); left > 0; left--) {
    const address = readAddress(reader)
    if (address !== undefined) myAddresses.push(address)
  }
  return { time, otherAddress, myAddresses }
}

import { ByteReader, ByteWriter } from '../lib/bytes.ts'
import { bytesToIp, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { EndReason } from './command.ts'

/** Why a stream ended. */
export interface End {
  /** an {@link EndReason}, or a number we do not know */
  readonly reason: number
  /** with EXITPOLICY: the address that the policy refused */
  readonly address?: IpAddress | undefined
  /** seconds, with `address` */
  readonly ttl?: number | undefined
}

/** REASON 1, and for EXITPOLICY also: address 4 or 16 | TTL 4. tor-spec 6.3. */
export function encodeEnd({ reason, address, ttl }: End): Buffer {
  const writer = new ByteWriter().u8(reason)
  if (reason === EndReason.EXITPOLICY && address !== undefined) {
    const bytes = ipToBytes(address)
    if (!bytes) throw new RangeError('not an address')
    writer.bytes(bytes).u32(ttl ?? 0)
  }
  return writer.finish()
}

/** Reads an END message. An empty one means MISC; bytes that do not make an address are passed over. Throws nothing. */
export function decodeEnd(data: Uint8Array): End {
  const reader = new ByteReader(data)
  if (reader.remaining === 0) return { reason: EndReason.MISC }
  const reason = reader.u8()
  const length = { 4: 4, 8: 4, 16: 16, 20: 16 }[reader.remaining]
  if (reason !== EndReason.EXITPOLICY || length === undefined) return { reason }
  const address = bytesToIp(reader.bytes(length))
  return reader.remaining > 0 ? { reason, address, ttl: reader.u32() } : { reason, address }
}

import { MalformedError } from '../lib/bytes.ts'
import { bytesToIp, type IpAddress, ipToBytes, isIPv4 } from '../lib/ip.ts'

/** One stream that a peer had through us, as the access log keeps it. No name, no content. */
export interface AccessRecord {
  /** When it ended, ms (whole seconds). */
  readonly endedAt: number
  /** ms (whole tenths of a second), at most 19 days. */
  readonly durationMs: number
  /** Of the peer, 40 hex. */
  readonly peer: string
  readonly address: IpAddress
  readonly port: number
  /** An EndReason. */
  readonly reason: number
  /** Payload bytes from the peer, and to it; at most 2^40 - 1. */
  readonly bytesIn: number
  readonly bytesOut: number
}

/*
 * Records of what ended within one hour, in that order, of 36 bytes, each one of
 *
 *   peer     SECOND u16 = ffff | INDEX u16 | FINGERPRINT 20 | 12 zero      before the first stream of that peer in the segment
 *   stream   SECOND u16 (of the hour) | INDEX u16 | PORT u16 | ADDRESS 16 (IPv4 as ::ffff:a.b.c.d) | REASON u8 |
 *            BYTES_IN u40 | BYTES_OUT u40 | DURATION u24 (tenths of a second)
 *
 * In files they are encrypted (access-segment.ts); earlier Vantages wrote them as they are, behind
 *
 *   header   MAGIC 4 = "VALG" | VERSION 1 = 01 | RECORD_LENGTH 1 = 36 | 2 zero | HOUR u32 (hours since 1970)
 */
export const RECORD_LENGTH = 36
export const HOUR_MS = 3_600_000
export const MAGIC = 0x56414c47
const SEGMENT_HEADER_LENGTH = 12
const PEER_MARK = 0xffff
/** Peers that one segment can number. */
export const MAX_PEERS = 0xffff
const MAX_COUNT = 2 ** 40 - 1
const MAX_TENTHS = 2 ** 24 - 1

export function encodePeer(index: number, fingerprint: string): Buffer {
  const out = Buffer.alloc(RECORD_LENGTH)
  out.writeUInt16BE(PEER_MARK, 0)
  out.writeUInt16BE(index, 2)
  out.write(fingerprint, 4, 20, 'hex')
  return out
}

/** `truncate`: only the /24 or /48 of the address is kept. */
export function encodeStream(index: number, record: Omit<AccessRecord, 'peer'>, truncate = false): Buffer {
  const out = Buffer.alloc(RECORD_LENGTH)
  out.writeUInt16BE(Math.floor(record.endedAt / 1000) % 3600, 0)
  out.writeUInt16BE(index, 2)
  out.writeUInt16BE(record.port, 4)
  const address = ipToBytes(record.address)!
  const kept = truncate ? (address.length === 4 ? 3 : 6) : address.length
  if (address.length === 4) out.writeUInt16BE(0xffff, 16)
  address.copy(out, 22 - address.length, 0, kept)
  out[22] = record.reason
  out.writeUIntBE(Math.min(record.bytesIn, MAX_COUNT), 23, 5)
  out.writeUIntBE(Math.min(record.bytesOut, MAX_COUNT), 28, 5)
  out.writeUIntBE(Math.min(Math.round(record.durationMs / 100), MAX_TENTHS), 33, 3)
  return out
}

/** The streams of a file of version 1. @throws MalformedError */
export function decodeSegment(bytes: Buffer): Generator<AccessRecord> {
  const known = bytes.length >= SEGMENT_HEADER_LENGTH && bytes.readUInt32BE(0) === MAGIC && bytes[4] === 1 && bytes[5] === RECORD_LENGTH
  if (!known) throw new MalformedError('not a segment of the access log')
  return decodeRecords(bytes.subarray(SEGMENT_HEADER_LENGTH), bytes.readUInt32BE(8))
}

/** The streams of an hour in order; half a record at the end (the power went) is passed over, and so is a record whose peer was never named. */
export function* decodeRecords(bytes: Buffer, hour: number): Generator<AccessRecord> {
  const peers = new Map<number, string>()
  for (let at = 0; at + RECORD_LENGTH <= bytes.length; at += RECORD_LENGTH) {
    const second = bytes.readUInt16BE(at)
    const index = bytes.readUInt16BE(at + 2)
    if (second === PEER_MARK) peers.set(index, bytes.toString('hex', at + 4, at + 24).toUpperCase())
    const peer = peers.get(index)
    if (second >= 3600 || peer === undefined) continue
    yield {
      endedAt: hour * HOUR_MS + second * 1000,
      durationMs: bytes.readUIntBE(at + 33, 3) * 100,
      peer,
      address: decodeAddress(bytes.subarray(at + 6, at + 22)),
      port: bytes.readUInt16BE(at + 4),
      reason: bytes[at + 22]!,
      bytesIn: bytes.readUIntBE(at + 23, 5),
      bytesOut: bytes.readUIntBE(at + 28, 5),
    }
  }
}

function decodeAddress(bytes: Buffer): IpAddress {
  const mapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff
  return bytesToIp(mapped ? bytes.subarray(12) : bytes)
}

/** What {@link encodeStream} keeps of an address, as text. */
export function truncatedAddress(address: IpAddress): IpAddress {
  const bytes = ipToBytes(address)!
  return bytesToIp(bytes.fill(0, isIPv4(address) ? 3 : 6))
}

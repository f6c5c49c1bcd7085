import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

function readVersion(reader: ByteReader): void {
  if (reader.u8() !== 0) throw new MalformedError('flow control of unknown version')
}

/** VERSION 1 = 00: stop sending on this stream. Proposal 324, 4.1.1. */
export function encodeXoff(): Buffer {
  return Buffer.of(0)
}

/** Checks an XOFF message. Throws {@link MalformedError}. */
export function decodeXoff(data: Uint8Array): void {
  readVersion(new ByteReader(data))
}

/** VERSION 1 = 00 | KBPS_EWMA 4: go on, at this rate (1000 bytes a second; 0: as fast as you like). Proposal 324, 4.1.2. */
export function encodeXon(kbps: number): Buffer {
  return new ByteWriter().u8(0).u32(kbps).finish()
}

/** The rate in an XON message. Throws {@link MalformedError}. */
export function decodeXon(data: Uint8Array): number {
  const reader = new ByteReader(data)
  readVersion(reader)
  return reader.u32()
}

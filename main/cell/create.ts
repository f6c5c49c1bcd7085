import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'
import { CELL_BODY } from './command.ts'

/** Circuit handshakes of CREATE2 and EXTEND2. tor-spec 5.1. */
export const HandshakeType = {
  /** Obsolete: refused by everybody. */
  TAP: 0,
  NTOR: 2,
  NTOR_V3: 3,
  /** Perspective access: a clear circuit, with empty data. Never leaves the link it came on. */
  PA_CLEAR: 0x5041,
} as const

export interface Create2 {
  readonly handshakeType: number
  readonly data: Buffer
}

/** HTYPE 2 | HLEN 2 | HDATA. tor-spec 5.1. */
export function encodeCreate2(value: { readonly handshakeType: number; readonly data: Uint8Array }): Buffer {
  return new ByteWriter().u16(value.handshakeType).u16(value.data.length).bytes(value.data).finish()
}

/** Reads HTYPE, HLEN and HDATA from a reader; HDATA (a copy) must fit in a CREATE2 cell. Throws {@link MalformedError}. */
export function readCreate2(reader: ByteReader): Create2 {
  const handshakeType = reader.u16()
  const length = reader.u16()
  if (length > CELL_BODY - 4) throw new MalformedError('an onionskin that does not fit in a cell')
  return { handshakeType, data: Buffer.from(reader.bytes(length)) }
}

/** Reads the body of a CREATE2 cell. Throws {@link MalformedError}. */
export function decodeCreate2(body: Uint8Array): Create2 {
  return readCreate2(new ByteReader(body))
}

/** HLEN 2 | HDATA: the body of a CREATED2 cell and of an EXTENDED2 message. tor-spec 5.1. */
export function encodeCreated2(data: Uint8Array): Buffer {
  return new ByteWriter().u16(data.length).bytes(data).finish()
}

/** HDATA of a CREATED2 cell. Throws {@link MalformedError}. */
export function decodeCreated2(body: Uint8Array): Buffer {
  const reader = new ByteReader(body)
  return reader.bytes(reader.u16())
}

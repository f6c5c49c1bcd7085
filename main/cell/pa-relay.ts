import { ByteWriter, MalformedError } from '../lib/bytes.ts'
import { Command } from './command.ts'

/*
 * PA_RELAY: one relay message on a clear circuit of a perspective access link (docs: perspective access, 3). Variable-length.
 */

/** Bytes in front of the data: CircID 4 | Command 1 | Length 2 | RelayCommand 1 | StreamID 2. */
export const PA_RELAY_HEADER = 10
/** Where the data starts in the body of the cell. */
export const PA_RELAY_DATA_AT = 3
/** Most data in one message. */
export const PA_RELAY_DATA_MAX = 16 * 1024

/** Writes the header for `length` bytes of data, which follow at `PA_RELAY_HEADER`. */
export function writePaRelayHeader(cell: Buffer, circId: number, command: number, streamId: number, length: number): void {
  cell.writeUInt32BE(circId)
  cell[4] = Command.PA_RELAY
  cell.writeUInt16BE(PA_RELAY_DATA_AT + length, 5)
  cell[7] = command
  cell.writeUInt16BE(streamId, 8)
}

/** A whole cell. Throws RangeError when there is too much data. */
export function encodePaRelay(circId: number, command: number, streamId: number, data: Uint8Array): Buffer {
  if (data.length > PA_RELAY_DATA_MAX) throw new RangeError('a PA_RELAY cell has room for 16384 bytes of data')
  const cell = Buffer.allocUnsafe(PA_RELAY_HEADER + data.length)
  writePaRelayHeader(cell, circId, command, streamId, data.length)
  cell.set(data, PA_RELAY_HEADER)
  return cell
}

/** SENDME of a clear circuit: BYTES 4, how many more the sender of the SENDME takes on this stream. */
export function encodeByteSendme(bytes: number): Buffer {
  return new ByteWriter().u32(bytes).finish()
}

/** Throws {@link MalformedError}. */
export function decodeByteSendme(data: Buffer): number {
  if (data.length < 4) throw new MalformedError('a SENDME without its bytes')
  return data.readUInt32BE()
}

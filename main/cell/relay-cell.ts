import { fillRandom } from '../crypto/random.ts'
import { MalformedError } from '../lib/bytes.ts'
import { CELL_BODY, RELAY_DATA_MAX } from './command.ts'

/*
 * Offsets in a relay body of format v0, 509 bytes. tor-spec 6.1:
 *
 *     Relay command 1 | Recognized 2 | StreamID 2 | Digest 4 | Length 2 | Data | Padding
 */
const RELAY_RECOGNIZED_AT = 1
export const RELAY_STREAM_AT = 3
export const RELAY_DIGEST_AT = 5
export const RELAY_LENGTH_AT = 9
export const RELAY_DATA_AT = 11

export interface RelayHeader {
  readonly command: number
  readonly recognized: number
  readonly streamId: number
  /** of the data, ≤ RELAY_DATA_MAX */
  readonly length: number
}

/** The header of the relay body at `at`. Throws {@link MalformedError} when its length is over the room there is. */
export function readRelayHeader(body: Buffer, at: number): RelayHeader {
  const length = body.readUInt16BE(at + RELAY_LENGTH_AT)
  if (length > RELAY_DATA_MAX) throw new MalformedError('a relay message longer than its cell')
  return {
    command: body[at]!,
    recognized: body.readUInt16BE(at + RELAY_RECOGNIZED_AT),
    streamId: body.readUInt16BE(at + RELAY_STREAM_AT),
    length,
  }
}

/** How many zero bytes stand between the data and the random padding. tor-spec 6.1. */
const ZEROS_AFTER_DATA = 4

/**
 * Writes a whole relay body, 509 bytes, at `at`. Recognized and digest are zero, to be filled in by relay crypto; the padding is four zeros
 * and then random bytes, so that nobody can tell the digests of cells to come (SENDMEs are proved by them). Throws RangeError when `data`
 * is longer than RELAY_DATA_MAX.
 */
export function writeRelayCell(target: Buffer, at: number, command: number, streamId: number, data: Uint8Array): void {
  const length = data.length
  if (length > RELAY_DATA_MAX) throw new RangeError('a relay message has room for 498 bytes')
  target[at] = command
  target[at + 1] = 0
  target[at + 2] = 0
  target[at + 3] = streamId >> 8
  target[at + 4] = streamId
  target[at + 5] = 0
  target[at + 6] = 0
  target[at + 7] = 0
  target[at + 8] = 0
  target[at + 9] = length >> 8
  target[at + 10] = length
  target.set(data, at + RELAY_DATA_AT)
  const end = at + CELL_BODY
  const zerosEnd = Math.min(at + RELAY_DATA_AT + length + ZEROS_AFTER_DATA, end)
  target.fill(0, at + RELAY_DATA_AT + length, zerosEnd)
  if (zerosEnd < end) fillRandom(target, zerosEnd, end)
}

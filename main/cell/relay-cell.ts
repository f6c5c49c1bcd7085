/** Offsets in a relay body of format v0 (tor-spec 6.1): command 1 | recognized 2 | stream id 2 | digest 4 | length 2 | data. */
export const RELAY_COMMAND_AT = 0
export const RELAY_RECOGNIZED_AT = 1
export const RELAY_STREAM_AT = 3
export const RELAY_DIGEST_AT = 5
export const RELAY_LENGTH_AT = 9
export const RELAY_DATA_AT = 11
export interface RelayHeader {
  readonly command: number
  readonly recognized: number
  readonly streamId: number
  readonly length: number
}
/** Throws MalformedError when length is over RELAY_DATA_MAX. */
export function readRelayHeader(body: Buffer, at: number): RelayHeader {
  throw new Error('soon')
}
/** Writes 509 bytes at `at`; digest is zero. */
export function writeRelayCell(target: Buffer, at: number, command: number, streamId: number, data: Uint8Array): void {
  throw new Error('soon')
}

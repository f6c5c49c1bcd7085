import type { End } from '../cell/end.ts'
import type { CircuitStream } from './stream.ts'

/** One end of the relay messages of a circuit, as those see it who open streams in it: onion-encrypted cells or clear ones. */
export interface StreamEdge {
  /** Open or being opened, by id. */
  readonly streams: ReadonlyMap<number, CircuitStream>
  /** A new stream; nothing is sent. */
  addStream(id: number): CircuitStream
  /** Sends one message in one cell; `data` ≤ 498 bytes. Not for DATA. */
  send(command: number, streamId: number, data: Uint8Array): void
  /** Ends a stream that was never connected, saying why. */
  refuse(stream: CircuitStream, end: End): void
  /** May the id be given to a new stream? */
  isFree(streamId: number): boolean
  /** A lookup was given up: its answer may still come. */
  forgetLookup(streamId: number): void
  /** Is a message about a stream that is not open excused by that stream's having just been closed? */
  isLate(command: number, streamId: number): boolean
}

import type { Duplex } from 'node:stream'
import type { CircuitStream } from './stream.ts'

/** A circuit stream as a Node stream. Ending its writable side ends the whole stream (Tor has no half-close). */
export function streamDuplex(_stream: CircuitStream): Duplex {
  throw new Error('not yet')
}

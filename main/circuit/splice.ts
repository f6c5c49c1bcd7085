import type { Duplex } from 'node:stream'
import type { CircuitStream } from './stream.ts'

/** Carries bytes both ways between a circuit stream and a socket until either ends; each side's slowness holds the other back. */
export function spliceSocket(_stream: CircuitStream, _socket: Duplex): void {
  throw new Error('not yet')
}

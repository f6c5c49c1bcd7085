import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'

/** One stream of a circuit, at either end (tor-spec 6.2). Set `onData`, `onDrain` and `onEnd` once; they are called synchronously. */
export class CircuitStream {
  readonly id: number = 0
  /** The address that the exit connected to, and the seconds it may be kept, where CONNECTED said so. */
  address: IpAddress | undefined
  ttl: number | undefined
  /** Payload bytes received from, and sent into, the circuit. */
  bytesIn = 0
  bytesOut = 0
  closed = false
  /** Data in order; the buffer belongs to the receiver. Not called while paused. */
  onData: (data: Buffer) => void = () => {}
  /** After `write` returned false: there is room again. */
  onDrain: () => void = () => {}
  /** After the last data: no more will come. `reason` is the peer's EndReason, or DESTROY when the circuit went. */
  onEnd: (reason: number) => void = () => {}
  /** For accounts and logs: exactly once, when nothing more can be sent or received. */
  readonly onClose = new Listeners<[stream: CircuitStream, reason: number]>()

  /** Queues `data` (kept, not copied); false asks the writer to wait for `onDrain`. */
  write(_data: Buffer): boolean {
    throw new Error('not yet')
  }
  /** Closes in both directions once everything written was sent; Tor has no half-close. */
  end(_reason?: number): void {
    throw new Error('not yet')
  }
  /** Closes at once; what was not sent is dropped. */
  abort(_reason?: number): void {
    throw new Error('not yet')
  }
  /** Until `resume`, data is kept here and the other end is told to slow down. */
  pause(): void {
    throw new Error('not yet')
  }
  resume(): void {
    throw new Error('not yet')
  }
}

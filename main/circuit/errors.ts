import type { IpAddress } from '../lib/ip.ts'

/** A circuit (or its extension) is not made; `reason` is the DestroyReason for the peer (tor-spec 5.4). */
export class CircuitRefused extends Error {
  override name = 'CircuitRefused'
  readonly reason: number

  constructor(reason: number, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A circuit that was in use is gone; `reason` is the DestroyReason that closed it, ours or the peer's. */
export class CircuitClosed extends Error {
  override name = 'CircuitClosed'
  readonly reason: number

  constructor(reason: number, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A stream is not opened; `reason` is the EndReason (tor-spec 6.3). EXITPOLICY says which address was refused, and for how many seconds. */
export class StreamRefused extends Error {
  override name = 'StreamRefused'
  readonly reason: number
  readonly address: IpAddress | undefined
  readonly ttl: number | undefined

  constructor(reason: number, message: string, address?: IpAddress, ttl?: number) {
    super(message)
    this.reason = reason
    this.address = address
    this.ttl = ttl
  }
}

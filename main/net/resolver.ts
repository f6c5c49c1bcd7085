import type { IpAddress } from '../lib/ip.ts'

export interface ResolvedAddress {
  readonly address: IpAddress
  /** seconds */
  readonly ttl: number
}

/** Why a name was not resolved: `transient` = worth another try later. */
export class ResolveError extends Error {
  override name = 'ResolveError'
  readonly transient: boolean
  constructor(message: string, transient: boolean, options?: ErrorOptions) {
    super(message, options)
    this.transient = transient
  }
}

/** Names → addresses (IPv4 first) and back; rejects with {@link ResolveError}. */
export interface Resolver {
  resolve(name: string, signal: AbortSignal): Promise<ResolvedAddress[]>
  reverse(address: IpAddress, signal: AbortSignal): Promise<{ name: string; ttl: number }[]>
}

export class SystemResolver implements Resolver {
  constructor(options?: { servers?: readonly string[]; timeoutMs?: number; now?: () => number }) {
    throw new Error(`soon ${options}`)
  }
  resolve(name: string, signal: AbortSignal): Promise<ResolvedAddress[]> {
    throw new Error(`soon ${name} ${signal}`)
  }
  reverse(address: IpAddress, signal: AbortSignal): Promise<{ name: string; ttl: number }[]> {
    throw new Error(`soon ${address} ${signal}`)
  }
}

import type { IpAddress } from '../../lib/ip.ts'

/** Why a router did not map a port; the names that `MAPPING_FAILURES` of the contract has words for. */
export type MappingFailure = 'no-gateway' | 'no-answer' | 'refused' | 'port-taken' | 'address-shared' | 'double-nat' | 'router-disagrees'

export class MappingError extends Error {
  override name = 'MappingError'
  readonly reason: MappingFailure
  constructor(reason: MappingFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface Mapped {
  readonly externalPort: number
  /** 0: for ever, until it is removed. */
  readonly lifetimeSeconds: number
}

/** One way of asking a router for TCP mappings. Every call rejects with {@link MappingError}, or with the signal's reason. */
export interface GatewayClient {
  readonly method: 'nat-pmp' | 'upnp'
  readonly gatewayAddress: IpAddress
  externalAddress(signal: AbortSignal): Promise<IpAddress>
  /** Also renews. The router may grant another port or time than asked for. */
  map(internalPort: number, externalPort: number, lifetimeSeconds: number, signal: AbortSignal): Promise<Mapped>
  unmap(internalPort: number, externalPort: number, signal: AbortSignal): Promise<void>
}

import type { IpAddress } from '../../lib/ip.ts'
import type { ScopedLog } from '../../lib/log.ts'
import { Listeners, type Service } from '../../lib/service.ts'

/** Why a router did not map a port; the names that `MAPPING_FAILURES` of the contract has words for. */
export type MappingFailure = 'no-gateway' | 'no-answer' | 'refused' | 'port-taken' | 'address-shared' | 'double-nat' | 'router-disagrees'

/** What is known of one port's mapping; the shape of `PortState.mapping` of the contract. Times in ms since 1970. */
export type MappingState =
  | { readonly state: 'off' }
  | { readonly state: 'not-needed' }
  | { readonly state: 'asking' }
  | {
      readonly state: 'mapped'
      readonly method: 'nat-pmp' | 'upnp'
      readonly externalAddress?: IpAddress
      readonly externalPort: number
      readonly until?: number
    }
  | { readonly state: 'failed'; readonly reason: MappingFailure }

export interface PortToMap {
  /** A name of the caller's: 'or', 'dir', 'pa'. */
  readonly name: string
  /** Where the listener is bound. Loopback or public: no mapping is needed. `0.0.0.0` / `::`: the address that faces the gateway. */
  readonly address: IpAddress
  readonly port: number
}

export interface PortMapperOptions {
  readonly log: ScopedLog
}

/** Keeps the given TCP ports mapped at the home router: asks, renews the leases, and takes the mappings back at `stop`. */
export class PortMapper implements Service {
  /** After every change of a port's state. */
  readonly onChange = new Listeners<[name: string, state: MappingState]>()
  constructor(_options: PortMapperOptions) {}
  /** The ports to keep mapped from now on; those no longer named are unmapped. */
  setPorts(_ports: readonly PortToMap[]): void {
    throw new Error('soon')
  }
  state(_name: string): MappingState {
    throw new Error('soon')
  }
  /** Asks the router again now (network changed, the user pressed retest). */
  refresh(): void {
    throw new Error('soon')
  }
  async start(): Promise<void> {}
  /** Removes every mapping (bounded to 2 s) and ends. */
  async stop(): Promise<void> {}
}

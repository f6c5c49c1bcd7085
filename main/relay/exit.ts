import type { Socket } from 'node:net'
import type { ResolvedAnswer, StreamTarget } from '../circuit/hop-role.ts'
import type { ExitPolicy } from '../document/exit-policy.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { Resolver } from '../net/resolver.ts'

export interface ExitConnectorOptions {
  policy(): ExitPolicy
  resolver: Resolver
  /** Exceptions to the refusal of special addresses; for test networks only. Default: none. */
  allowPrivate?(address: IpAddress, port: number): boolean
  isOwnAddress(address: IpAddress): boolean
  /** ORPorts and DirPorts of known relays: no re-entry into the network. */
  isRelayAddress?(address: IpAddress, port: number): boolean
  localAddress?: IpAddress
  connectTimeoutMs?: number
}

/** Takes streams out of the network: names to addresses, every address checked, exactly the checked address dialled. */
export class ExitConnector {
  readonly options: ExitConnectorOptions

  constructor(options: ExitConnectorOptions) {
    this.options = options
  }
  /** Rejects with StreamRefused. */
  connect(_target: StreamTarget, _signal: AbortSignal): Promise<{ socket: Socket; address: IpAddress; ttl: number }> {
    throw new Error('not yet')
  }
  resolve(_name: string, _signal: AbortSignal): Promise<ResolvedAnswer[]> {
    throw new Error('not yet')
  }
}

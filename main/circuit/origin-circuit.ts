import type { Channel } from '../channel/channel.ts'
import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'
import type { ResolvedAnswer } from './hop-role.ts'
import type { CongestionParams } from './params.ts'
import type { CircuitStream } from './stream.ts'

/** A relay to build through. */
export interface CircuitHop {
  readonly rsaIdentity: Buffer
  readonly ed25519Identity: Buffer
  /** Undefined only for a first hop whose descriptor is not known yet: then CREATE_FAST. */
  readonly ntorKey: Buffer | undefined
  readonly addresses: readonly { readonly address: IpAddress; readonly port: number }[]
  /** Relay=4: ntor-v3; FlowCtrl=2 where streams will end: congestion control. */
  readonly ntorV3: boolean
  readonly congestionControl: boolean
}

export interface OriginCircuitOptions {
  channel: Channel
  hops: readonly CircuitHop[]
  signal: AbortSignal
  params: CongestionParams
  trafficClass?: 'or' | 'pa'
}

/** A circuit that we built, one to several hops. */
export class OriginCircuit {
  readonly hops: readonly CircuitHop[]
  readonly channel: Channel
  closed = false
  readonly onClose = new Listeners<[reason: number]>()

  private constructor(options: OriginCircuitOptions) {
    this.hops = options.hops
    this.channel = options.channel
  }
  /** Rejects with CircuitRefused or CircuitClosed, or with the signal's reason. */
  static async build(options: OriginCircuitOptions): Promise<OriginCircuit> {
    return new OriginCircuit(options)
  }
  get streamCount(): number {
    return 0
  }
  /** Resolves at CONNECTED; rejects with StreamRefused. Data may be written earlier with `optimistic`. */
  openStream(
    _target: { host: string; port: number; flags?: number },
    _options: { signal: AbortSignal; optimistic?: (stream: CircuitStream) => void },
  ): Promise<CircuitStream> {
    throw new Error('not yet')
  }
  /** BEGIN_DIR to the last hop. */
  openDirectory(_options: { signal: AbortSignal }): Promise<CircuitStream> {
    throw new Error('not yet')
  }
  resolve(_name: string, _options: { signal: AbortSignal }): Promise<ResolvedAnswer[]> {
    throw new Error('not yet')
  }
  close(_reason?: number): void {
    throw new Error('not yet')
  }
}

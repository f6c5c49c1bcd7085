import type { Channel } from '../channel/channel.ts'
import type { ChannelMap } from '../channel/channel-map.ts'
import type { CircuitHop } from '../circuit/circuit-hop.ts'
import { OriginCircuit } from '../circuit/origin-circuit.ts'
import { congestionParams } from '../circuit/params.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { ipToBytes } from '../lib/ip.ts'
import { choosePath, type PathRelay, type PathRequest } from './path.ts'

/** Builds circuits for our own needs: self-tests, probes, and browsing through three hops. */
export class OwnCircuits {
  readonly #channels: ChannelMap
  readonly #directory: NetworkDirectory
  #subnets: { validAfter: number; distinct: boolean } | undefined

  constructor(options: { channels: ChannelMap; directory: NetworkDirectory }) {
    this.#channels = options.channels
    this.#directory = options.directory
  }

  /** Listed relays; a descriptor is read when it is asked for. */
  relays(): PathRelay[] {
    return [...this.#directory.routers()]
  }

  path(request: PathRequest): CircuitHop[] {
    return choosePath(this.relays(), request, {
      weights: this.#directory.consensus?.bandwidthWeights ?? new Map(),
      distinctSubnets: this.#distinctSubnets(),
      random: Math.random,
    })
  }

  /** False where so few /16 networks hold relays that paths through distinct ones hardly exist: loopback test networks. */
  #distinctSubnets(): boolean {
    const consensus = this.#directory.consensus
    if (!consensus) return false
    if (this.#subnets?.validAfter !== consensus.validAfter) {
      const networks = new Set(consensus.routers.map(router => ipToBytes(router.address)?.readUInt16BE(0)))
      this.#subnets = { validAfter: consensus.validAfter, distinct: networks.size >= 5 }
    }
    return this.#subnets.distinct
  }

  /** An ordinary circuit, over the relay's own links. */
  async build(hops: readonly CircuitHop[], signal: AbortSignal): Promise<OriginCircuit> {
    return this.buildOver(await this.#channels.open(hops[0]!, { signal }), hops, signal)
  }

  /**
   * A circuit over a link of its own on which we do not say who we are. The first hop then does not know that link as ours, so when it is
   * asked to extend to us it must dial our ORPort from outside.
   */
  async buildAsClient(hops: readonly CircuitHop[], signal: AbortSignal): Promise<OriginCircuit> {
    const channel = await this.#channels.openFresh(hops[0]!, { signal, authenticate: false })
    try {
      const circuit = await this.buildOver(channel, hops, signal)
      circuit.onClose.add(() => channel.close('circuit done'))
      return circuit
    } catch (error) {
      channel.close('circuit failed')
      throw error
    }
  }

  buildOver(channel: Channel, hops: readonly CircuitHop[], signal: AbortSignal, trafficClass: 'or' | 'pa' = 'or'): Promise<OriginCircuit> {
    return OriginCircuit.build({
      channel,
      hops,
      signal,
      params: congestionParams(this.#directory.consensus?.params ?? new Map()),
      trafficClass,
    })
  }
}

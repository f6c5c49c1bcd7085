import { CircuitEdge, type EdgeOwner } from './circuit-edge.ts'
import type { HopAgreement } from './client-handshake.ts'
import { VegasWindow } from './congestion-control.ts'
import { FixedWindow } from './flow-control.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { CongestionParams, PathKind } from './params.ts'
import { CryptoLayer } from './relay-crypto.ts'

/** What a hop needs of its circuit; `hop` counts from 0. */
export interface HopHost {
  transmit(hop: number, bodies: Buffer, count: number): void
  queuedCells(): number
  fail(reason: number, why: string): void
  message(hop: OriginHop, command: number, streamId: number, data: Buffer): void
}

export interface OriginHopOptions {
  readonly index: number
  readonly agreement: HopAgreement
  readonly params: CongestionParams
  readonly path: PathKind
  readonly memory: MemoryBudget
}

/** One relay of a circuit that we built, as far as we share keys with it. */
export class OriginHop implements EdgeOwner {
  readonly index: number
  readonly layer: CryptoLayer
  readonly edge: CircuitEdge
  readonly #host: HopHost

  constructor(host: HopHost, options: OriginHopOptions) {
    const { agreement, params, path, memory } = options
    const { keys, sendmeIncrement } = agreement
    this.#host = host
    this.index = options.index
    this.layer = CryptoLayer.tor1(keys, 'client')
    this.edge = new CircuitEdge(this, {
      side: 'client',
      layer: this.layer,
      window: sendmeIncrement === undefined ? new FixedWindow(params.circuitWindow) : new VegasWindow(params, path, sendmeIncrement),
      congestionControl: sendmeIncrement !== undefined,
      params,
      memory,
    })
  }

  transmit(bodies: Buffer, count: number): void {
    this.#host.transmit(this.index, bodies, count)
  }

  queuedCells(): number {
    return this.#host.queuedCells()
  }

  fail(reason: number, why: string): void {
    this.#host.fail(reason, why)
  }

  message(command: number, streamId: number, data: Buffer): void {
    this.#host.message(this, command, streamId, data)
  }
}

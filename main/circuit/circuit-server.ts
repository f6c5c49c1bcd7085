import type { Channel } from '../channel/channel.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import type { HopRole, OnionKeys } from './hop-role.ts'
import type { OrCircuit } from './or-circuit.ts'
import type { CongestionParams } from './params.ts'

/** Bounds on what other people's circuits may cost us. */
export interface CircuitLimits {
  /** Circuits at the same time, all channels together, and on one channel. */
  readonly circuits: number
  readonly circuitsPerChannel: number
  /** Onionskins waiting for the CPU, and those of one channel among them; more are answered with DESTROY RESOURCELIMIT. */
  readonly onionskinQueue: number
  readonly onionskinsPerChannel: number
  /** Milliseconds of onionskin work between two looks at the network. */
  readonly onionskinSliceMs: number
  /** Streams and lookups open at the same time on one circuit; BEGINs a second and their burst. */
  readonly streamsPerCircuit: number
  readonly streamRate: number
  readonly streamBurst: number
  /** Cells that may wait for one circuit in one channel; more close the circuit. */
  readonly queuedCells: number
}

export const DEFAULT_CIRCUIT_LIMITS: CircuitLimits = {
  circuits: 20_000,
  circuitsPerChannel: 10_000,
  onionskinQueue: 1000,
  onionskinsPerChannel: 250,
  onionskinSliceMs: 4,
  streamsPerCircuit: 500,
  streamRate: 100,
  streamBurst: 300,
  queuedCells: 2500,
}

export interface CircuitServerOptions {
  keys(): OnionKeys
  role: HopRole
  params(): CongestionParams
  limits?: Partial<CircuitLimits>
  log?: ScopedLog
  /** A DestroyReason to refuse a new circuit with (hibernating, DoS defence), else undefined. */
  admit?(channel: Channel): number | undefined
  onCircuit?(circuit: OrCircuit): void
  now?(): number
}

/** Answers CREATE_FAST and CREATE2 and owns the circuits that come of it. */
export class CircuitServer {
  readonly circuits: ReadonlySet<OrCircuit> = new Set()
  readonly options: CircuitServerOptions

  constructor(options: CircuitServerOptions) {
    this.options = { log: silentLog, ...options }
  }
  /** For ChannelHandler.onCreate. */
  handleCreate(_channel: Channel, _circId: number, _command: number, _body: Buffer): void {
    throw new Error('not yet')
  }
  /** The channel closed: forgets its waiting onionskins (its circuits are told by the channel itself). */
  handleChannelClosed(_channel: Channel): void {
    throw new Error('not yet')
  }
  closeAll(_reason: number): void {
    throw new Error('not yet')
  }
}

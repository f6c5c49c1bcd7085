/** Bounds on what other people's circuits may cost us. */
export interface CircuitLimits {
  /** Circuits at the same time: all channels together, on one channel of a relay, and on one of a client. */
  readonly circuits: number
  readonly circuitsPerChannel: number
  readonly circuitsPerClient: number
  /** Onionskins waiting for the CPU, and those of one channel among them; more are answered with DESTROY RESOURCELIMIT. */
  readonly onionskinQueue: number
  readonly onionskinsPerChannel: number
  /** Milliseconds of onionskin work between two looks at the network. */
  readonly onionskinSliceMs: number
  /** Streams and lookups open at the same time on one circuit; BEGINs a second and their burst. */
  readonly streamsPerCircuit: number
  readonly streamRate: number
  readonly streamBurst: number
  /** Bytes of stream data held for slow receivers, all circuits together; the circuit that goes beyond is closed. */
  readonly heldBytes: number
}

export const DEFAULT_CIRCUIT_LIMITS: CircuitLimits = {
  circuits: 20_000,
  circuitsPerChannel: 10_000,
  circuitsPerClient: 1000,
  onionskinQueue: 1000,
  onionskinsPerChannel: 250,
  onionskinSliceMs: 4,
  streamsPerCircuit: 500,
  streamRate: 100,
  streamBurst: 300,
  heldBytes: 256 * 1024 * 1024,
}

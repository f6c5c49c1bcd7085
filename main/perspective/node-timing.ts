import { DEFAULT_PERSPECTIVE_LIMITS, type PerspectiveLimits } from './perspective-limits.ts'

/** Times of a node, in ms; one set for the public network, one for networks whose hour lasts seconds. */
export interface NodeTiming {
  readonly publishCheck: number
  /** How often failed ports are tested again, and proved ones proved anew. */
  readonly retestFailed: number
  readonly retestProved: number
  readonly selfTestTimeout: number
  readonly probePass: number
  readonly probeFail: number
  readonly probeTimeout: number
  /** How often it is looked whether an admitted peer must be tested again. */
  readonly probeCheck: number
  readonly limits: PerspectiveLimits
}

export const PUBLIC_TIMING: NodeTiming = {
  publishCheck: 60_000,
  retestFailed: 60_000,
  retestProved: 3_600_000,
  selfTestTimeout: 60_000,
  probePass: 30 * 60_000,
  probeFail: 5 * 60_000,
  probeTimeout: 20_000,
  probeCheck: 10_000,
  limits: DEFAULT_PERSPECTIVE_LIMITS,
}

export const COMPRESSED_TIMING: NodeTiming = {
  publishCheck: 500,
  retestFailed: 3_000,
  retestProved: 120_000,
  selfTestTimeout: 8_000,
  probePass: 60_000,
  probeFail: 5_000,
  probeTimeout: 8_000,
  probeCheck: 1_000,
  // A month of use lasts minutes, and one machine is the whole world: what is to be limited there is not bytes.
  limits: {
    ...DEFAULT_PERSPECTIVE_LIMITS,
    quota: { ...DEFAULT_PERSPECTIVE_LIMITS.quota, bytesPerSecond: 1e9, burstBytes: 1e9, bytesPerDay: 1e12 },
    trustAfterMs: 120_000,
    trustAfterPasses: 5,
    probeEveryMs: 2_000,
    doubtMs: 10_000,
    // Nor does a late event loop say that Tor suffers where many relays, their clients and the tests share one machine's processors.
    overload: { ...DEFAULT_PERSPECTIVE_LIMITS.overload, loopDelayMs: 5_000 },
  },
}

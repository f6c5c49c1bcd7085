import { type LoadReading, OVERLOAD } from './overload.ts'

/** What one peer may hold and do; perspective-access.md 6. Counts of what it holds are at the same time; rates are a second's. */
export interface PeerQuota {
  readonly links: number
  readonly circuits: number
  readonly streams: number
  readonly streamsPerSecond: number
  readonly resolvesPerSecond: number
  /** New streams and lookups at once, the same for newcomers: a page opens many. */
  readonly streamBurst: number
  readonly resolveBurst: number
  /** Payload and cells both ways together. */
  readonly bytesPerSecond: number
  /** At once, after a pause. The same for newcomers: it is what makes a first visit pleasant. */
  readonly burstBytes: number
  readonly bytesPerDay: number
}

/** How many peers' quotas a group of peers has together, whoever of them uses it. */
export interface GroupShares {
  /** One IPv4 address, or one IPv6 /64. */
  readonly address: number
  /** One IPv4 /24, or one IPv6 /48. */
  readonly network: number
  /** One autonomous system, or what stands for it. */
  readonly system: number
  /** A declared family. */
  readonly family: number
}

/** When the streams of one peer look like an attack on others. */
export interface GuardLimits {
  /** Different addresses and ports dialled within a minute; more are refused. */
  readonly destinationsPerMinute: number
  /** Refused destinations within a minute that get the peer blocked. */
  readonly refusalsPerMinute: number
  /** Of at least so many different destinations within `failWindowMs`, this part failed: the peer is blocked. */
  readonly failMinimum: number
  readonly failRatio: number
  readonly failWindowMs: number
  /** Streams to one address and port at the same time. */
  readonly perDestination: number
  /** How long the automatic block lasts. */
  readonly blockMs: number
}

/** Bounds on what one peer, a group of peers and all peers together may have. */
export interface PerspectiveLimits {
  readonly quota: PeerQuota
  readonly groups: GroupShares
  /** Bytes a day that count for no group: a newcomer in a crowded network can still start. */
  readonly freeBytesPerDay: number
  readonly guard: GuardLimits
  /** Most of the relay's rate that perspective access may have (0–1), and the part that stays for Tor whatever happens (0–1). */
  readonly share: number
  readonly reserve: number
  /** A usefulness of 1 needs so much time listed, and so many passed tests. */
  readonly trustAfterMs: number
  readonly trustAfterPasses: number
  /** One probe of us a peer in so many ms, and so many a minute from all. */
  readonly probeEveryMs: number
  readonly probesPerMinute: number
  /** A link that has not negotiated after so many ms is closed. */
  readonly negotiateMs: number
  /** Negotiations on one link to the ORPort; after that they are answered without looking. */
  readonly negotiations: number
  /** How long an identity that was alive in two places is kept out. */
  readonly doubtMs: number
  /** Readings above these make perspective access step back. */
  readonly overload: LoadReading
}

const MB = 1_000_000

export const DEFAULT_PERSPECTIVE_LIMITS: PerspectiveLimits = {
  quota: {
    links: 2,
    circuits: 8,
    streams: 256,
    streamsPerSecond: 20,
    resolvesPerSecond: 50,
    streamBurst: 100,
    resolveBurst: 100,
    bytesPerSecond: 625_000,
    burstBytes: 20 * MB,
    bytesPerDay: 2000 * MB,
  },
  groups: { address: 4, network: 8, system: 32, family: 8 },
  freeBytesPerDay: 50 * MB,
  guard: {
    destinationsPerMinute: 60,
    refusalsPerMinute: 240,
    failMinimum: 30,
    failRatio: 0.5,
    failWindowMs: 300_000,
    perDestination: 64,
    blockMs: 3_600_000,
  },
  share: 0.5,
  reserve: 0.25,
  trustAfterMs: 30 * 24 * 3_600_000,
  trustAfterPasses: 100,
  probeEveryMs: 600_000,
  probesPerMinute: 60,
  negotiateMs: 15_000,
  negotiations: 20,
  doubtMs: 600_000,
  overload: OVERLOAD,
}

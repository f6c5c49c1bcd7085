/** What is known of a server at the moment of choosing. Ages and times in ms. */
export interface ServerFacts {
  /** The last measured round trip to its door, and how old it is. */
  readonly latency: { readonly ms: number; readonly age: number } | undefined
  /** A link to it is open now. */
  readonly linked: boolean
  /** Our own streams through it now. */
  readonly streams: number
  /** Failures, each counting less as time passes; see {@link decayed}. */
  readonly failures: number
  /** Its last "no", and how long from now it asked to be left alone (0: no longer). */
  readonly refusal: { readonly age: number; readonly wait: number } | undefined
  readonly favourite: boolean
  /** Consensus weight, kB/s. */
  readonly bandwidth: number
}

/** The round trip that is assumed of a server that was never measured; a quick one must be tried before a slow one is known. */
const UNMEASURED_MS = 250
/** After so long a measurement counts half. */
const LATENCY_HALF_LIFE_MS = 3_600_000
/** TCP, TLS, the link's handshake, the negotiation, the circuit. */
const ROUND_TRIPS_TO_OPEN = 6
/** What one of our streams costs the next one. */
const STREAM_COST_MS = 4
/** A server this strong (kB/s) or stronger gets no malus, a weak one at most the second number. */
const STRONG_BANDWIDTH = 1000
const WEAK_COST_MS = 200
const FAILURE_COST_MS = 3000
/** A server that asked to be left alone comes after all that did not, and one that refused lately after its like. */
const WAIT_COST_MS = 1_000_000
const REFUSAL_COST_MS = 20_000
const REFUSAL_HALF_LIFE_MS = 120_000
const FAVOURITE_FACTOR = 0.5

/** What is left of a weight after `age` ms when half of it goes in each `halfLife`. */
export function decayed(weight: number, age: number, halfLife: number): number {
  return weight * 2 ** (-Math.max(0, age) / halfLife)
}

/**
 * How good a server is for the next stream: about the time until its first byte in ms, so less is better. Pure. It never says "never": who
 * may be used at all (country, policy, admission, exclusions) is decided before.
 */
export function serverScore(facts: ServerFacts): number {
  const { latency, refusal } = facts
  const trust = latency ? decayed(1, latency.age, LATENCY_HALF_LIFE_MS) : 0
  const roundTrip = (latency?.ms ?? 0) * trust + UNMEASURED_MS * (1 - trust)
  let cost = roundTrip * (facts.linked ? 2 : 2 + ROUND_TRIPS_TO_OPEN)
  cost += facts.streams * STREAM_COST_MS
  cost += WEAK_COST_MS * Math.max(0, 1 - facts.bandwidth / STRONG_BANDWIDTH)
  if (facts.favourite) cost *= FAVOURITE_FACTOR
  cost += facts.failures * FAILURE_COST_MS
  if (refusal) cost += decayed(REFUSAL_COST_MS, refusal.age, REFUSAL_HALF_LIFE_MS) + (refusal.wait > 0 ? WAIT_COST_MS : 0)
  return cost
}

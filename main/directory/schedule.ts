/** When to fetch: pure functions of times (ms) and chance, so that they can be tested without a clock. dir-spec 5.1, 5.2. */

/** The three times of a consensus. */
export interface ConsensusTimes {
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
}

const MINUTE_MS = 60_000
/** Networks with a shorter interval are test networks, where a minute is too long to wait for anything. */
const COMPRESSED_BELOW_MS = 5 * MINUTE_MS
/** Authorities' clocks differ: a cache waits so long after fresh-until. */
const CLOCK_SLOP_MS = 2 * MINUTE_MS

export function isCompressed(times: ConsensusTimes): boolean {
  return times.freshUntil - times.validAfter < COMPRESSED_BELOW_MS
}

/**
 * When a directory cache fetches the consensus after this one: at a random time in the first half interval after it stopped being fresh,
 * so that caches do not come all at once. On compressed networks right after fresh-until, since clients there have seconds to follow.
 */
export function nextConsensusFetch(times: ConsensusTimes, random: number, compressed: boolean): number {
  const interval = times.freshUntil - times.validAfter
  const slop = Math.min(CLOCK_SLOP_MS, interval / 16)
  const window = compressed ? interval / 16 : interval / 2
  const latest = times.validUntil - window
  return Math.min(times.freshUntil + slop, Math.max(times.freshUntil, latest)) + random * window
}

export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** The delay after a failure that followed a delay of `previousMs` (0: the first one): random between the base and three times the last one. */
export function nextDelay(previousMs: number, random: number, backoff: Backoff): number {
  const top = Math.max(backoff.baseMs * 2, previousMs * 3)
  return Math.min(backoff.capMs, backoff.baseMs + random * (top - backoff.baseMs))
}

/** How to retry what a consensus of these times (undefined: none yet) leaves to be fetched. */
export function retryBackoff(times: ConsensusTimes | undefined, compressed: boolean): Backoff {
  if (!compressed) return { baseMs: times ? MINUTE_MS / 2 : 2000, capMs: times ? 20 * MINUTE_MS : 2 * MINUTE_MS }
  const interval = times ? times.freshUntil - times.validAfter : 10_000
  return { baseMs: Math.max(100, interval / 40), capMs: Math.max(500, interval / 4) }
}

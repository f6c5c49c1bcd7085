/**
 * The times of the practice network, all in milliseconds unless the name says seconds. The public network's hour between two consensuses is
 * five seconds here; the other times follow what a person is willing to watch, not one factor.
 */
export interface PracticeTiming {
  /** From one consensus to the next; they are aligned to multiples of it since the epoch. */
  readonly votingInterval: number
  /**
   * valid-after to fresh-until and valid-until. Stock clients of a test network refuse less than 10 s and twice that
   * (C tor networkstatus_parse_vote_from_string, MIN_VOTE_INTERVAL_TESTING).
   */
  readonly freshFor: number
  readonly validFor: number
  /** What `voting-delay` says; stock clients refuse less than 2. The real exchange between our authorities takes {@link exchangeTime}. */
  readonly voteSeconds: number
  readonly distSeconds: number
  /** The vote is made this long before valid-after. */
  readonly exchangeTime: number
  /** How long an authority waits for the votes, and for the signatures, of the others before it asks for those missing. */
  readonly voteWait: number
  readonly signatureWait: number
  /** Every relay is tested this often; new and moved ones at once (public network: 1280 s). */
  readonly reachabilityCycle: number
  /** A relay reached within this time is Running (public network: 45 min). */
  readonly reachableFor: number
  readonly reachabilityTimeout: number
  /** Stable for certain with this MTBF or uptime (public network: 5 days, 30 days). */
  readonly stableGuarantee: number
  /** Familiar enough for Guard with this weighted time known (public network: 8 days). */
  readonly guardTimeKnown: number
  /** HSDir needs this uptime (public network: 96 h). */
  readonly hsDirUptime: number
  /** MTBF counts, instead of the uptime a relay claims, once the authority has watched this long (public network: 4 h). */
  readonly enoughHistory: number
  /** Old runs lose 5 % of their weight every so often (public network: 12 h). */
  readonly downrateInterval: number
  /** How long the practice relays count as having been up before the practice network starts, so that it begins as a settled one. */
  readonly pastUptime: number
}

export const PRACTICE_TIMING: PracticeTiming = {
  votingInterval: 5_000,
  freshFor: 10_000,
  validFor: 60_000,
  voteSeconds: 2,
  distSeconds: 2,
  exchangeTime: 1_200,
  voteWait: 500,
  signatureWait: 400,
  reachabilityCycle: 8_000,
  reachableFor: 20_000,
  reachabilityTimeout: 5_000,
  stableGuarantee: 40_000,
  guardTimeKnown: 120_000,
  hsDirUptime: 60_000,
  enoughHistory: 20_000,
  downrateInterval: 60_000,
  pastUptime: 600_000,
}

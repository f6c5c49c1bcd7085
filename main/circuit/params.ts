/** Flow control of one circuit, from consensus parameters (proposal 324 section 6.5; param-spec). Counts are relay cells. */
export interface CongestionParams {
  /** cc_alg is Vegas (2): congestion control is asked for and granted. */
  readonly enabled: boolean
  readonly values: ReadonlyMap<string, number>
}

/** Reads the parameters that matter here from `params` of a consensus, each clamped to its range; an empty map gives the defaults. */
export function congestionParams(params: ReadonlyMap<string, number>): CongestionParams {
  return { enabled: (params.get('cc_alg') ?? 2) === 2, values: params }
}

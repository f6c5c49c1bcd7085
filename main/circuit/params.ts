/** The thresholds of Vegas for one kind of path, in cells. */
export interface VegasThresholds {
  readonly alpha: number
  readonly beta: number
  readonly gamma: number
  readonly delta: number
  /** Above it slow start grows more slowly (RFC 3742). */
  readonly slowStartCap: number
}

/** Flow control as the consensus wants it: proposal 324 section 6.5, param-spec. Counts are relay cells unless said otherwise. */
export interface CongestionParams {
  /** cc_alg is Vegas: congestion control is asked for and granted. */
  readonly enabled: boolean
  /** Package window of circuits without congestion control. */
  readonly circuitWindow: number
  /** Lowest SENDME version that is accepted; version 0 is let through only on circuits made by CREATE_FAST. */
  readonly sendmeAcceptMin: number
  readonly sendmeIncrement: number
  readonly cwndInit: number
  readonly cwndMin: number
  readonly cwndMax: number
  readonly cwndIncrement: number
  readonly cwndIncrementRate: number
  /** Percent of a SENDME increment by which slow start grows at each SENDME. */
  readonly slowStartPercent: number
  readonly slowStartMax: number
  readonly ewmaCwndPercent: number
  readonly ewmaMax: number
  readonly ewmaSlowStart: number
  readonly rttResetPercent: number
  readonly fullGap: number
  readonly fullMinPercent: number
  readonly fullPerCwnd: boolean
  readonly vegas: Readonly<Record<PathKind, VegasThresholds>>
  /** Cells that a stream may hold before XOFF, at a client and at an exit. */
  readonly xoffClient: number
  readonly xoffExit: number
  /** Cells of data between two XONs. */
  readonly xonRate: number
  readonly xonChangePercent: number
  readonly xonEwmaCount: number
}

/** What kind of circuit it is: three hops to an exit, six to an onion service, or shorter (as the bandwidth scanner's). */
export type PathKind = 'exit' | 'onion' | 'sbws'

const CC_ALG_SENDME = 0
const INT32_MAX = 0x7fffffff
/** Cells in a TLS record of 16 KB: the unit of many defaults. */
const RECORD = 31

/** Reads the parameters from `params` of a consensus, each clamped to its range; an empty map gives C tor's defaults. */
export function congestionParams(params: ReadonlyMap<string, number>): CongestionParams {
  const get = (name: string, fallback: number, min: number, max: number): number =>
    Math.min(max, Math.max(min, params.get(name) ?? fallback))
  const vegas = (kind: PathKind, alpha: number, beta: number, gamma: number, delta: number, cap: number): VegasThresholds => ({
    alpha: get(`cc_vegas_alpha_${kind}`, alpha, 0, 1000),
    beta: get(`cc_vegas_beta_${kind}`, beta, 0, 1000),
    gamma: get(`cc_vegas_gamma_${kind}`, gamma, 0, 1000),
    delta: get(`cc_vegas_delta_${kind}`, delta, 0, INT32_MAX),
    slowStartCap: get(`cc_sscap_${kind}`, cap, 100, INT32_MAX),
  })
  return {
    enabled: params.get('cc_alg') !== CC_ALG_SENDME,
    circuitWindow: get('circwindow', 1000, 100, 1000),
    sendmeAcceptMin: get('sendme_accept_min_version', 1, 0, 255),
    sendmeIncrement: get('cc_sendme_inc', RECORD, 1, 254),
    cwndInit: get('cc_cwnd_init', 4 * RECORD, RECORD, 10_000),
    cwndMin: get('cc_cwnd_min', 4 * RECORD, RECORD, 1000),
    cwndMax: get('cc_cwnd_max', INT32_MAX, 500, INT32_MAX),
    cwndIncrement: get('cc_cwnd_inc', 1, 1, 1000),
    cwndIncrementRate: get('cc_cwnd_inc_rate', RECORD, 1, 250),
    slowStartPercent: get('cc_cwnd_inc_pct_ss', 100, 1, 500),
    slowStartMax: get('cc_ss_max', 5000, 500, INT32_MAX),
    ewmaCwndPercent: get('cc_ewma_cwnd_pct', 50, 1, 255),
    ewmaMax: get('cc_ewma_max', 10, 2, INT32_MAX),
    ewmaSlowStart: get('cc_ewma_ss', 2, 2, INT32_MAX),
    rttResetPercent: get('cc_rtt_reset_pct', 100, 0, 100),
    fullGap: get('cc_cwnd_full_gap', 4, 0, 0x7fff),
    fullMinPercent: get('cc_cwnd_full_minpct', 25, 0, 100),
    fullPerCwnd: get('cc_cwnd_full_per_cwnd', 1, 0, 1) === 1,
    vegas: {
      exit: vegas('exit', 6 * RECORD, 8 * RECORD, 6 * RECORD, 10 * RECORD, 600),
      onion: vegas('onion', 6 * RECORD, 12 * RECORD, 8 * RECORD, 14 * RECORD, 475),
      sbws: vegas('sbws', 3 * RECORD, 5 * RECORD, 4 * RECORD, 8 * RECORD, 400),
    },
    xoffClient: get('cc_xoff_client', 500, 1, 10_000),
    xoffExit: get('cc_xoff_exit', 500, 1, 10_000),
    xonRate: get('cc_xon_rate', 500, 1, 5000),
    xonChangePercent: get('cc_xon_change_pct', 25, 1, 99),
    xonEwmaCount: get('cc_xon_ewma_cnt', 2, 2, 100),
  }
}

/** Sum of the weights of relays by what they may be used for, in kB/s; each starts at 1. */
export interface BandwidthTotals {
  /** Guards that are no exits. */
  readonly guard: bigint
  readonly middle: bigint
  readonly exit: bigint
  /** Guards that are exits ("D"). */
  readonly both: bigint
  readonly total: bigint
}

interface Weights {
  readonly Wgg: bigint
  readonly Wgd: bigint
  readonly Wmg: bigint
  readonly Wme: bigint
  readonly Wmd: bigint
  readonly Wee: bigint
  readonly Wed: bigint
}

/** How far rounding may carry a sum. */
const MARGIN = 10n

const near = (a: bigint, b: bigint, margin: bigint) => a - b <= margin && b - a <= margin

/** Which of the demands on weights is broken. */
type Fault = 'sum' | 'range' | 'balance-guard-exit' | 'balance-middle'

function faultOf(w: Weights, t: BandwidthTotals, scale: bigint): Fault | undefined {
  if (!near(w.Wed + w.Wmd + w.Wgd, scale, MARGIN) || !near(w.Wmg + w.Wgg, scale, MARGIN) || !near(w.Wme + w.Wee, scale, MARGIN))
    return 'sum'
  if (Object.values(w).some(weight => weight < 0n || weight > scale)) return 'range'
  const forGuards = w.Wgg * t.guard + w.Wgd * t.both
  const margin = (MARGIN * t.total) / 3n
  if (!near(forGuards, w.Wee * t.exit + w.Wed * t.both, margin)) return 'balance-guard-exit'
  if (!near(forGuards, t.middle * scale + w.Wmd * t.both + w.Wme * t.exit + w.Wmg * t.guard, margin)) return 'balance-middle'
  return undefined
}

/** Guards and exits are both plentiful. */
function plenty({ guard: G, middle: M, exit: E }: BandwidthTotals, scale: bigint): Weights {
  const Wee = (scale * (E + G + M)) / (3n * E)
  const Wmg = (scale * (2n * G - E - M)) / (3n * G)
  return { Wgd: scale / 3n, Wed: scale / 3n, Wmd: scale / 3n, Wee, Wme: scale - Wee, Wmg, Wgg: scale - Wmg }
}

/** Both are scarce, and relays that are both cannot make up for the scarcer: they serve only that. */
function bothScarceUnbalanced({ guard: G, exit: E }: BandwidthTotals, scale: bigint): Weights {
  const exitScarcer = E < G
  return { Wgg: scale, Wee: scale, Wmg: 0n, Wme: 0n, Wmd: 0n, Wed: exitScarcer ? scale : 0n, Wgd: exitScarcer ? 0n : scale }
}

/** Both are scarce, relays that are both are shared among all; tried two ways. */
function bothScarce(totals: BandwidthTotals, scale: bigint): Weights | undefined {
  const { guard: G, middle: M, exit: E, both: D } = totals
  const first = (scale * (D - 2n * E + 4n * G - 2n * M)) / (3n * D)
  const shared: Weights = {
    Wee: (scale * (E - G + M)) / E,
    Wed: first,
    Wme: (scale * (G - M)) / E,
    Wmg: 0n,
    Wgg: scale,
    Wmd: (scale - first) / 2n,
    Wgd: (scale - first) / 2n,
  }
  if (!faultOf(shared, totals, scale)) return shared
  const Wed = (scale * (D - 2n * E + G + M)) / (3n * D)
  const middle = (scale * (D - 2n * M + G + E)) / (3n * D)
  // Negative when middle relays alone have more than a third.
  const Wmd = middle < 0n ? 0n : middle
  const second: Weights = { Wgg: scale, Wee: scale, Wed, Wmd, Wme: 0n, Wmg: 0n, Wgd: scale - Wed - Wmd }
  const fault = faultOf(second, totals, scale)
  return fault === undefined || fault === 'balance-middle' ? second : undefined
}

/** One is scarce, and all relays that are both do not make up for it. */
function oneScarceUnbalanced({ guard: G, middle: M, exit: E }: BandwidthTotals, scale: bigint): Weights {
  if (G < E) {
    const Wme = E < M ? 0n : (scale * (E - M)) / (2n * E)
    return { Wgg: scale, Wgd: scale, Wmd: 0n, Wed: 0n, Wmg: 0n, Wme, Wee: scale - Wme }
  }
  const Wmg = G < M ? 0n : (scale * (G - M)) / (2n * G)
  return { Wee: scale, Wed: scale, Wmd: 0n, Wgd: 0n, Wme: 0n, Wmg, Wgg: scale - Wmg }
}

/** One is scarce, relays that are both make up for it. */
function oneScarce(totals: BandwidthTotals, scale: bigint): Weights | undefined {
  const { guard: G, middle: M, exit: E, both: D } = totals
  let weights: Weights
  if (G < E) {
    const Wgd = (scale * (D - 2n * G + E + M)) / (3n * D)
    const Wee = (scale * (E + M)) / (2n * E)
    weights = { Wgg: scale, Wgd, Wmg: 0n, Wee, Wme: scale - Wee, Wmd: (scale - Wgd) / 2n, Wed: (scale - Wgd) / 2n }
  } else {
    const Wed = (scale * (D - 2n * E + G + M)) / (3n * D)
    const Wgg = (scale * (G + M)) / (2n * G)
    weights = { Wee: scale, Wed, Wme: 0n, Wgg, Wmg: scale - Wgg, Wmd: (scale - Wed) / 2n, Wgd: (scale - Wed) / 2n }
  }
  return faultOf(weights, totals, scale) ? undefined : weights
}

/**
 * By what clients scale the bandwidth of relays for each place in a path, so that guards, middles and exits fill evenly (dir-spec 3.8.3).
 * The names are those of the "bandwidth-weights" line. Empty when no balance can be found; then the line is left out.
 * Integers and their rounding towards zero are part of what authorities must agree on.
 */
export function computeBandwidthWeights(totals: BandwidthTotals, weightScale: number): ReadonlyMap<string, number> {
  const { guard: G, exit: E, both: D, total: T } = totals
  const scale = BigInt(weightScale)
  const [low, high] = E < G ? [E, G] : [G, E]
  let weights: Weights | undefined
  if (3n * low >= T) {
    const even = plenty(totals, scale)
    weights = faultOf(even, totals, scale) ? undefined : even
  } else if (3n * high < T) weights = low + D < high ? bothScarceUnbalanced(totals, scale) : bothScarce(totals, scale)
  else weights = 3n * (low + D) < T ? oneScarceUnbalanced(totals, scale) : oneScarce(totals, scale)
  if (!weights) return new Map()
  const { Wgg, Wgd, Wmg, Wme, Wmd, Wee, Wed } = weights
  const named = {
    Wbd: Wmd,
    Wbe: Wme,
    Wbg: Wmg,
    Wbm: scale,
    Wdb: scale,
    Web: scale,
    Wed,
    Wee,
    Weg: Wed,
    Wem: Wee,
    Wgb: scale,
    Wgd,
    Wgg,
    Wgm: Wgg,
    Wmb: scale,
    Wmd,
    Wme,
    Wmg,
    Wmm: scale,
  }
  return new Map(Object.entries(named).map(([name, value]) => [name, Number(value)]))
}

import { formatHostPort, type IpAddress } from '../lib/ip.ts'

/** Old runs lose this part of their weight at every downrating. C tor STABILITY_ALPHA. */
const ALPHA = 0.95
/** Below this weight of runs a relay counts as never seen. C tor STABILITY_EPSILON. */
const EPSILON = 0.0001

interface History {
  lastReached: string | undefined
  /** Sum of the weighted lengths of all ended runs (ms), and of their weights. */
  runLength: number
  runWeights: number
  startOfRun: number | undefined
  startOfDowntime: number | undefined
  /** Weighted time up and weighted time known (ms), without what is going on now. */
  uptime: number
  known: number
}

/** What an authority's `stats` line says of a relay. */
export interface RelayRecord {
  /** Weighted fractional uptime, 0–1. */
  readonly wfu: number
  /** Weighted time known (ms). */
  readonly timeKnown: number
  /** Weighted mean time between failures (ms). */
  readonly mtbf: number
  /** Length of the present run (ms); 0 when it is down or unknown. */
  readonly runningFor: number
}

/**
 * The reliability history of relays that a directory authority keeps, by the arithmetic of C tor's rephist.c: MTBF is the weighted mean
 * length of runs, the present one included with weight 1; WFU is weighted time up over weighted time known; every `downrateInterval` all that
 * is past loses 5 % of its weight. Keys are relay fingerprints. Times are given by the caller.
 */
export class RelayHistory {
  readonly #histories = new Map<string, History>()
  readonly #downrateInterval: number
  readonly #addressChangePenalty: number
  #downratedAt: number | undefined
  #trackingSince: number | undefined

  /** @param options.addressChangePenalty downtime (ms) that a relay is charged for a new address or port. */
  constructor(options: { downrateInterval: number; addressChangePenalty: number }) {
    this.#downrateInterval = options.downrateInterval
    this.#addressChangePenalty = options.addressChangePenalty
  }

  #of(fingerprint: string): History {
    let history = this.#histories.get(fingerprint)
    if (!history) {
      history = {
        lastReached: undefined,
        runLength: 0,
        runWeights: 0,
        startOfRun: undefined,
        startOfDowntime: undefined,
        uptime: 0,
        known: 0,
      }
      this.#histories.set(fingerprint, history)
    }
    return history
  }

  /** The relay was reached at this address. */
  reached(fingerprint: string, address: IpAddress, port: number, now: number): void {
    const history = this.#of(fingerprint)
    const at = formatHostPort(address, port)
    this.#trackingSince ??= now
    if (history.startOfDowntime !== undefined) this.#up(history, now)
    else if (history.startOfRun !== undefined && history.lastReached !== undefined && history.lastReached !== at) {
      this.#down(history, now - this.#addressChangePenalty)
      this.#up(history, now)
    }
    history.startOfRun ??= now
    history.lastReached = at
  }

  /** The relay is held to be down since `when`. */
  unreachable(fingerprint: string, when: number): void {
    this.#trackingSince ??= when
    this.#down(this.#of(fingerprint), when)
  }

  #up(history: History, now: number): void {
    if (history.startOfDowntime !== undefined) history.known += now - history.startOfDowntime
    history.startOfDowntime = undefined
    history.startOfRun ??= now
  }

  #down(history: History, when: number): void {
    if (history.startOfRun !== undefined) {
      const length = when - history.startOfRun
      history.runWeights += 1
      history.startOfRun = undefined
      if (length < 0) {
        // The penalty reaches back beyond the run: it eats into what was earned before.
        history.runLength = Math.max(0, history.runLength + length)
        history.uptime = Math.max(0, history.uptime + length)
      } else {
        history.runLength += length
        history.uptime += length
        history.known += length
      }
    }
    history.startOfDowntime ??= when
  }

  /** Credits a relay with having been up, unbroken, since `since`: the practice network begins as a settled one. */
  assumeUpSince(fingerprint: string, since: number): void {
    this.#of(fingerprint).startOfRun = since
    this.#trackingSince = Math.min(this.#trackingSince ?? since, since)
  }

  /** Discounts what is past, if it is time to. To be called now and then. */
  downrate(now: number): void {
    this.#downratedAt ??= now
    let factor = 1
    while (this.#downratedAt + this.#downrateInterval <= now) {
      this.#downratedAt += this.#downrateInterval
      factor *= ALPHA
    }
    if (factor === 1) return
    for (const [fingerprint, history] of this.#histories) {
      history.runLength *= factor
      history.runWeights *= factor
      history.uptime *= factor
      history.known *= factor
      if (history.startOfRun === undefined && history.runWeights < EPSILON) this.#histories.delete(fingerprint)
    }
  }

  record(fingerprint: string, now: number): RelayRecord {
    const history = this.#histories.get(fingerprint)
    if (!history) return { wfu: 0, timeKnown: 0, mtbf: 0, runningFor: 0 }
    const run = history.startOfRun === undefined ? 0 : Math.max(0, now - history.startOfRun)
    const down = history.startOfRun === undefined && history.startOfDowntime !== undefined ? Math.max(0, now - history.startOfDowntime) : 0
    const weights = history.runWeights + (history.startOfRun === undefined ? 0 : 1)
    const timeKnown = history.known + run + down
    return {
      wfu: timeKnown === 0 ? 0 : (history.uptime + run) / timeKnown,
      timeKnown,
      mtbf: weights < EPSILON ? 0 : (history.runLength + run) / weights,
      runningFor: run,
    }
  }

  /** How long this history has been kept (ms): too short a watch says nothing about MTBF. */
  watchedFor(now: number): number {
    return this.#trackingSince === undefined ? 0 : Math.max(0, now - this.#trackingSince)
  }
}

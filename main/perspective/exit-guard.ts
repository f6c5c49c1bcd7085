import { EndReason } from '../cell/command.ts'
import { StreamRefused } from '../circuit/errors.ts'
import { formatHostPort, type IpAddress } from '../lib/ip.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { ExitWatch } from '../relay/exit.ts'
import type { GuardLimits } from './perspective-limits.ts'

/** What a peer was caught at. */
export type Misuse = 'scan' | 'flood'
/** Why the block list says that such a peer is in it; `MISUSES` of the contract has words for these in other languages. */
export const MISUSE_REASONS: Readonly<Record<Misuse, string>> = {
  scan: 'automatic: too many connections that nobody answered',
  flood: 'automatic: too many destinations',
}

interface Destination {
  lastAt: number
  /** `undefined` while nobody knows: the dial is under way, or was given up too soon. */
  failed: boolean | undefined
}

const MINUTE_MS = 60_000
/** A dial that is given up after so long had no answer where all the world has answered: who scans does not wait. */
const NO_ANSWER_MS = 1000

/**
 * Watches where one peer's streams go (T17): how many different addresses and ports a minute, how many of them do not answer, and how many streams there
 * are to one. A browser with many tabs stays far below; scans and floods do not.
 */
export class ExitGuard implements ExitWatch {
  /** By "address:port", in the order in which they were last dialled. */
  readonly #destinations = new Map<string, Destination>()
  /** Streams that are open, and dials under way: else many at once would all find room. */
  readonly #open = new Map<string, number>()
  readonly #dialling = new Map<string, number>()
  #refusals: number[] = []
  #caught = false
  readonly #limits: () => GuardLimits
  readonly #now: () => number
  readonly #onMisuse: (misuse: Misuse) => void

  constructor(options: { limits: () => GuardLimits; now?: () => number; onMisuse: (misuse: Misuse) => void }) {
    this.#limits = options.limits
    this.#now = options.now ?? steadyNow
    this.#onMisuse = options.onMisuse
  }

  refuse(address: IpAddress, port: number): StreamRefused | undefined {
    const now = this.#now()
    const { destinationsPerMinute, perDestination } = this.#limits()
    const key = formatHostPort(address, port)
    if ((this.#open.get(key) ?? 0) + (this.#dialling.get(key) ?? 0) >= perDestination) {
      return new StreamRefused(EndReason.RESOURCELIMIT, 'too many streams to one destination')
    }
    const known = this.#destinations.get(key)
    if ((!known || known.lastAt <= now - MINUTE_MS) && this.#dialledSince(now - MINUTE_MS) >= destinationsPerMinute) {
      this.#refused(now)
      return new StreamRefused(EndReason.RESOURCELIMIT, 'too many destinations within a minute')
    }
    // Noted before the dial: dials under way count as well.
    this.#destinations.delete(key)
    this.#destinations.set(key, { lastAt: now, failed: known?.failed })
    add(this.#dialling, key, 1)
    this.#forget(now)
    return undefined
  }

  dialled(address: IpAddress, port: number, connected: boolean | undefined): void {
    const key = formatHostPort(address, port)
    add(this.#dialling, key, -1)
    const destination = this.#destinations.get(key)
    if (!destination || (connected === undefined && this.#now() - destination.lastAt < NO_ANSWER_MS)) return
    destination.failed = !connected
    if (destination.failed) this.#judgeFailures()
  }

  /** A stream to this destination is open until the answer is called. */
  opened(address: IpAddress, port: number): () => void {
    const key = formatHostPort(address, port)
    add(this.#open, key, 1)
    let open = true
    return () => {
      if (open) add(this.#open, key, -1)
      open = false
    }
  }

  #dialledSince(time: number): number {
    let count = 0
    for (const { lastAt } of this.#destinations.values()) if (lastAt > time) count++
    return count
  }

  #refused(now: number): void {
    const { refusalsPerMinute } = this.#limits()
    this.#refusals = this.#refusals.filter(at => at > now - MINUTE_MS)
    this.#refusals.push(now)
    if (this.#refusals.length >= refusalsPerMinute) this.#catch('flood')
  }

  /** Destinations, not attempts: one dead site that a browser tries again and again is no scan. */
  #judgeFailures(): void {
    const { failMinimum, failRatio } = this.#limits()
    this.#forget(this.#now())
    let known = 0
    let failed = 0
    for (const destination of this.#destinations.values()) {
      if (destination.failed !== undefined) known++
      if (destination.failed) failed++
    }
    if (known >= failMinimum && failed >= failRatio * known) this.#catch('scan')
  }

  #forget(now: number): void {
    const { failWindowMs } = this.#limits()
    for (const [key, { lastAt }] of this.#destinations) {
      if (lastAt > now - failWindowMs) break
      this.#destinations.delete(key)
    }
  }

  #catch(misuse: Misuse): void {
    if (this.#caught) return
    this.#caught = true
    this.#onMisuse(misuse)
  }
}

/** Counts up or down; what comes to nothing is forgotten. */
function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

import { decayed } from './server-score.ts'

/** The last "no" of a server: a PA_STATUS code, when, and until when it asked to be left alone. Times in ms. */
export interface Refusal {
  readonly status: number
  readonly at: number
  readonly until: number
}

interface ServerRecord {
  latency?: { ms: number; at: number }
  rate?: { bytesPerSecond: number; at: number }
  refusal?: Refusal
  failures: number
  /** When `failures` was right. */
  failedAt: number
}

/** Corrections of the system's clock are smaller, ms. */
const SET_BACK_MS = 30_000
const FAILURE_HALF_LIFE_MS = 600_000
const MAX_SERVERS = 5000
/** The best rate of so long is remembered, in ms. */
const RATE_SPAN_MS = 3_600_000
/** However modest a server's retry_after, and however long it asks for: within these it is believed. */
const MIN_WAIT_MS = 1000
const MAX_WAIT_MS = 3_600_000
/** New round trips count so much against the old one. */
const NEW_SHARE = 0.5

/** What we have seen of servers ourselves: round trips, refusals, failures. In memory only, and nothing of what was browsed. */
export class ServerBook {
  readonly #records = new Map<string, ServerRecord>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  #record(fingerprint: string): ServerRecord {
    let record = this.#records.get(fingerprint)
    if (!record) {
      record = { failures: 0, failedAt: 0 }
      const [oldest] = this.#records.keys()
      if (this.#records.size >= MAX_SERVERS) this.#records.delete(oldest!)
      this.#records.set(fingerprint, record)
    }
    return record
  }

  /** One round trip to its door, in ms. */
  measured(fingerprint: string, ms: number): void {
    const record = this.#record(fingerprint)
    const before = record.latency?.ms ?? ms
    record.latency = { ms: Math.round(before * (1 - NEW_SHARE) + ms * NEW_SHARE), at: this.#now() }
  }

  /** So many bytes came through it in a second; the most within an hour is kept. */
  carried(fingerprint: string, bytesPerSecond: number): void {
    const record = this.#record(fingerprint)
    const at = this.#now()
    if (!record.rate || bytesPerSecond >= record.rate.bytesPerSecond || at - record.rate.at > RATE_SPAN_MS)
      record.rate = { bytesPerSecond, at }
  }

  /** A link was admitted: what it refused before is over. */
  admitted(fingerprint: string): void {
    const record = this.#record(fingerprint)
    record.refusal = undefined
    record.failures = this.failures(fingerprint) / 2
    record.failedAt = this.#now()
  }

  /** `retryAfter` in seconds, as the server said. */
  refused(fingerprint: string, status: number, retryAfter: number): void {
    const at = this.#now()
    this.#record(fingerprint).refusal = { status, at, until: at + Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, retryAfter * 1000)) }
  }

  /** A new consensus may have changed what these statuses said: they count as old now. */
  forgive(statuses: ReadonlySet<number>): void {
    for (const record of this.#records.values()) if (record.refusal && statuses.has(record.refusal.status)) record.refusal = undefined
  }

  /** It was not reached, or broke off. */
  failed(fingerprint: string): void {
    const record = this.#record(fingerprint)
    record.failures = this.failures(fingerprint) + 1
    record.failedAt = this.#now()
  }

  latency(fingerprint: string): { ms: number; at: number } | undefined {
    return this.#records.get(fingerprint)?.latency
  }

  rate(fingerprint: string): { bytesPerSecond: number; at: number } | undefined {
    return this.#records.get(fingerprint)?.rate
  }

  /** Every server that something is known of. */
  fingerprints(): IterableIterator<string> {
    return this.#records.keys()
  }

  /** One that lies ahead is of a clock that was set back since: nobody knows any more how long it holds. */
  refusal(fingerprint: string): Refusal | undefined {
    const refusal = this.#records.get(fingerprint)?.refusal
    return refusal && refusal.at > this.#now() + SET_BACK_MS ? undefined : refusal
  }

  /** Failures, halved every ten minutes. */
  failures(fingerprint: string): number {
    const record = this.#records.get(fingerprint)
    return record ? decayed(record.failures, this.#now() - record.failedAt, FAILURE_HALF_LIFE_MS) : 0
  }
}

import { readFileIfPresent, writeFileAtomically } from '../lib/files.ts'

/** What we have seen of a peer ourselves. */
export interface Observed {
  /** ms since it was first seen listed by us. */
  readonly listedMs: number
  readonly passed: number
  readonly failed: number
  readonly flags: ReadonlySet<string>
}

const USEFUL_FLAGS = ['Fast', 'Stable', 'Guard', 'HSDir', 'V2Dir'] as const

/**
 * By how much a peer's quota is multiplied: 0.25 for a newcomer, 1 for one halfway, 4 for one that has long been useful. Half of the way is time
 * listed, three tenths are passed tests (less what failed), two tenths are the flags authorities gave it. Nothing a peer says of itself counts.
 */
export function quotaFactor(seen: Observed, limits: { trustAfterMs: number; trustAfterPasses: number }): number {
  const time = Math.min(1, Math.max(0, seen.listedMs) / limits.trustAfterMs)
  const tests = seen.passed + seen.failed
  const passes = tests === 0 ? 0 : Math.min(1, seen.passed / limits.trustAfterPasses) * (seen.passed / tests)
  const flags = USEFUL_FLAGS.filter(flag => seen.flags.has(flag)).length / USEFUL_FLAGS.length
  return 0.25 * 16 ** (0.5 * time + 0.3 * passes + 0.2 * flags)
}

interface Seen {
  since: number
  passed: number
  failed: number
  lastAt: number
}

const MAX_PEERS = 5000
/** A peer that has not been seen for so long starts again, ms. */
const FORGOTTEN_AFTER_MS = 90 * 24 * 3_600_000
/** No clock that is set back goes further: computers without one begin in 1970. */
const SET_BACK_MS = 100 * 365 * 24 * 3_600_000
const MAX_FILE = 1_000_000

/** Remembers, over restarts too, since when we know a peer and how its tests went. Fingerprints and counts only. */
export class UsefulnessBook {
  readonly #file: string | undefined
  readonly #now: () => number
  #peers = new Map<string, Seen>()
  #changed = false

  /** `file`: left out, nothing is kept over a restart. */
  constructor(options: { file?: string; now?: () => number } = {}) {
    this.#file = options.file
    this.#now = options.now ?? Date.now
  }

  /** Never fails for what the file holds: a damaged one only means that everybody is new. */
  async load(): Promise<void> {
    const bytes = this.#file === undefined ? undefined : await readFileIfPresent(this.#file, MAX_FILE)
    if (!bytes || bytes.length > MAX_FILE) return
    const now = this.#now()
    for (const line of bytes.toString('latin1').split('\n').slice(0, MAX_PEERS)) {
      const match = /^([0-9A-F]{40}) (\d{1,15}) (\d{1,9}) (\d{1,9}) (\d{1,15})$/.exec(line)
      if (!match) continue
      const [since, passed, failed, lastAt] = match.slice(2).map(Number) as [number, number, number, number]
      // What lies ahead was written before the clock was set back, as it is at every start of a computer that has none of its own.
      if (since <= lastAt && now - lastAt < FORGOTTEN_AFTER_MS && lastAt - now < SET_BACK_MS)
        this.#peers.set(match[1]!, { since, passed, failed, lastAt })
    }
  }

  async save(): Promise<void> {
    if (this.#file === undefined || !this.#changed) return
    this.#changed = false
    const lines = [...this.#peers].map(([peer, seen]) => `${peer} ${seen.since} ${seen.passed} ${seen.failed} ${seen.lastAt}\n`)
    await writeFileAtomically(this.#file, lines.join(''))
  }

  /** The peer called, or is being asked about, and is listed. */
  note(fingerprint: string, tested?: boolean): void {
    const now = this.#now()
    let seen = this.#peers.get(fingerprint)
    // Moved to the end: the first ones in the map are those not seen for longest.
    if (seen) this.#peers.delete(fingerprint)
    if (!seen || now - seen.lastAt >= FORGOTTEN_AFTER_MS) seen = { since: now, passed: 0, failed: 0, lastAt: now }
    seen.lastAt = now
    if (tested === true) seen.passed++
    else if (tested === false) seen.failed++
    this.#peers.set(fingerprint, seen)
    if (this.#peers.size > MAX_PEERS) this.#peers.delete(this.#peers.keys().next().value!)
    this.#changed = true
  }

  of(fingerprint: string): Omit<Observed, 'flags'> {
    const seen = this.#peers.get(fingerprint)
    return seen ? { listedMs: this.#now() - seen.since, passed: seen.passed, failed: seen.failed } : { listedMs: 0, passed: 0, failed: 0 }
  }
}

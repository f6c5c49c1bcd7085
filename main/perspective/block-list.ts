import { MalformedError } from '../lib/bytes.ts'
import { cidrContains, type IpAddress, ipToBytes } from '../lib/ip.ts'
import { type BlockEntry, type BlockTarget, cleanEntry, formatEntry, formatTarget, parseEntry } from './block-entry.ts'

/** Largest list that is taken from outside, in bytes. */
export const MAX_BLOCK_LIST_BYTES = 1_000_000
/** … and of our own file: the same entries may take more room as we write them, and others join them one by one. */
export const MAX_BLOCK_FILE_BYTES = 4 * MAX_BLOCK_LIST_BYTES

/** What is known of a peer that the list is asked about. */
export interface BlockSubject {
  readonly fingerprint: string
  readonly ed25519Identity: Buffer
  /** Entries of the "family" line of its descriptor: `$` and 40 hex digits, perhaps with a name; nicknames alone say nothing. */
  readonly family: readonly string[]
  /** From where it calls and where it is listed. */
  readonly addresses: readonly IpAddress[]
  readonly countries: readonly (string | undefined)[]
}

/** A line that was passed over. */
export interface BlockListError {
  /** From 1. */
  readonly line: number
  readonly reason: string
}

/**
 * Peers that the owner keeps out (perspective-access.md 6). Text form, UTF-8, one entry a line:
 *
 *     $<40 hex> | <ed25519 base64> | family:$<40 hex> | <address or CIDR> | {cc}   [expiry=ISO] [reason="…"] [# note]
 */
export class BlockList {
  /** By the canonical text of the target, in the order in which they came. */
  readonly #entries = new Map<string, BlockEntry>()
  #networks: (readonly [block: Extract<BlockTarget, { kind: 'network' }>, key: string])[] = []

  /** Reads a list; what cannot be understood is passed over and named. @throws MalformedError when it has more than `most` bytes. */
  static parse(text: string, most = MAX_BLOCK_LIST_BYTES): { list: BlockList; errors: BlockListError[] } {
    if (Buffer.byteLength(text) > most) throw new MalformedError(`a block list has at most ${most / 1e6} MB`)
    const list = new BlockList()
    const errors: BlockListError[] = []
    for (const [i, line] of text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .entries()) {
      try {
        const entry = parseEntry(line)
        if (entry) list.add(entry)
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
        errors.push({ line: i + 1, reason: error.message })
      }
    }
    return { list, errors }
  }

  get entries(): BlockEntry[] {
    return [...this.#entries.values()]
  }

  get size(): number {
    return this.#entries.size
  }

  /** Adds an entry, or puts it in the place of the one with the same target. */
  add(entry: BlockEntry): void {
    const key = formatTarget(entry.target)
    const known = this.#entries.has(key)
    this.#entries.set(key, cleanEntry(entry))
    if (!known && entry.target.kind === 'network') this.#networks.push([entry.target, key])
  }

  /** `target`: its text as {@link formatTarget} writes it. */
  remove(target: string): boolean {
    this.#networks = this.#networks.filter(([, key]) => key !== target)
    return this.#entries.delete(target)
  }

  /** Drops what has expired; true when there was any. */
  prune(now: number): boolean {
    const before = this.#entries.size
    for (const [key, { expires }] of this.#entries) if (expires !== undefined && expires <= now) this.#entries.delete(key)
    const any = this.#entries.size < before
    // Once for all of them: a list may have tens of thousands.
    if (any) this.#networks = this.#networks.filter(([, key]) => this.#entries.has(key))
    return any
  }

  /** The entry that keeps this peer out now. */
  match(subject: BlockSubject, now: number): BlockEntry | undefined {
    for (const key of keysOf(subject)) {
      const found = this.#live(key, now)
      if (found) return found
    }
    for (const address of subject.addresses) {
      const bytes = ipToBytes(address)
      for (const [target, key] of this.#networks) {
        if (bytes && cidrContains(target.block, bytes)) {
          const found = this.#live(key, now)
          if (found) return found
        }
      }
    }
    return undefined
  }

  #live(key: string, now: number): BlockEntry | undefined {
    const entry = this.#entries.get(key)
    return entry && (entry.expires === undefined || entry.expires > now) ? entry : undefined
  }

  /** The text form; reading it back gives the same list, and the same text. */
  toString(): string {
    return this.entries.map(entry => `${formatEntry(entry)}\n`).join('')
  }
}

function* keysOf({ fingerprint, ed25519Identity, family, countries }: BlockSubject): Generator<string> {
  yield `$${fingerprint}`
  yield ed25519Identity.toString('base64').slice(0, 43)
  yield `family:$${fingerprint}`
  for (const member of family) yield `family:${member.slice(0, 41).toUpperCase()}`
  for (const country of countries) if (country) yield `{${country}}`
}

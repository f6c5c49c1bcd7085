import { join } from 'node:path'
import { z } from 'zod'
import { moment } from '../../shared/moment.ts'
import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'

/** Of each consent's text. A changed meaning gets a new number, and only that consent is asked again. */
export const CONSENT_VERSIONS = { relay: 1, perspective: 2 } as const

/** How long an answer about the local networks is good enough to be shown, ms. */
const LOOK_MS = 15_000
/** More local networks than anybody shares a perspective in. */
const MOST_NETWORKS = 20

const given = z.object({ version: z.number().int(), at: moment })
/** `networks`: the local networks in which sharing was agreed to, the newest last. */
const givenIn = given.extend({ networks: z.array(z.string().max(50)).max(MOST_NETWORKS).default([]) })
const schema = z.object({ relay: given.optional(), perspective: givenIn.optional() })
type Stored = z.infer<typeof schema>
type Given = z.infer<typeof given>

const isCurrent = (which: keyof Stored, entry: Given | undefined) => entry?.version === CONSENT_VERSIONS[which]
const shown = (entry: Given | undefined) => entry && { version: entry.version, at: entry.at }

/** The two consents with version and date, kept in `consents.json`. */
export class Consents {
  readonly #file: JsonFile<Stored>
  readonly #networks: () => readonly string[]
  #seen: { readonly at: number; readonly networks: readonly string[] } | undefined
  #value: Stored = {}
  #problem: Problem | undefined
  readonly #writes = new Sequence()

  private constructor(file: JsonFile<Stored>, networks: () => readonly string[]) {
    this.#file = file
    this.#networks = networks
  }

  /** A damaged file counts as no consent: it is asked for again. `networks`: the local networks that the computer is in, as far as they matter. */
  static async load(folder: string, now: number, networks: () => readonly string[] = () => []): Promise<Consents> {
    const consents = new Consents(new JsonFile(join(folder, 'consents.json'), schema), networks)
    const { value, problem } = await consents.#file.load(now)
    consents.#value = value
    consents.#problem = problem
    return consents
  }

  /** `settings-damaged` when the file could not be read: everything is asked anew. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** What counts now. */
  get current(): { readonly relay: Given | undefined; readonly perspective: Given | undefined } {
    const { relay, perspective } = this.#value
    return {
      relay: isCurrent('relay', relay) ? shown(relay) : undefined,
      perspective: isCurrent('perspective', perspective) ? shown(perspective) : undefined,
    }
  }

  /** As the contract shows it: what counts, what has to be asked again, and whether sharing goes on somewhere else than it was agreed to. */
  get section(): AppState['consents'] {
    const outdated = (which: keyof Stored) => {
      const entry = this.#value[which]
      return entry && entry.version < CONSENT_VERSIONS[which] ? shown(entry) : undefined
    }
    const [relay, perspective] = [outdated('relay'), outdated('perspective')]
    return { ...this.current, outdated: relay || perspective ? { relay, perspective } : undefined, elsewhere: this.#elsewhere() }
  }

  #elsewhere(): AppState['consents']['elsewhere'] {
    const agreed = this.current.perspective ? (this.#value.perspective?.networks ?? []) : []
    const now = [...this.#networksSince(performance.now() - LOOK_MS)]
    if (agreed.length === 0 || now.length === 0 || now.some(network => agreed.includes(network))) return undefined
    return { agreed, now }
  }

  #networksSince(time: number): readonly string[] {
    if (!this.#seen || this.#seen.at < time) this.#seen = { at: performance.now(), networks: this.#networks() }
    return this.#seen.networks
  }

  /**
   * Perspective sharing needs a relay, so withdrawing the first withdraws both. A consent that stands keeps its date; agreeing to sharing again counts
   * for the network that the computer is in. One after the other, so that the last word counts; answers with what counted before this one.
   */
  set(wish: { relay: boolean; perspective: boolean }, now: number): Promise<Consents['current']> {
    return this.#writes.run(() => this.#set(wish, now))
  }

  /** Resolves when what was written so far is on the disk, or was refused. */
  idle(): Promise<void> {
    return this.#writes.idle()
  }

  async #set(wish: { relay: boolean; perspective: boolean }, now: number): Promise<Consents['current']> {
    const { current } = this
    const stored = this.#value
    const entryOf = (which: keyof Stored): Given =>
      isCurrent(which, stored[which]) ? stored[which]! : { version: CONSENT_VERSIONS[which], at: now }
    const shares = wish.relay && wish.perspective
    const before = isCurrent('perspective', stored.perspective) ? stored.perspective!.networks : []
    const networks = [...new Set([...before, ...this.#networksSince(performance.now())])].slice(-MOST_NETWORKS)
    const next: Stored = {
      relay: wish.relay ? entryOf('relay') : undefined,
      perspective: shares ? { ...entryOf('perspective'), networks } : undefined,
    }
    await this.#file.save(next)
    this.#value = next
    return current
  }
}

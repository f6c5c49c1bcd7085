import { join } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'
import { JsonFile } from './json-file.ts'

/** Of the consent texts; a changed meaning gets a new number and asks again. */
export const CONSENT_VERSION = 1

const given = z.object({ version: z.number().int(), at: z.number() })
const schema = z.object({ relay: given.optional(), perspective: given.optional() })

/** The two consents with version and date, kept in `consents.json`. */
export class Consents {
  readonly #file: JsonFile<z.infer<typeof schema>>
  #value: z.infer<typeof schema> = {}
  #problem: Problem | undefined

  private constructor(file: JsonFile<z.infer<typeof schema>>) {
    this.#file = file
  }

  /** A damaged file counts as no consent: it is asked for again. */
  static async load(folder: string, now: number): Promise<Consents> {
    const consents = new Consents(new JsonFile(join(folder, 'consents.json'), schema))
    const { value, problem } = await consents.#file.load(now)
    consents.#value = value
    consents.#problem = problem
    return consents
  }

  /** `settings-damaged` when the file could not be read: everything is asked anew. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  get current(): AppState['consents'] {
    const current = (entry: z.infer<typeof given> | undefined) => (entry?.version === CONSENT_VERSION ? entry : undefined)
    return { relay: current(this.#value.relay), perspective: current(this.#value.perspective) }
  }

  /** Perspective sharing needs a relay, so withdrawing the first withdraws both. A consent that stands keeps its date. */
  async set(wish: { relay: boolean; perspective: boolean }, now: number): Promise<void> {
    const { relay, perspective } = this.current
    const keep = (wanted: boolean, entry: z.infer<typeof given> | undefined) =>
      wanted ? (entry ?? { version: CONSENT_VERSION, at: now }) : undefined
    const next = { relay: keep(wish.relay, relay), perspective: keep(wish.relay && wish.perspective, perspective) }
    await this.#file.save(next)
    this.#value = next
  }
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../../shared/problem.ts'
import { type Choice, choice } from '../../shared/state.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'

/** So many choices are remembered. */
const KEPT = 8

const content = z.object({ choices: z.array(choice).max(100).default([]) })

/** The last choices, the newest first, in `recents.json` of the data folder; with nothing of when, and gone when their owner does not want them. */
export class Recents {
  readonly problem: Problem | undefined
  readonly #file: JsonFile<z.infer<typeof content>>
  readonly #wanted: () => boolean
  #choices: readonly Choice[]
  readonly #writes = new Sequence()

  private constructor(
    file: JsonFile<z.infer<typeof content>>,
    wanted: () => boolean,
    choices: readonly Choice[],
    problem: Problem | undefined,
  ) {
    this.#file = file
    this.#wanted = wanted
    this.#choices = choices
    this.problem = problem
  }

  /** Rejects with the system's error when the file cannot be read. */
  static async load(folder: string, now: number, wanted: () => boolean): Promise<Recents> {
    const file = new JsonFile(join(folder, 'recents.json'), content)
    const { value, problem } = await file.load(now)
    const recents = new Recents(file, wanted, value.choices.slice(0, KEPT), problem)
    if (!wanted()) await recents.clear()
    return recents
  }

  get choices(): readonly Choice[] {
    return this.#choices
  }

  /** Puts a choice first; "off" is none. A disk that refuses costs the memory of it, nothing else. */
  async note(next: Choice): Promise<void> {
    if (next.kind === 'off' || !this.#wanted()) return
    const text = JSON.stringify(next)
    if (JSON.stringify(this.#choices[0]) === text) return
    this.#choices = [next, ...this.#choices.filter(other => JSON.stringify(other) !== text)].slice(0, KEPT)
    await this.#writes.run(() => this.#file.save({ choices: [...this.#choices] }))
  }

  /** Forgets all, on disk too. */
  async clear(): Promise<void> {
    this.#choices = []
    await this.#writes.run(() => rm(this.#file.path, { force: true }))
  }

  /** Resolves when what was written so far is on the disk, or was refused. */
  idle(): Promise<void> {
    return this.#writes.idle()
  }
}

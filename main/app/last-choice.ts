import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Problem } from '../../shared/problem.ts'
import { type Choice, choice } from '../../shared/state.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'

const OFF: Choice = { kind: 'off' }
const content = z.object({ choice: choice.default(OFF) })

/** What was looked through when the program ended, in `choice.json` of the data folder; forgotten with the recent choices, where these are not kept. */
export class LastChoice {
  readonly problem: Problem | undefined
  readonly #file: JsonFile<z.infer<typeof content>>
  readonly #kept: () => boolean
  #value: Choice
  readonly #writes = new Sequence()

  private constructor(file: JsonFile<z.infer<typeof content>>, kept: () => boolean, value: Choice, problem: Problem | undefined) {
    this.#file = file
    this.#kept = kept
    this.#value = value
    this.problem = problem
  }

  /** `kept`: whether choices may be remembered. Rejects with the system's error when the file cannot be read. */
  static async load(folder: string, now: number, kept: () => boolean): Promise<LastChoice> {
    const file = new JsonFile(join(folder, 'choice.json'), content)
    const { value, problem } = await file.load(now)
    return new LastChoice(file, kept, kept() ? value.choice : OFF, problem)
  }

  get value(): Choice {
    return this.#value
  }

  /** A disk that refuses costs the memory of it, nothing else. */
  note(next: Choice): Promise<void> {
    this.#value = next
    const { path } = this.#file
    return this.#writes.run(() => (this.#kept() && next.kind !== 'off' ? this.#file.save({ choice: next }) : rm(path, { force: true })))
  }

  /** Resolves when what was written so far is on the disk, or was refused. */
  idle(): Promise<void> {
    return this.#writes.idle()
  }
}

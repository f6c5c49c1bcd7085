import { lstat, rename } from 'node:fs/promises'
import { basename, join, parse } from 'node:path'
import type { z } from 'zod'
import type { Problem } from '../../shared/problem.ts'
import { readFileIfPresent, writeFileAtomically } from '../lib/files.ts'

/** More than most of our files hold, in bytes. */
const MAX_SIZE = 1 << 20

/** Takes what is good of a value that as a whole is not; `lost` names the rest. */
export type Salvage<T> = (value: unknown) => { readonly value: T; readonly lost: readonly string[] } | undefined

/**
 * A small JSON file with a schema: read whole, written whole. What cannot be understood is kept aside, never overwritten and never
 * guessed at: the person may have edited it by hand and can mend it.
 */
export class JsonFile<T> {
  readonly path: string
  readonly #schema: z.ZodType<T>
  readonly #maxSize: number
  readonly #salvage: Salvage<T> | undefined

  /** The schema must accept `{}`, with its defaults. */
  constructor(path: string, schema: z.ZodType<T>, options: { maxSize?: number; salvage?: Salvage<T> } = {}) {
    this.path = path
    this.#schema = schema
    this.#maxSize = options.maxSize ?? MAX_SIZE
    this.#salvage = options.salvage
  }

  /**
   * Absent: the defaults. Damaged (no JSON, against the schema, over the size, 1 MiB if none is given): the file becomes `<name>.damaged-<time>.json`, the answer
   * has the defaults, or what could be salvaged, and the problem `settings-damaged`. Rejects with the system's error when the file cannot be read or moved.
   */
  async load(now: number): Promise<{ value: T; problem: Problem | undefined }> {
    const bytes = await readFileIfPresent(this.path, this.#maxSize)
    if (bytes === undefined) return { value: this.#schema.parse({}), problem: undefined }
    const json = this.#json(bytes)
    const parsed = json && this.#schema.safeParse(json.value)
    if (parsed?.success) return { value: parsed.data, problem: undefined }
    const keptAs = await putAside(this.path, now)
    const saved = json && this.#salvage?.(json.value)
    // What is good is in the file again, or the next start would find none and begin with nothing, without a word.
    if (saved) await this.save(saved.value).catch(() => {})
    const lost = saved && { lost: saved.lost.join(', ').slice(0, 200) }
    const problem: Problem = { code: 'settings-damaged', detail: { file: basename(this.path), keptAs, ...lost } }
    return { value: saved?.value ?? this.#schema.parse({}), problem }
  }

  async save(value: T): Promise<void> {
    await writeFileAtomically(this.path, `${JSON.stringify(value, undefined, 2)}\n`)
  }

  #json(bytes: Buffer): { value: unknown } | undefined {
    if (bytes.length > this.#maxSize) return undefined
    try {
      // Some editors put a mark of the encoding before the text.
      return { value: JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) }
    } catch {
      return undefined
    }
  }
}

/** Gives a file another name beside its own, one that is free; answers with that name. */
async function putAside(path: string, now: number): Promise<string> {
  const { name, ext, dir } = parse(path)
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  for (let n = 1; ; n++) {
    const keptAs = `${name}.damaged-${time}${n === 1 ? '' : `-${n}`}${ext}`
    // A clock that was set back comes by the same second again.
    if (await lstat(join(dir, keptAs)).catch(() => undefined)) continue
    await rename(path, join(dir, keptAs))
    return keptAs
  }
}

import type { z } from 'zod'
import type { Problem } from '../../shared/problem.ts'

/** A small JSON file with a schema: read whole, written whole, damaged ones kept aside. */
export class JsonFile<T> {
  readonly path: string
  constructor(path: string, _schema: z.ZodType<T>) {
    this.path = path
  }
  /** Absent: the schema's defaults for `{}`. Damaged: moved to `<name>.damaged-<time>.json`, a problem says so, defaults are used. */
  load(_now: number): Promise<{ value: T; problem: Problem | undefined }> {
    throw new Error('soon')
  }
  save(_value: T): Promise<void> {
    throw new Error('soon')
  }
}

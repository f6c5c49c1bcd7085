import type { AppState, StatePatch } from '../shared/state.ts'

type Rows = AppState['perspective']['relays']
type Changes = NonNullable<StatePatch['relays']>

/** The rows with the changes of a patch; rows that did not change stay the same objects at their places. */
export function withRows(rows: Rows, changes: StatePatch['relays']): Rows {
  if (!changes) return rows
  const changed = new Map(changes.changed.map(row => [row.fingerprint, row]))
  const gone = new Set(changes.gone)
  const next: Rows = []
  for (const row of rows) {
    if (gone.has(row.fingerprint)) continue
    next.push(changed.get(row.fingerprint) ?? row)
    changed.delete(row.fingerprint)
  }
  return [...next, ...changed.values()]
}

/** The changes of several patches as those of one. */
export class RowChanges {
  readonly #changed = new Map<string, Rows[number]>()
  readonly #gone = new Set<string>()

  add({ changed, gone }: Changes): void {
    for (const fingerprint of gone) {
      this.#changed.delete(fingerprint)
      this.#gone.add(fingerprint)
    }
    for (const row of changed) {
      this.#gone.delete(row.fingerprint)
      this.#changed.set(row.fingerprint, row)
    }
  }

  /** What was added since the last call; undefined: nothing. */
  take(): Changes | undefined {
    if (this.#changed.size + this.#gone.size === 0) return undefined
    const changes = { changed: [...this.#changed.values()], gone: [...this.#gone] }
    this.#changed.clear()
    this.#gone.clear()
    return changes
  }
}

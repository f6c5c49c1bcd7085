import type { AppState, StatePatch } from '../../shared/state.ts'
import { Listeners } from '../lib/service.ts'

type Section = Exclude<keyof AppState, 'revision'>

/** Patches are sent at most this often: four times a second. */
const PATCH_INTERVAL_MS = 250

/** The one AppState: sections are set whole, and those that really changed go out as revisioned patches at a bounded rate. */
export class StateStore {
  readonly onPatch = new Listeners<[StatePatch]>()
  #state: AppState
  readonly #texts = new Map<Section, string>()
  readonly #dirty = new Set<Section>()
  #timer: NodeJS.Timeout | undefined
  #lastPatch = 0

  constructor(initial: AppState) {
    this.#state = initial
    for (const [name, value] of Object.entries(initial)) if (name !== 'revision') this.#texts.set(name as Section, JSON.stringify(value))
  }

  get state(): AppState {
    return this.#state
  }

  set<S extends Section>(section: S, value: AppState[S]): void {
    const text = JSON.stringify(value)
    if (this.#texts.get(section) === text) return
    this.#texts.set(section, text)
    this.#state = { ...this.#state, [section]: value }
    this.#dirty.add(section)
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#lastPatch + PATCH_INTERVAL_MS - Date.now()))
  }

  /** Sends what is waiting now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#dirty.size === 0) return
    const revision = this.#state.revision + 1
    this.#state = { ...this.#state, revision }
    const sections = Object.fromEntries([...this.#dirty].map(section => [section, this.#state[section]]))
    this.#dirty.clear()
    this.#lastPatch = Date.now()
    this.onPatch.emit({ revision, sections })
  }

  close(): void {
    this.flush()
    clearTimeout(this.#timer)
  }
}

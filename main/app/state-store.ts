import type { AppState, PerspectiveRelay, StatePatch } from '../../shared/state.ts'
import { Listeners } from '../lib/service.ts'
import { steadyNow } from '../lib/steady-clock.ts'

type Section = Exclude<keyof AppState, 'revision'>

/** Patches are sent at most this often: four times a second. */
const PATCH_INTERVAL_MS = 250

/**
 * The one AppState: sections are set whole, and those that really changed go out as revisioned patches at a bounded rate. The relays of the
 * perspective section, of which there may be thousands, are told apart by object: the same object says the same, and only other ones are sent.
 */
export class StateStore {
  readonly onPatch = new Listeners<[StatePatch]>()
  #state: AppState
  readonly #texts = new Map<Section, string>()
  readonly #dirty = new Set<Section>()
  /** The relays as they were sent last. */
  #sentRelays: readonly PerspectiveRelay[]
  #timer: NodeJS.Timeout | undefined
  #lastPatch = 0

  constructor(initial: AppState) {
    this.#state = initial
    this.#sentRelays = initial.perspective?.relays ?? []
    for (const name of Object.keys(initial) as (keyof AppState)[]) {
      if (name !== 'revision') this.#texts.set(name, sectionText(name, initial[name]))
    }
  }

  get state(): AppState {
    return this.#state
  }

  set<S extends Section>(section: S, value: AppState[S]): void {
    const text = sectionText(section, value)
    const same = this.#texts.get(section) === text
    if (same && !(section === 'perspective' && this.#state.perspective.relays !== (value as AppState['perspective']).relays)) return
    this.#texts.set(section, text)
    this.#state = { ...this.#state, [section]: value }
    if (!same) this.#dirty.add(section)
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#lastPatch + PATCH_INTERVAL_MS - steadyNow()))
  }

  /** Sends what is waiting now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const relays = this.#relayChanges()
    if (this.#dirty.size === 0 && !relays) return
    const revision = this.#state.revision + 1
    this.#state = { ...this.#state, revision }
    const sections: StatePatch['sections'] = Object.fromEntries([...this.#dirty].map(section => [section, this.#state[section]]))
    if (sections.perspective) sections.perspective = { ...sections.perspective, relays: undefined }
    this.#dirty.clear()
    this.#lastPatch = steadyNow()
    this.onPatch.emit(relays ? { revision, sections, relays } : { revision, sections })
  }

  /** Rows that are other objects than those sent, and relays that are there no more. */
  #relayChanges(): StatePatch['relays'] {
    const relays = this.#state.perspective?.relays ?? []
    if (relays === this.#sentRelays) return undefined
    const before = new Map(this.#sentRelays.map(row => [row.fingerprint, row]))
    this.#sentRelays = relays
    const changed: PerspectiveRelay[] = []
    for (const row of relays) {
      if (before.get(row.fingerprint) !== row) changed.push(row)
      before.delete(row.fingerprint)
    }
    const gone = [...before.keys()]
    return changed.length + gone.length > 0 ? { changed, gone } : undefined
  }

  close(): void {
    this.flush()
    clearTimeout(this.#timer)
  }
}

/** What a section says, to see whether it changed; the relays of the perspective section are not part of it. */
function sectionText(section: Section, value: AppState[Section]): string {
  return JSON.stringify(section === 'perspective' ? { ...(value as AppState['perspective']), relays: undefined } : value)
}

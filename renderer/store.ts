import { createStore, type StoreApi } from 'zustand/vanilla'
import type { AppState, StatePatch } from '../shared/state.ts'
import type { Connection, HostBridge } from './bridge.ts'
import { RowChanges, withRows } from './relay-rows.ts'
import { withSameParts } from './same-parts.ts'

/** One point of the rate graph: bytes per second, read and written, at a time in milliseconds. */
export interface RateSample {
  readonly at: number
  readonly read: number
  readonly written: number
}

/** Everything the views know. `app` is the host's snapshot, absent until the first one came; it stays while the connection is lost. */
export interface UiState {
  readonly connection: Connection
  readonly app: AppState | undefined
  readonly samples: readonly RateSample[]
}

/** How far back the rate graph reaches. */
export const SAMPLE_SPAN_MS = 120_000
const SAMPLE_STEP_MS = 1_000
/** Patches kept while a snapshot is on its way; more would be a host that floods. */
const WAITING_PATCHES = 64
const ASK_AGAIN_MS = 1_000
/** Rows of relays change at most so often: a change of thousands of rows is work for every list that shows them. */
const ROWS_STEP_MS = 1_000

/** The state after a patch: its sections replace ours whole, its relays those of the same fingerprint. What says the same stays the same object. */
export function applyPatch(state: AppState, { sections, relays, revision }: StatePatch): AppState {
  const { perspective, ...whole } = sections
  const rows = withRows(perspective?.relays ?? state.perspective.relays, relays)
  const { relays: before, ...old } = state.perspective
  // What a section leaves out is not there any more.
  const { relays: _, ...section } = perspective ?? state.perspective
  const next = withSameParts(old, section)
  const same = next === old && rows === before
  const others = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, withSameParts(state[name as keyof typeof whole], value)]),
  )
  return { ...state, ...others, perspective: same ? state.perspective : { ...next, relays: rows }, revision }
}

function withSample(samples: readonly RateSample[], app: AppState, now: number): readonly RateSample[] {
  const last = samples.at(-1)
  // A clock that was set back would otherwise stop the graph until it is where it was.
  if (last && now >= last.at && now - last.at < SAMPLE_STEP_MS) return samples
  return [...samples.filter(sample => sample.at <= now && now - sample.at < SAMPLE_SPAN_MS), { at: now, ...app.relay.rate }]
}

/** The store of the views and the end of its feeding. */
export interface AppStore extends StoreApi<UiState> {
  stop(): void
}

/**
 * Feeds a store from the contract alone: one snapshot by `state.get`, then patches in the order of their revisions.
 * A gap, and every new connection, asks for a snapshot again; patches that come meanwhile wait for it.
 */
export function createAppStore(bridge: HostBridge, now: () => number = Date.now): AppStore {
  const store = createStore<UiState>(() => ({ connection: bridge.connection, app: undefined, samples: [] }))
  let waiting: StatePatch[] | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  const rows = new RowChanges()
  let rowsTimer: ReturnType<typeof setTimeout> | undefined

  const set = (app: AppState) => store.setState(ui => ({ app, samples: withSample(ui.samples, app, now()) }))

  function receive(patch: StatePatch): void {
    const app = store.getState().app
    if (waiting || !app) {
      waiting?.push(patch)
      if (waiting && waiting.length > WAITING_PATCHES) waiting.shift()
      return
    }
    if (patch.revision <= app.revision) return
    if (patch.revision !== app.revision + 1) return void refresh()
    // All rows at once are newer than what waits.
    if (patch.sections.perspective?.relays) forgetRows()
    if (patch.relays) rows.add(patch.relays)
    if (rowsTimer !== undefined) return set(applyPatch(app, { ...patch, relays: undefined }))
    set(applyPatch(app, { ...patch, relays: rows.take() }))
    if (patch.relays) rowsTimer = setTimeout(changeRows, ROWS_STEP_MS)
  }

  /** The rows that changed since they last did; when none did, the next change is shown at once. */
  function changeRows(): void {
    rowsTimer = undefined
    const relays = rows.take()
    const app = store.getState().app
    if (!relays || !app) return
    set(applyPatch(app, { revision: app.revision, sections: {}, relays }))
    rowsTimer = setTimeout(changeRows, ROWS_STEP_MS)
  }

  function forgetRows(): void {
    rows.take()
    clearTimeout(rowsTimer)
    rowsTimer = undefined
  }

  async function refresh(): Promise<void> {
    if (waiting || stopped) return
    clearTimeout(retry)
    waiting = []
    try {
      const app = await bridge.call('state.get', undefined)
      const late: StatePatch[] = waiting
      waiting = undefined
      if (stopped) return
      forgetRows()
      set(app)
      for (const patch of late.sort((a, b) => a.revision - b.revision)) receive(patch)
    } catch {
      waiting = undefined
      // A lost connection asks again when it is back; any other failure after a pause.
      if (!stopped && bridge.connection === 'open') retry = setTimeout(refresh, ASK_AGAIN_MS)
    }
  }

  const ends = [
    bridge.on('state', receive),
    bridge.onConnection(connection => {
      store.setState({ connection })
      if (connection === 'open') void refresh()
    }),
  ]
  if (bridge.connection === 'open') void refresh()

  return Object.assign(store, {
    stop() {
      stopped = true
      clearTimeout(retry)
      forgetRows()
      for (const end of ends) end()
    },
  })
}

import { createStore, type StoreApi } from 'zustand/vanilla'
import { type ToolbarAction, type ToolbarEnds, type ToolbarState, toolbarFrame } from '../../shared/toolbar.ts'
import { speak } from '../i18n/words.ts'

export interface TabStoreState {
  /** Absent until main has spoken. */
  readonly state: ToolbarState | undefined
  /** The keyboard is wanted there; counts wishes, since the same one may come twice. */
  readonly focus: { readonly on: 'address' | 'find'; readonly count: number } | undefined
  readonly finding: boolean
}
export type TabStore = StoreApi<TabStoreState> & { act(action: ToolbarAction): void }

/** All that the tab window's page knows, fed by main alone. */
export function openTabStore(ends: ToolbarEnds): TabStore {
  const store = createStore<TabStoreState>(() => ({ state: undefined, focus: undefined, finding: false }))
  ends.listen(message => {
    const { data: frame } = toolbarFrame.safeParse(message)
    if (!frame) return
    if ('focus' in frame) {
      const count = (store.getState().focus?.count ?? 0) + 1
      store.setState({ focus: { on: frame.focus, count }, finding: store.getState().finding || frame.focus === 'find' })
      return
    }
    const { state } = frame
    void speak(state.language)
    if (state.theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = state.theme
    const changedTab = store.getState().state?.active !== state.active
    store.setState(changedTab ? { state, finding: false } : { state })
  })
  return Object.assign(store, {
    act: (action: ToolbarAction) => {
      void ends.act(action)
    },
  })
}

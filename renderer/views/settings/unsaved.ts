import { createStore } from 'zustand/vanilla'
import type { Draft } from './draft.ts'

/** What was changed on the Settings page and is not saved yet: kept while other pages are shown, so that a click beside it loses nothing. */
export const unsaved = createStore<{ readonly changes: Partial<Draft> }>(() => ({ changes: {} }))

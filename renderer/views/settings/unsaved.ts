import { createStore } from 'zustand/vanilla'
import type { Draft } from './draft.ts'

/** What was changed on the Settings page and is not saved yet: kept while other pages are shown, so that a click beside it loses nothing. */
export const unsaved = createStore<{ readonly changes: Partial<Draft> }>(() => ({ changes: {} }))

/** After some were saved: what was typed while that was under way is still unsaved. */
export function keepOthers(saved: Partial<Draft>): void {
  const left = Object.entries(unsaved.getState().changes).filter(([field, value]) => saved[field as keyof Draft] !== value)
  unsaved.setState({ changes: Object.fromEntries(left) })
}

import { createStore } from 'zustand/vanilla'
import type { Choice } from '../../../shared/state.ts'

/** The tabs of the picker: every kind of choice but none. */
export type WhereKind = Exclude<Choice['kind'], 'off'>

/** What the Browse page remembers while other pages are shown: the open tab, and the choice that the big switch turns on again. */
export const picker = createStore<{ readonly kind: WhereKind | undefined; readonly last: Choice }>(() => ({
  kind: undefined,
  last: { kind: 'any' },
}))

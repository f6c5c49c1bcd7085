import { createStore } from 'zustand/vanilla'
import type { Choice } from '../../../shared/state.ts'

export type WhereKind = Exclude<Choice['kind'], 'off'>

/** What the Browse page remembers while other pages are shown: the open tab, and the choice that the big switch turns on again. */
export const picker = createStore<{ readonly kind: WhereKind | undefined; readonly last: Choice }>(() => ({
  kind: undefined,
  last: { kind: 'any' },
}))

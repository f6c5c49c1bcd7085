import { createStore } from 'zustand/vanilla'
import type { Choice } from '../../../shared/state.ts'

/** The tabs of the picker: every kind of choice but none. */
export type WhereKind = Exclude<Choice['kind'], 'off'>

/** What the Browse page remembers while other pages are shown: the open tab, the choice that the big switch turns on again, whether the map is open, the address that was typed. */
export const picker = createStore<{
  readonly kind: WhereKind | undefined
  readonly last: Choice
  readonly map: boolean
  readonly url: string
}>(() => ({
  kind: undefined,
  last: { kind: 'any' },
  map: false,
  url: '',
}))

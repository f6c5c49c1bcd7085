import { createStore } from 'zustand/vanilla'
import type { Choice } from '../../../shared/state.ts'

/** The tabs of the picker: every kind of choice but none. */
export type WhereKind = Exclude<Choice['kind'], 'off'>

/** A country or relay that was left out, its name then, and the choice that it was. */
export interface LeftOut {
  readonly place: string
  readonly name: string
  readonly choice: Choice
}

/** What the Browse page remembers while other pages are shown: the open tab, the choice that the big switch turns on again, whether the map is open, the address that was typed,
 * and what was just left out, so that it can be taken back. */
export const picker = createStore<{
  readonly kind: WhereKind | undefined
  readonly last: Choice
  readonly map: boolean
  readonly url: string
  readonly leftOut: LeftOut | undefined
}>(() => ({
  kind: undefined,
  last: { kind: 'any' },
  map: false,
  url: '',
  leftOut: undefined,
}))

import { createStore } from 'zustand/vanilla'
import { COMPARE_PLACES, type ComparePlace, placeKey } from '../../../shared/compare.ts'

/** What the form remembers while other pages are shown. */
export interface CompareForm {
  readonly url: string
  readonly places: readonly ComparePlace[]
  readonly home: boolean
  readonly pictures: boolean
  readonly kind: 'country' | 'relay' | 'tor'
}

export const compareForm = createStore<CompareForm>(() => ({ url: '', places: [], home: false, pictures: true, kind: 'country' }))

/** Takes a place in, or leaves it out; answers false when there are as many as there may be. */
export function togglePlace(place: ComparePlace): boolean {
  const { places } = compareForm.getState()
  const key = placeKey(place)
  const rest = places.filter(other => placeKey(other) !== key)
  if (rest.length === places.length && places.length >= COMPARE_PLACES) return false
  compareForm.setState({ places: rest.length < places.length ? rest : [...places, place] })
  return true
}

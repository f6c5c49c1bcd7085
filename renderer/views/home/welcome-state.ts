import { createStore } from 'zustand/vanilla'

/** What is ticked and which page of the welcome is shown; outlives a look at another view, not the window. Nothing is ticked at first. */
export const welcome = createStore<{ readonly relay: boolean; readonly perspective: boolean; readonly page: 'agree' | 'details' }>(() => ({
  relay: false,
  perspective: false,
  page: 'agree',
}))

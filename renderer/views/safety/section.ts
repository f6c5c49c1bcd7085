import { createStore } from 'zustand/vanilla'

/** The parts of the Safety page, in their order. */
const SECTIONS = ['blocks', 'log', 'complaint', 'identity', 'diagnostics'] as const
export type Section = (typeof SECTIONS)[number]

/** Which part is shown; kept while the person looks at other pages. */
export const section = createStore<{ readonly shown: Section }>(() => ({ shown: 'blocks' }))

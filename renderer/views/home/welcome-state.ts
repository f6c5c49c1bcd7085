import { createStore } from 'zustand/vanilla'

/** What has to be said to agree to sharing, each with a tick of its own. */
export const STATEMENTS = ['exits', 'visible', 'line'] as const
export type Statement = (typeof STATEMENTS)[number]

/** What is ticked and which page of the welcome is shown; outlives a look at another view, not the window. Nothing is ticked at first. */
export const welcome = createStore<{
  readonly relay: boolean
  readonly sharing: readonly Statement[]
  readonly page: 'agree' | 'details'
}>(() => ({ relay: false, sharing: [], page: 'agree' }))

/** How many statements are still to be ticked; agreed when it is none. */
export const statementsLeft = (ticked: readonly Statement[]): number => STATEMENTS.filter(statement => !ticked.includes(statement)).length

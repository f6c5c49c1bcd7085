import { createStore } from 'zustand/vanilla'

/** Whether this window asked the program to quit: when it is gone then, nothing was lost. */
export const quitting = createStore<{ readonly asked: boolean }>(() => ({ asked: false }))

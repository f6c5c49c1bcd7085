import { createStore } from 'zustand/vanilla'

/** What the live region says. `count` makes the same words twice two announcements. */
export const announcer = createStore<{ readonly text: string; readonly count: number }>(() => ({ text: '', count: 0 }))

/** Says something to screen readers without moving the focus. */
export function announce(text: string): void {
  announcer.setState(said => ({ text, count: said.count + 1 }))
}

import { createStore } from 'zustand/vanilla'

/** The pages, in the order of the rail. */
export const VIEWS = ['home', 'browse', 'relay', 'safety', 'settings', 'about'] as const
export type View = (typeof VIEWS)[number]

const viewOf = (hash: string): View => VIEWS.find(view => hash === `#${view}`) ?? 'home'

/** Which view is shown, and how often that has changed. It lives in the address, so that back, forward and reload work as everywhere. */
export const navigation = createStore<{ readonly view: View; readonly moves: number }>(() => ({
  view: viewOf(globalThis.location?.hash ?? ''),
  moves: 0,
}))

/** Follows the address; answers with the end of it. */
export function followAddress(): () => void {
  const follow = () => navigation.setState(({ moves }) => ({ view: viewOf(location.hash), moves: moves + 1 }))
  addEventListener('hashchange', follow)
  return () => removeEventListener('hashchange', follow)
}

/** Shows a view. */
export function go(view: View): void {
  location.hash = view
}

import { createStore } from 'zustand/vanilla'

/** The pages, in the order of the rail. */
export const VIEWS = ['home', 'browse', 'relay', 'safety', 'settings', 'about'] as const
/** Pages that are gone to from another one, and the one in the rail that they belong to. */
const INNER = { compare: 'browse' } as const
export type RailView = (typeof VIEWS)[number]
export type View = RailView | keyof typeof INNER

/** The page of the rail that a page belongs to. */
export const railViewOf = (view: View): RailView => (view in INNER ? INNER[view as keyof typeof INNER] : (view as RailView))

const viewOf = (hash: string): View => [...VIEWS, ...(Object.keys(INNER) as View[])].find(view => hash === `#${view}`) ?? 'home'

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

import { createStore } from 'zustand/vanilla'

export const VIEWS = ['home', 'browse', 'relay', 'settings', 'about'] as const
export type View = (typeof VIEWS)[number]

const viewOf = (hash: string): View => VIEWS.find(view => hash === `#${view}`) ?? 'home'

/** Which view is shown. It lives in the address, so that back, forward and reload work as everywhere. */
export const navigation = createStore<{ readonly view: View }>(() => ({ view: viewOf(globalThis.location?.hash ?? '') }))

/** Follows the address; answers with the end of it. */
export function followAddress(): () => void {
  const follow = () => navigation.setState({ view: viewOf(location.hash) })
  addEventListener('hashchange', follow)
  return () => removeEventListener('hashchange', follow)
}

/** Shows a view. */
export function go(view: View): void {
  location.hash = view
}

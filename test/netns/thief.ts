// All that the host of the thief is used for.
export { hasLoot, hold, holdLink, holdTls, impersonate, knock, lifetimes, listenForProofs } from './attacks.ts'
export { tryConnect } from './browse.ts'
export { openLinkAs } from './peers.ts'

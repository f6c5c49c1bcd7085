import type { AppState } from '../../../shared/state.ts'

export type Lock = AppState['perspective']['locks'][number]
/** Where a lock is taken off. */
export type LockPlace = 'home' | 'relay' | 'settings'

/** What is missing before browsing is unlocked: in a few words, the reason, and where to do something about it. */
export const locks: Record<Lock, { readonly title: string; readonly text: string; readonly place: LockPlace; readonly action: string }> = {
  'no-consent': {
    title: 'You have not agreed to share your perspective',
    text: 'Members let each other in. Looking through others means that they may look through you.',
    place: 'home',
    action: 'Read and decide',
  },
  'relay-stopped': {
    title: 'Your relay is stopped',
    text: 'Browsing goes with relaying; it starts again with it.',
    place: 'relay',
    action: 'Go to Relay',
  },
  'or-port-unproved': {
    title: 'The relay port is not proved from outside',
    text: 'Other relays must be able to reach you through it.',
    place: 'home',
    action: 'See the ports',
  },
  'dir-port-unproved': {
    title: 'The directory port is not proved from outside',
    text: 'Members test it before they let you in.',
    place: 'home',
    action: 'See the ports',
  },
  'pa-port-unproved': {
    title: 'The perspective port is not proved from outside',
    text: 'Members test that they could really browse through you.',
    place: 'home',
    action: 'See the ports',
  },
  'not-listed': {
    title: 'Your relay is not listed yet',
    text: 'It appears in a list that the authorities make together, usually within a few hours.',
    place: 'home',
    action: 'See the votes',
  },
  'not-running': {
    title: 'The authorities do not call your relay Running',
    text: 'Most of them must have reached it lately.',
    place: 'home',
    action: 'See the votes',
  },
  'not-stable': {
    title: 'The authorities do not call your relay Stable yet',
    text: 'Members let in Stable relays. The authorities decide when yours is one.',
    place: 'home',
    action: 'See the votes',
  },
  'directory-not-live': {
    title: 'The list of relays is too old',
    text: 'Without a fresh list nobody can be checked. It renews itself when the network is reachable.',
    place: 'home',
    action: 'See the state',
  },
  'pa-off': {
    title: 'Your perspective port is off',
    text: 'You have turned off sharing in Settings, so others do not let you in.',
    place: 'settings',
    action: 'Go to Settings',
  },
}

import type { ToolbarAction } from '../../../shared/toolbar.ts'

/** A key as it was pressed, in Electron's words. */
export interface Key {
  readonly key: string
  readonly control: boolean
  readonly alt: boolean
  readonly shift: boolean
  readonly meta: boolean
}

/** What a key asks for: an action of the toolbar, or something that the window knows more of. */
export type KeyWish =
  | Extract<ToolbarAction, { do: 'new-tab' | 'zoom' }>
  | { readonly do: 'back' | 'forward' | 'reload' | 'stop' | 'new-identity' | 'private-tab' }
  | { readonly do: 'focus'; readonly on: 'address' | 'find' }
  /** From the page to the toolbar, or back. */
  | { readonly do: 'change-side' }
  | { readonly do: 'find-again'; readonly forward: boolean }
  | { readonly do: 'close-tab' }
  /** So many tabs on, round and round. */
  | { readonly do: 'next-tab'; readonly by: 1 | -1 }
  /** The first tab is 1; -1 the last. */
  | { readonly do: 'tab-at'; readonly at: number }

/**
 * The keys of browsers, as people know them. `command` is Ctrl, on macOS ⌘. Escape stops a load, but is not taken from the page, which
 * may have its own use for it.
 */
export function keyWish({ key, control, alt, shift, meta }: Key, mac: boolean): KeyWish | undefined {
  const command = mac ? meta && !control : control && !meta
  const plain = !control && !meta && !alt
  const small = key.length === 1 ? key.toLowerCase() : key
  if (plain && !shift) {
    if (small === 'F5') return { do: 'reload' }
    if (small === 'Escape') return { do: 'stop' }
  }
  if (plain && small === 'F3') return { do: 'find-again', forward: !shift }
  if (plain && small === 'F6') return { do: 'change-side' }
  if (alt && !control && !meta && !shift && !mac) {
    if (small === 'ArrowLeft') return { do: 'back' }
    if (small === 'ArrowRight') return { do: 'forward' }
    if (small === 'd') return { do: 'focus', on: 'address' }
  }
  if (control && !alt && !meta && small === 'Tab') return { do: 'next-tab', by: shift ? -1 : 1 }
  if (!command || alt) return undefined
  switch (small) {
    case 't':
      return shift ? undefined : { do: 'new-tab' }
    case 'w':
      return shift ? undefined : { do: 'close-tab' }
    case 'l':
      return shift ? undefined : { do: 'focus', on: 'address' }
    case 'r':
      return { do: 'reload' }
    case 'f':
      return shift ? undefined : { do: 'focus', on: 'find' }
    case 'g':
      return { do: 'find-again', forward: !shift }
    case 'p':
      return shift ? { do: 'private-tab' } : undefined
    case 'u':
      return shift ? { do: 'new-identity' } : undefined
    case '+':
    case '=':
      return { do: 'zoom', by: 'in' }
    case '-':
    case '_':
      return { do: 'zoom', by: 'out' }
    case '0':
      return { do: 'zoom', by: 'reset' }
    case '[':
      return mac ? { do: 'back' } : undefined
    case ']':
      return mac ? { do: 'forward' } : undefined
    case 'PageDown':
      return { do: 'next-tab', by: 1 }
    case 'PageUp':
      return { do: 'next-tab', by: -1 }
    default:
      if (shift || !/^[1-9]$/.test(small)) return undefined
      return { do: 'tab-at', at: small === '9' ? -1 : Number(small) }
  }
}

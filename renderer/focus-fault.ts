import { flushSync } from 'react-dom'

/** Shows what is wrong with a form, and takes the keyboard to the first field of it in the same turn: a moment later the person may be elsewhere. */
export function focusFault(form: HTMLFormElement | null, show: () => void): void {
  flushSync(show)
  form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
}

import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { words } from '../i18n/words.ts'

interface ListBoxProps<T> {
  readonly label: string
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** What typed letters are matched with. */
  readonly nameOf: (item: T) => string
  readonly chosen: string | undefined
  readonly off?: boolean
  readonly onChoose: (item: T) => void
  readonly children: (item: T) => ReactNode
  /** Shown when there are no items. */
  readonly empty: ReactNode
}

/** More rows than these are not drawn: a search is quicker than scrolling then. */
const LONGEST = 150

/**
 * A list to choose one from: one tab stop, arrows, Home, End and letters move, Enter or Space chooses.
 * Moving does not choose, since choosing changes where a person browses from.
 */
export function ListBox<T>({ label, items, keyOf, nameOf, chosen, off = false, onChoose, children, empty }: ListBoxProps<T>) {
  const list = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: '', at: 0 })
  const [current, setCurrent] = useState<string>()
  if (items.length === 0) return <div className="list-empty">{empty}</div>

  const shown = items.slice(0, LONGEST)
  const has = (key: string | undefined) => shown.some(item => keyOf(item) === key)
  const stop = has(current) ? current : has(chosen) ? chosen : keyOf(shown[0]!)

  function moveTo(index: number): void {
    const item = shown[Math.max(0, Math.min(shown.length - 1, index))]!
    setCurrent(keyOf(item))
    list.current?.querySelectorAll<HTMLElement>('[role=option]')[shown.indexOf(item)]?.focus()
  }

  function moveByLetters(letter: string, from: number, now: number): void {
    const text = now - typed.current.at < 700 ? typed.current.text + letter : letter
    typed.current = { text, at: now }
    const start = text.length === 1 ? from + 1 : from
    const order = [...shown.slice(start), ...shown.slice(0, start)]
    const found = order.find(item => nameOf(item).toLowerCase().startsWith(text.toLowerCase()))
    if (found) moveTo(shown.indexOf(found))
  }

  function onKeyDown(event: KeyboardEvent): void {
    const from = shown.findIndex(item => keyOf(item) === stop)
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      Home: 0,
      End: shown.length - 1,
      PageDown: from + 6,
      PageUp: from - 6,
    }
    const to = steps[event.key]
    if (to !== undefined) moveTo(to)
    else if (event.key === 'Enter' || event.key === ' ') {
      if (!off) onChoose(shown[from]!)
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) moveByLetters(event.key, from, event.timeStamp)
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className="list" role="listbox" aria-label={label} aria-disabled={off || undefined} ref={list} onKeyDown={onKeyDown}>
        {shown.map(item => {
          const key = keyOf(item)
          return (
            // The keys are handled once, on the list.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            <div
              key={key}
              className="option"
              role="option"
              tabIndex={key === stop ? 0 : -1}
              aria-selected={key === chosen}
              aria-disabled={off || undefined}
              onFocus={() => setCurrent(key)}
              onClick={() => !off && onChoose(item)}
            >
              {children(item)}
            </div>
          )
        })}
      </div>
      {items.length > shown.length && <p className="hint">{words.browse.more(items.length - shown.length)}</p>}
    </>
  )
}

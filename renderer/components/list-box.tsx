import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useListWindow } from './list-window.ts'

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

/** Lists up to this long are drawn whole; of longer ones only the rows that can be seen. */
const WHOLE = 60

/**
 * A list to choose one from: one tab stop, arrows, Home, End and letters move, Enter or Space chooses. It may have thousands of rows.
 * Moving does not choose, since choosing changes where a person browses from.
 */
export function ListBox<T>({ items, empty, ...rest }: ListBoxProps<T>) {
  if (items.length === 0) return <div className="list-empty">{empty}</div>
  return <FilledListBox items={items} {...rest} />
}

function FilledListBox<T>({ label, items, keyOf, nameOf, chosen, off = false, onChoose, children }: Omit<ListBoxProps<T>, 'empty'>) {
  const list = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: '', at: 0 })
  const [current, setCurrent] = useState<string>()
  const toFocus = useRef<string>(undefined)
  const keys = useMemo(() => items.map(keyOf), [items, keyOf])
  const shown = useListWindow(list, keys)

  const currentAt = current === undefined ? -1 : keys.indexOf(current)
  const chosenAt = currentAt >= 0 || chosen === undefined ? -1 : keys.indexOf(chosen)
  const stop = currentAt >= 0 ? currentAt : Math.max(0, chosenAt)

  useLayoutEffect(() => {
    if (toFocus.current === undefined) return
    const row = [...(list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])].find(
      one => one.dataset['row'] === toFocus.current,
    )
    if (!row) return
    toFocus.current = undefined
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  })

  function moveTo(index: number): void {
    const at = Math.max(0, Math.min(keys.length - 1, index))
    toFocus.current = keys[at]!
    setCurrent(keys[at]!)
    if (whole) return focusNow()
    shown.reveal(at)
  }

  /** A row that is drawn already takes the focus at once. */
  function focusNow(): void {
    for (const row of list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])
      if (row.dataset['row'] === toFocus.current) row.focus()
    toFocus.current = undefined
  }

  function moveByLetters(letter: string, now: number): void {
    const text = now - typed.current.at < 700 ? typed.current.text + letter : letter
    typed.current = { text, at: now }
    const start = text.length === 1 ? stop + 1 : stop
    for (let step = 0; step < items.length; step++) {
      const at = (start + step) % items.length
      if (nameOf(items[at]!).toLowerCase().startsWith(text.toLowerCase())) return moveTo(at)
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowDown: stop + 1,
      ArrowUp: stop - 1,
      Home: 0,
      End: keys.length - 1,
      PageDown: stop + 6,
      PageUp: stop - 6,
    }
    const to = steps[event.key]
    if (to !== undefined) moveTo(to)
    else if (event.key === 'Enter' || event.key === ' ') {
      if (!off) onChoose(items[stop]!)
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) moveByLetters(event.key, event.timeStamp)
    else return
    event.preventDefault()
  }

  const whole = items.length <= WHOLE
  const drawn: number[] = []
  for (let at = whole ? 0 : shown.start; at < (whole ? items.length : shown.end); at++) drawn.push(at)
  // The row that has, or would get, the focus is there wherever the list is scrolled to.
  if (stop < drawn[0]!) drawn.unshift(stop)
  else if (stop > drawn.at(-1)!) drawn.push(stop)

  return (
    <div className="list" role="listbox" aria-label={label} aria-disabled={off || undefined} ref={list} onKeyDown={onKeyDown}>
      <div role="presentation" className={whole ? undefined : 'list-rows'} style={whole ? undefined : { height: shown.height }}>
        {drawn.map(at => (
          // The keys are handled once, on the list.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={keys[at]}
            data-row={keys[at]}
            className="option"
            role="option"
            tabIndex={at === stop ? 0 : -1}
            aria-selected={keys[at] === chosen}
            aria-disabled={off || undefined}
            aria-posinset={at + 1}
            aria-setsize={items.length}
            style={whole ? undefined : { top: shown.top(at) }}
            onFocus={() => setCurrent(keys[at])}
            onClick={() => !off && onChoose(items[at]!)}
          >
            {children(items[at]!)}
          </div>
        ))}
      </div>
    </div>
  )
}

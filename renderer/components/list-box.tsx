import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useListWindow } from './list-window.ts'

interface ListBoxProps<T> {
  readonly label: string
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** What typed letters are matched with. */
  readonly nameOf: (item: T) => string
  readonly chosen: string | undefined
  readonly off?: boolean
  /** The height of a row in rem where the list is too long to be drawn whole; shorter lists have rows as high as what is in them. */
  readonly rowHeight: number
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

function FilledListBox<T>(props: Omit<ListBoxProps<T>, 'empty'>) {
  const { label, items, keyOf, nameOf, chosen, off = false, rowHeight, onChoose, children } = props
  const list = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: '', at: 0 })
  const [current, setCurrent] = useState<string>()
  const toFocus = useRef<string>(undefined)
  const shown = useListWindow(list, items.length, rowHeight)
  const whole = items.length <= WHOLE

  const indexOf = (key: string | undefined) => (key === undefined ? -1 : items.findIndex(item => keyOf(item) === key))
  const currentAt = indexOf(current)
  const stop = currentAt >= 0 ? currentAt : Math.max(0, indexOf(chosen))

  // A row that was out of sight takes the focus as soon as it is drawn.
  useLayoutEffect(() => {
    if (toFocus.current === undefined) return
    for (const row of list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? []) {
      if (row.dataset['row'] !== toFocus.current) continue
      toFocus.current = undefined
      row.focus({ preventScroll: !whole })
    }
  })

  function moveTo(index: number): void {
    const at = Math.max(0, Math.min(items.length - 1, index))
    const key = keyOf(items[at]!)
    toFocus.current = key
    setCurrent(key)
    if (!whole) shown.reveal(at)
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
      End: items.length - 1,
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

  const drawn: number[] = []
  for (let at = whole ? 0 : shown.start; at < (whole ? items.length : shown.end); at++) drawn.push(at)
  // The row that has, or would get, the focus is there wherever the list is scrolled to.
  if (stop < drawn[0]!) drawn.unshift(stop)
  else if (stop > drawn.at(-1)!) drawn.push(stop)

  return (
    <div className="list" role="listbox" aria-label={label} aria-disabled={off || undefined} ref={list} onKeyDown={onKeyDown}>
      <div
        role="presentation"
        className={whole ? undefined : 'list-rows'}
        style={whole ? undefined : { height: `${items.length * rowHeight}rem` }}
      >
        {drawn.map(at => {
          const item = items[at]!
          const key = keyOf(item)
          return (
            // The keys are handled once, on the list.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            <div
              key={key}
              data-row={key}
              className="option"
              role="option"
              tabIndex={at === stop ? 0 : -1}
              aria-selected={key === chosen}
              aria-disabled={off || undefined}
              aria-posinset={at + 1}
              aria-setsize={items.length}
              style={whole ? undefined : { top: `${at * rowHeight}rem`, height: `${rowHeight}rem` }}
              onFocus={() => setCurrent(key)}
              onClick={() => !off && onChoose(item)}
            >
              {children(item)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

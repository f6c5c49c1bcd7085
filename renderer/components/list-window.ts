import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'

/** Rows drawn beyond the visible ones at either end. */
const OVERSCAN = 3
/** What a row is taken for before it was ever drawn, in px. */
const GUESS = 76

/** Which rows of a long list are drawn, and where. */
export interface ListWindow {
  /** The first row drawn, and the one after the last. */
  readonly start: number
  readonly end: number
  /** Of all rows together, px. */
  readonly height: number
  top(index: number): number
  /** Scrolls as little as shows a row whole. */
  reveal(index: number): void
}

/** The last index whose offset is not above `y`. */
function rowAt(offsets: Float64Array, y: number): number {
  let low = 0
  let high = offsets.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (offsets[middle]! <= y) low = middle
    else high = middle - 1
  }
  return Math.max(0, low)
}

/**
 * Draws only the rows of a list that can be seen. Rows may differ in height: each is measured when it was drawn (by its `data-row`, the key), and
 * guessed from the others before. `list` is the element that scrolls.
 */
export function useListWindow(list: RefObject<HTMLElement | null>, keys: readonly string[]): ListWindow {
  const heights = useRef(new Map<string, number>())
  const [measured, setMeasured] = useState(0)
  const [view, setView] = useState({ from: 0, to: 600 })

  // biome-ignore lint/correctness/useExhaustiveDependencies: `measured` counts the changes of the heights
  const offsets = useMemo(() => {
    const known = heights.current
    let sum = 0
    for (const height of known.values()) sum += height
    const guess = known.size > 0 ? sum / known.size : GUESS
    const result = new Float64Array(keys.length + 1)
    for (const [index, key] of keys.entries()) result[index + 1] = result[index]! + (known.get(key) ?? guess)
    return result
  }, [keys, measured])

  useEffect(() => {
    const element = list.current
    if (!element) return
    let width = element.clientWidth
    const look = () => {
      const from = element.scrollTop
      const to = from + element.clientHeight
      setView(before => (Math.abs(before.from - from) < 1 && Math.abs(before.to - to) < 1 ? before : { from, to }))
    }
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== width) {
        width = element.clientWidth
        heights.current.clear()
        setMeasured(count => count + 1)
      }
      look()
    })
    look()
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [list])

  useLayoutEffect(() => {
    let news = false
    for (const row of list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []) {
      const key = row.dataset['row']!
      const { height } = row.getBoundingClientRect()
      if (height === 0 || Math.abs((heights.current.get(key) ?? 0) - height) < 0.5) continue
      heights.current.set(key, height)
      news = true
    }
    if (news) setMeasured(count => count + 1)
  })

  const start = Math.max(0, rowAt(offsets, view.from) - OVERSCAN)
  const end = Math.min(keys.length, rowAt(offsets, view.to) + 1 + OVERSCAN)
  return {
    start,
    end,
    height: offsets[keys.length]!,
    top: index => offsets[index]!,
    reveal(index) {
      const element = list.current
      if (!element) return
      const [top, bottom] = [offsets[index]!, offsets[index + 1]!]
      if (top < element.scrollTop) element.scrollTop = top
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight
    },
  }
}

import { type RefObject, useEffect, useState } from 'react'

/** Rows drawn beyond the visible ones at either end. */
const OVERSCAN = 3

/** Which rows of a long list are drawn. */
export interface ListWindow {
  /** The first row drawn, and the one after the last. */
  readonly start: number
  readonly end: number
  /** Scrolls as little as shows a row whole. */
  reveal(index: number): void
}

/** Rem in px: it grows with the text size that a person set. */
const remPixels = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)

/**
 * Which of `count` rows, each `rowHeight` rem high, can be seen in `list`, the element that scrolls. Rows of one height need no measuring, so
 * thousands of them cost what a dozen does.
 */
export function useListWindow(list: RefObject<HTMLElement | null>, count: number, rowHeight: number): ListWindow {
  const [view, setView] = useState({ first: 0, rows: 12 })
  useEffect(() => {
    const element = list.current
    if (!element) return
    const look = () => {
      const row = rowHeight * remPixels()
      const first = Math.floor(element.scrollTop / row)
      const rows = Math.ceil(element.clientHeight / row) + 1
      setView(before => (before.first === first && before.rows === rows ? before : { first, rows }))
    }
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [list, rowHeight])
  // A shorter list is scrolled back by the browser; until it says so its end is drawn.
  const first = Math.min(view.first, Math.max(0, count - view.rows))
  return {
    start: Math.max(0, first - OVERSCAN),
    end: Math.min(count, first + view.rows + OVERSCAN),
    reveal(index) {
      const element = list.current
      if (!element) return
      const row = rowHeight * remPixels()
      const [top, bottom] = [index * row, (index + 1) * row]
      if (top < element.scrollTop) element.scrollTop = top
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight
    },
  }
}

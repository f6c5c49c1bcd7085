import { useEffect, useRef, useState } from 'react'
import { words } from '../../i18n/words.ts'

/** The part that begins above this share of the window is the one that is read. */
const READ_AT = 0.3

const partOf = (anchor: string) => document.querySelector<HTMLElement>(`[data-anchor="${anchor}"]`)

/** Which of the parts is in view: the last that begins above the line; at the end of the page the last of all. */
function partInView(main: HTMLElement, anchors: readonly string[]): string | undefined {
  if (main.scrollTop + main.clientHeight >= main.scrollHeight - 1) return anchors.at(-1)
  const line = main.getBoundingClientRect().top + main.clientHeight * READ_AT
  return anchors.findLast(anchor => (partOf(anchor)?.getBoundingClientRect().top ?? Infinity) <= line) ?? anchors[0]
}

/**
 * The parts of a long page as a list of links, which stays beside the page where there is room; each takes the view and the focus to the part's
 * heading, and the one in view is marked.
 */
export function Jumps({ parts }: { parts: readonly (readonly [anchor: string, title: string])[] }) {
  const list = useRef<HTMLElement>(null)
  const [here, setHere] = useState(parts[0]?.[0])
  // Where a jump itself has scrolled to says nothing: a short part near the end never comes up to the line.
  const jumped = useRef<number>(undefined)
  const anchors = parts.map(([anchor]) => anchor).join(' ')
  useEffect(() => {
    const main = list.current?.closest('main')
    if (!main) return
    const follow = () => {
      if (main.scrollTop !== jumped.current) setHere(partInView(main, anchors.split(' ')))
      jumped.current = undefined
    }
    main.addEventListener('scroll', follow, { passive: true })
    return () => main.removeEventListener('scroll', follow)
  }, [anchors])

  const go = (anchor: string) => {
    const part = partOf(anchor)
    part?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true })
    part?.scrollIntoView({ block: 'start' })
    jumped.current = list.current?.closest('main')?.scrollTop
    setHere(anchor)
  }
  return (
    <nav className="jumps" aria-label={words.background.jump} ref={list}>
      {parts.map(([anchor, title]) => (
        <button type="button" key={anchor} aria-current={anchor === here ? 'true' : undefined} onClick={() => go(anchor)}>
          {title}
        </button>
      ))}
    </nav>
  )
}

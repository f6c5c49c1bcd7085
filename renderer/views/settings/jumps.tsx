import { words } from '../../i18n/words.ts'

/** The parts of a long page as a row of links; each takes the view and the focus to the part's heading. */
export function Jumps({ parts }: { parts: readonly (readonly [anchor: string, title: string])[] }) {
  const go = (anchor: string) => {
    const heading = document.querySelector<HTMLElement>(`[data-anchor="${anchor}"] h2`)
    heading?.focus({ preventScroll: true })
    heading?.closest('section')?.scrollIntoView({ block: 'start' })
  }
  return (
    <nav className="jumps" aria-label={words.background.jump}>
      {parts.map(([anchor, title]) => (
        <button type="button" key={anchor} onClick={() => go(anchor)}>
          {title}
        </button>
      ))}
    </nav>
  )
}

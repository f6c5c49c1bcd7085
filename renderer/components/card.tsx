import { type ReactNode, useId } from 'react'

/** A titled part of a page. */
export function Card({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  className?: string
}) {
  const id = useId()
  return (
    <section className={['card', className].filter(Boolean).join(' ')} aria-labelledby={title ? id : undefined}>
      {(title || aside) && (
        <header className="card-head">
          {title && <h2 id={id}>{title}</h2>}
          {aside}
        </header>
      )}
      {children}
    </section>
  )
}

/** A number and what it counts. */
export function Figure({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {note && <span className="hint">{note}</span>}
      </dd>
    </div>
  )
}

/** A table that scrolls sideways by itself when the window is narrow; reachable by keyboard for that. */
export function ScrollTable({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scroll-table" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="for-screen-readers">{caption}</caption>
        {children}
      </table>
    </section>
  )
}

import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react'

/** A titled part of a page. */
export function Card({
  title,
  aside,
  children,
  className,
  anchor,
}: {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  className?: string
  /** A name by which a list of the page's parts finds it. */
  anchor?: string | undefined
}) {
  const id = useId()
  return (
    <section data-anchor={anchor} className={['card', className].filter(Boolean).join(' ')} aria-labelledby={title ? id : undefined}>
      {(title || aside) && (
        <header className="card-head">
          {title && (
            <h2 id={id} tabIndex={anchor ? -1 : undefined}>
              {title}
            </h2>
          )}
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

/** Whether an element's content is wider than the element, followed through every change of its size. */
function useOverflow(ref: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false)
  useEffect(() => {
    const element = ref.current!
    const observer = new ResizeObserver(() => setOverflows(element.scrollWidth > element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return overflows
}

/** A table that scrolls sideways by itself when the window is narrow; only then it is a tab stop, so that keys can scroll it. */
export function ScrollTable({ caption, children }: { caption: string; children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null)
  const overflows = useOverflow(ref)
  return (
    <div className="scroll-table" ref={ref} tabIndex={overflows ? 0 : undefined}>
      <table>
        <caption className="for-screen-readers">{caption}</caption>
        {children}
      </table>
    </div>
  )
}

import { type ReactNode, useEffect, useRef } from 'react'
import { words } from '../i18n/words.ts'
import { navigation, type View } from '../navigation.ts'

interface PageProps {
  readonly view: View
  readonly title: string
  readonly lead?: ReactNode
  /** Stands above the heading. */
  readonly head?: ReactNode
  /** Stands beside the heading where there is room. */
  readonly picture?: ReactNode
  readonly children: ReactNode
}

/** A view's head and body. The heading takes the focus when the view is gone to, so that reading begins there. */
export function Page({ view, title, lead, head, picture, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const focused = useRef<Element>(undefined)
  const name = `${view === 'compare' ? words.compare.title : words.nav[view]} · ${words.productName}`
  useEffect(() => {
    document.title = name
  }, [name])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a view that is gone to, and nothing else, moves the focus
  useEffect(() => {
    // The first view is not gone to: a screen reader starts at the top by itself.
    if (navigation.getState().moves > 0) heading.current?.focus()
  }, [view])
  useEffect(() => {
    const remember = () => {
      focused.current = document.activeElement ?? undefined
    }
    addEventListener('focusin', remember)
    return () => removeEventListener('focusin', remember)
  }, [])
  useEffect(() => {
    // A step of the journey may take away the control that had the focus; the keyboard then goes on from the new heading.
    if (title && document.activeElement === document.body && focused.current?.isConnected === false) heading.current?.focus()
  }, [title])
  return (
    <div className="page" data-view={view}>
      <header className="page-head">
        {head}
        <div className="page-title">
          <div>
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {lead && <p className="lead">{lead}</p>}
          </div>
          {picture}
        </div>
      </header>
      {children}
    </div>
  )
}

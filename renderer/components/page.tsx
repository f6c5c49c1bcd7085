import { type ReactNode, useEffect, useRef } from 'react'
import { words } from '../i18n/words.ts'
import type { View } from '../navigation.ts'

/** A view's head and body. The heading takes the focus when the view is gone to, so that reading begins there. */
export function Page({
  view,
  title,
  lead,
  children,
  head,
}: {
  view: View
  title: string
  lead?: ReactNode
  children: ReactNode
  head?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${words.nav[view]} · ${words.productName}`
    // Not on the first showing: then nothing else had the focus, and a screen reader starts at the top by itself.
    if (document.documentElement.dataset['shown']) heading.current?.focus()
    document.documentElement.dataset['shown'] = 'yes'
  }, [view])
  useEffect(() => {
    // A step of the journey may take away the control that had the focus; the keyboard then goes on from the new heading.
    if (title && document.activeElement === document.body && document.documentElement.dataset['used']) heading.current?.focus()
  }, [title])
  return (
    <div className="page" data-view={view}>
      <header className="page-head">
        {head}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p className="lead">{lead}</p>}
      </header>
      {children}
    </div>
  )
}

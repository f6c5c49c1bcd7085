import { Component, type ReactNode } from 'react'
import { announce } from '../announcer.ts'
import { problemWords, words } from '../i18n/words.ts'
import { Notice, Ways } from './notice.tsx'

/** Keeps the rest of the window when a part of it cannot be drawn, which is a fault of ours: says so, and draws it again when that is dismissed. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override componentDidCatch(): void {
    announce(problemWords({ code: 'internal', detail: {} }).title)
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    const { title, cause, next } = problemWords({ code: 'internal', detail: {} })
    return (
      <Notice kind="bad" title={title} onDismiss={() => this.setState({ failed: false })}>
        <p>
          {cause} {words.windowLostText}
        </p>
        <Ways ways={next} />
      </Notice>
    )
  }
}

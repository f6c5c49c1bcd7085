import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { ToolbarState } from '../../shared/toolbar.ts'
import { Icon } from '../components/icons.tsx'
import { formatCount, words } from '../i18n/words.ts'
import type { TabStore } from './tab-store.ts'

/** Looks for a text in the page. */
export function FindBar({ store, found }: { store: TabStore; found: ToolbarState['page']['found'] }) {
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const wish = useStore(store, ({ focus }) => focus)
  const own = words.toolbar

  useEffect(() => {
    if (wish?.on === 'find') input.current?.select()
  }, [wish])

  const find = (what: string, forward: boolean, next: boolean) => {
    if (what !== '') store.act({ do: 'find', text: what, forward, next })
  }
  const end = () => {
    store.setState({ finding: false })
    store.act({ do: 'end-find' })
  }
  const result = text === '' || !found ? '' : found.of === 0 ? own.foundNothing : own.found(formatCount(found.at), formatCount(found.of))
  return (
    <search>
      <form
        className="find"
        onSubmit={event => {
          event.preventDefault()
          find(text, true, true)
        }}
        onKeyDown={event => {
          if (event.key === 'Escape') end()
          if (event.key !== 'Enter' || !event.shiftKey) return
          event.preventDefault()
          find(text, false, true)
        }}
      >
        <input
          ref={input}
          type="text"
          dir="auto"
          spellCheck={false}
          maxLength={500}
          aria-label={own.find}
          placeholder={own.find}
          value={text}
          onChange={event => {
            setText(event.currentTarget.value)
            find(event.currentTarget.value, true, false)
          }}
        />
        <span className="found" role="status">
          {result}
        </span>
        <button type="button" className="icon-button" aria-label={own.findPrevious} onClick={() => find(text, false, true)}>
          <Icon name="up" />
        </button>
        <button type="button" className="icon-button" aria-label={own.findNext} onClick={() => find(text, true, true)}>
          <Icon name="down" />
        </button>
        <button type="button" className="icon-button" aria-label={own.findEnd} onClick={end}>
          <Icon name="cross" />
        </button>
      </form>
    </search>
  )
}

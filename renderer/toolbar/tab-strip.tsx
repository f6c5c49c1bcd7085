import { type KeyboardEvent, useRef } from 'react'
import type { ToolbarAction, ToolbarState } from '../../shared/toolbar.ts'
import { Icon } from '../components/icons.tsx'
import { words } from '../i18n/words.ts'
import { placeName, tabName } from './tab-words.ts'

/** The tabs, each with the colour and the name of its perspective. Arrow keys walk along, Delete closes. */
export function TabStrip({ state, act }: { state: ToolbarState; act(action: ToolbarAction): void }) {
  const list = useRef<HTMLDivElement>(null)
  const text = words.toolbar

  function onKeyDown(event: KeyboardEvent, at: number): void {
    const { tabs } = state
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    const backward = document.documentElement.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft'
    const to = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (event.key === 'Delete') act({ do: 'close-tab', id: tabs[at]!.id })
    else if (to !== undefined && tabs[to]) {
      act({ do: 'select-tab', id: tabs[to].id })
      list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus()
    } else return
    event.preventDefault()
  }

  return (
    <div className="strip">
      <div className="tabs" role="tablist" aria-label={text.tabs} ref={list}>
        {state.tabs.map((tab, at) => {
          const name = tabName(tab)
          const isFront = tab.id === state.active
          return (
            <div
              key={tab.id}
              className="tab"
              role="presentation"
              data-way={tab.choice.kind === 'tor' ? 'tor' : 'one-hop'}
              data-colour={tab.colour}
              data-front={isFront || undefined}
            >
              <button
                type="button"
                role="tab"
                aria-selected={isFront}
                tabIndex={isFront ? 0 : -1}
                title={`${name} (${placeName(tab, state.lists)})`}
                onClick={() => act({ do: 'select-tab', id: tab.id })}
                onAuxClick={event => event.button === 1 && act({ do: 'close-tab', id: tab.id })}
                onKeyDown={event => onKeyDown(event, at)}
              >
                <span className="tab-place">{placeName(tab, state.lists)}</span>
                <span className="tab-title" dir="auto" data-loading={tab.loading || undefined}>
                  {name}
                </span>
              </button>
              {/* For the mouse; keys close by Delete or Ctrl+W, and a list of tabs may hold nothing but tabs. */}
              <button
                type="button"
                className="tab-close"
                tabIndex={-1}
                aria-hidden="true"
                title={text.closeTab(name)}
                onClick={() => act({ do: 'close-tab', id: tab.id })}
              >
                <Icon name="cross" />
              </button>
            </div>
          )
        })}
      </div>
      <button type="button" className="icon-button" aria-label={text.newTab} title={text.newTab} onClick={() => act({ do: 'new-tab' })}>
        <Icon name="plus" />
      </button>
      <button type="button" className="quiet-button private" title={text.privateTabHint} onClick={() => act({ do: 'private-tab' })}>
        <Icon name="plus" />
        {text.privateTab}
      </button>
    </div>
  )
}

import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { directionOf } from '../i18n/language.ts'
import { speech } from '../i18n/words.ts'
import { AddressBar } from './address-bar.tsx'
import { DownloadList } from './download-list.tsx'
import { FindBar } from './find-bar.tsx'
import { ObstaclePage } from './obstacle-page.tsx'
import { PlaceLine } from './place-line.tsx'
import type { TabStore } from './tab-store.ts'
import { TabStrip } from './tab-strip.tsx'
import { placeName, tabName } from './tab-words.ts'

/** Everything around the untrusted page, which main lays over the sheet when there is one to show. */
export function TabWindow({ store }: { store: TabStore }) {
  const { state, finding } = useStore(store)
  const language = useStore(speech, ({ language }) => language)
  const head = useRef<HTMLElement>(null)
  const front = state?.tabs.find(({ id }) => id === state.active)
  const title = state && front ? `${tabName(front)} (${placeName(front, state.lists)}) · Vantage` : 'Vantage'
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dir = directionOf(language)
  }, [language])
  useEffect(() => {
    document.title = title
  }, [title])
  const hasState = state !== undefined
  useEffect(() => {
    if (!head.current || !hasState) return
    const element = head.current
    const watcher = new ResizeObserver(() => store.act({ do: 'layout', top: Math.ceil(element.getBoundingClientRect().height) }))
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [store, hasState])
  if (!state || !front) return null
  const { page } = state
  return (
    <div className="window" data-way={front.choice.kind === 'tor' ? 'tor' : 'one-hop'} data-colour={front.colour}>
      <header ref={head}>
        <h1 className="for-screen-readers">{title}</h1>
        <TabStrip state={state} act={store.act} />
        <AddressBar store={store} page={page} />
        <PlaceLine state={state} front={front} act={store.act} />
        {finding && <FindBar store={store} found={page.found} />}
        <DownloadList state={state} act={store.act} />
      </header>
      <main>{page.obstacle && <ObstaclePage obstacle={page.obstacle} canGoBack={page.canGoBack} act={store.act} />}</main>
    </div>
  )
}

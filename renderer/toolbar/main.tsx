import '../jitless.ts'
import './toolbar.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TOOLBAR_KEY, type ToolbarEnds } from '../../shared/toolbar.ts'
import { openTabStore } from './tab-store.ts'
import { TabWindow } from './tab-window.tsx'

const ends = (globalThis as unknown as Record<string, ToolbarEnds>)[TOOLBAR_KEY]!

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <TabWindow store={openTabStore(ends)} />
  </StrictMode>,
)

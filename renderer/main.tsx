import './jitless.ts'
import './styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { openBridge } from './bridge.ts'
import { ServicesProvider } from './context.tsx'
import { speak } from './i18n/words.ts'
import { createAppStore } from './store.ts'

const bridge = openBridge(window)
const store = createAppStore(bridge)
// Before the views hear of the same change, so that they never draw in the old language.
store.subscribe(({ app }) => void speak(app?.settings.language ?? 'system'))

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ServicesProvider bridge={bridge} store={store}>
      <App />
    </ServicesProvider>
  </StrictMode>,
)

import './jitless.ts'
import './styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { openBridge } from './bridge.ts'
import { ServicesProvider } from './context.tsx'
import { createAppStore } from './store.ts'

const bridge = openBridge(window)
const store = createAppStore(bridge)

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ServicesProvider bridge={bridge} store={store}>
      <App />
    </ServicesProvider>
  </StrictMode>,
)

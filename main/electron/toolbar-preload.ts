import { contextBridge, ipcRenderer } from 'electron'
import { TOOLBAR_ACTION_CHANNEL, TOOLBAR_KEY, TOOLBAR_STATE_CHANNEL } from '../../shared/channels.ts'
import type { ToolbarEnds } from '../../shared/toolbar.ts'

const ends: ToolbarEnds = {
  act: action => ipcRenderer.invoke(TOOLBAR_ACTION_CHANNEL, action),
  listen: listener => {
    const onState = (_event: unknown, state: unknown) => listener(state)
    ipcRenderer.on(TOOLBAR_STATE_CHANNEL, onState)
    // In braces: an answer would cross the bridge, and ipcRenderer with it.
    return () => {
      ipcRenderer.off(TOOLBAR_STATE_CHANNEL, onState)
    }
  },
}
contextBridge.exposeInMainWorld(TOOLBAR_KEY, ends)

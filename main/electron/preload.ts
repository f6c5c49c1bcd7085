import { contextBridge, ipcRenderer } from 'electron'
import { IPC_CALL_CHANNEL, IPC_EVENT_CHANNEL, PRELOAD_KEY } from '../../shared/channels.ts'
import type { PreloadEnds } from '../../shared/ipc.ts'

/** Two functions and nothing of Electron: the page cannot name a channel. */
const ends: PreloadEnds = {
  call: (name, argument) => ipcRenderer.invoke(IPC_CALL_CHANNEL, name, argument),
  listen: listener => {
    const onEvent = (_event: unknown, frame: unknown) => listener(frame)
    ipcRenderer.on(IPC_EVENT_CHANNEL, onEvent)
    // In braces: an answer would cross the bridge, and ipcRenderer with it.
    return () => {
      ipcRenderer.off(IPC_EVENT_CHANNEL, onEvent)
    }
  },
}
contextBridge.exposeInMainWorld(PRELOAD_KEY, ends)

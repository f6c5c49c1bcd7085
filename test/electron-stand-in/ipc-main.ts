import { strict } from './strict.ts'

type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown
export const handlers = new Map<string, InvokeHandler>()
export const ipcMain = strict('ipcMain', {
  handle(channel: string, handler: InvokeHandler) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  },
  removeHandler: (channel: string) => void handlers.delete(channel),
  /** Electron has it by this name, too. */
  _invokeHandlers: handlers,
})

/** What crosses by IPC must be what structured clone and JSON agree about; the rest is not in the stand-in. */
export function plain(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new Error('An object could not be cloned.')
  if (value instanceof Error || value instanceof Date || value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
    throw new Error('electron: IPC of anything but plain values is not in the stand-in')
  if (value && typeof value === 'object') for (const part of Object.values(value)) plain(part)
  return value
}

import type * as Electron from 'electron'

/** An event that can be prevented. */
export function preventable<T extends object>(fields: T = {} as T) {
  return {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
  }
}

/** DevTools' name of a kind of resource in Electron's words. */
export function electronType(type: string): Electron.OnBeforeRequestListenerDetails['resourceType'] {
  const names: Record<string, Electron.OnBeforeRequestListenerDetails['resourceType']> = {
    Document: 'subFrame',
    Stylesheet: 'stylesheet',
    Script: 'script',
    Image: 'image',
    Font: 'font',
    XHR: 'xhr',
    Fetch: 'xhr',
    Ping: 'ping',
    CSPViolationReport: 'cspReport',
    Media: 'media',
    WebSocket: 'webSocket',
  }
  return names[type] ?? 'other'
}

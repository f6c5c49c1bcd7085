// Names alone, so that the preloads, which need nothing else, stay a few lines.

/** Where the preload puts the bridge's raw ends in Electron. */
export const PRELOAD_KEY = 'vantage'
export const IPC_CALL_CHANNEL = 'vantage:call'
export const IPC_EVENT_CHANNEL = 'vantage:event'

/** The same for the toolbar of a perspective window. */
export const TOOLBAR_KEY = 'vantageToolbar'
export const TOOLBAR_ACTION_CHANNEL = 'vantage-toolbar:action'
export const TOOLBAR_STATE_CHANNEL = 'vantage-toolbar:state'

import { join } from 'node:path'
import { app, Menu, type Session, type WebContents, type WebPreferences } from 'electron'
import { safeFileName } from './tabs/file-name.ts'

/** The only origin whose pages are ours. */
export const UI_ORIGIN = 'app://bundle'

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Headers of every page of ours. */
export const UI_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** Every page that there is, ours too: a process that may do nothing, apart from what its preload hands out. */
export const LOCKED_DOWN = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  webviewTag: false,
  spellcheck: false,
} as const satisfies WebPreferences

/** A page of the web. */
export const UNTRUSTED = { ...LOCKED_DOWN, devTools: false } as const satisfies WebPreferences

/** What must be set before Chromium is ready (electron.md 5.1, 5.2). */
export function lockDownBeforeReady(): void {
  app.enableSandbox()
  // Ways around a proxy: QUIC is UDP, and prefetched names are asked of the local resolver.
  app.commandLine.appendSwitch('disable-quic')
  app.commandLine.appendSwitch('dns-prefetch-disable')
  // Chromium never has to look up a name: far ends do that. Without this it asks the home's resolver for names of TURN servers that a page
  // chose, WebRTC's policy notwithstanding, and whoever runs that name's DNS learns where its visitor's resolver is.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1')
  app.on('web-contents-created', (_event, contents) => {
    // For every page there will ever be, before it can load anything.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', event => event.preventDefault())
    // A page may ask for another place and size of its window, also one larger than the screen.
    contents.on('content-bounds-updated', event => event.preventDefault())
  })
  // A client certificate would tell sites who we are.
  app.on('select-client-certificate', (event, _contents, _url, _list, callback) => {
    event.preventDefault()
    callback()
  })
}

/**
 * Electron's own menu has developer tools, zoom and reload in it, with their keys. macOS needs one for the keys of the clipboard and of windows, and to
 * quit; elsewhere there is none.
 */
export function lockDownMenu(): void {
  const roles = ['appMenu', 'fileMenu', 'editMenu', 'windowMenu'] as const
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate(roles.map(role => ({ role }))) : null)
}

/** Right after Chromium is ready: names are resolved by the system (for the UI: none are) or by the far end, never by a third party. */
export function lockDownResolver(): void {
  app.configureHostResolver({ enableBuiltInResolver: false, secureDnsMode: 'off' })
}

/**
 * No page of this session gets a camera, a location, a USB device, a notification, the whole screen (on which it could draw our frame) or
 * anything else but what `mayHave` names; and nothing is fetched to spell.
 */
export function denyPermissions(session: Session, mayHave = (_permission: string): boolean => false): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => callback(mayHave(permission)))
  session.setPermissionCheckHandler((_contents, permission) => mayHave(permission))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null))
  session.setSpellCheckerDictionaryDownloadURL('https://dictionaries.invalid/')
}

/** Files that our own page makes and hands out to be saved. */
const OWN_BLOBS = `blob:${UI_ORIGIN}/`

/**
 * The session of our own pages: it reaches our own files and nothing else. What they offer to save (a table, a report) they made
 * themselves: Electron then asks for a place by a dialog of the system.
 */
export function confineToUi(session: Session): void {
  // Text, at a press of a button: Chromium sees to that.
  denyPermissions(session, permission => permission === 'clipboard-sanitized-write')
  const isOwn = (url: string) => url.startsWith(`${UI_ORIGIN}/`) || url.startsWith(OWN_BLOBS)
  session.webRequest.onBeforeRequest(({ url }, callback) => callback({ cancel: !isOwn(url) }))
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(OWN_BLOBS)) return event.preventDefault()
    // Without a title the dialog would have the blob's address for one.
    item.setSaveDialogOptions({ title: 'Vantage', defaultPath: join(app.getPath('downloads'), safeFileName(item.getFilename())) })
  })
}

/** A page of ours stays where it is. */
export function preventNavigation(contents: WebContents): void {
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const)
    contents.on(name as 'will-navigate', event => event.preventDefault())
}

import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { chromium } from './app.ts'
import { DOWNLOADS } from './downloads-folder.ts'
import { type NothingInvented, strict } from './strict.ts'

type Handler = (request: Request) => Response | Promise<Response>
export interface RequestAnswer {
  readonly cancel?: boolean
  readonly redirectURL?: string
}
type RequestFacts = Pick<Electron.OnBeforeRequestListenerDetails, 'url' | 'method' | 'resourceType'>
type BeforeRequest = (details: RequestFacts, callback: (answer: RequestAnswer) => void) => void

/** Chromium knows no schemes but its own: app://bundle/x is loaded as https://bundle.app.stand-in.test/x and answered by the handler. */
export const outerUrl = (url: string, schemes: ReadonlyMap<string, Handler>) =>
  url.replace(/^([a-z][a-z0-9+.-]*):\/\/([^/]+)/i, (all, scheme, host) =>
    schemes.has(scheme) ? `https://${host}.${scheme}.stand-in.test` : all,
  )
export const innerUrl = (url: string) => url.replace(/^(blob:)?https:\/\/([^/]+)\.([a-z0-9-]+)\.stand-in\.test/, '$1$3://$2')

type PermissionRequest = (contents: null, permission: string, callback: (granted: boolean) => void) => void
/** Electron's names of permissions that pages are seen to be granted or refused, with Chromium's. */
const PERMISSIONS = { 'clipboard-sanitized-write': 'clipboard-write', geolocation: 'geolocation', notifications: 'notifications' }

/** A partition is a Chromium browser context with a proxy of its own, set by the same code that Electron's setProxy uses. */
class Session extends EventEmitter {
  readonly partition: string
  readonly schemes = new Map<string, Handler>()
  beforeRequest: BeforeRequest | undefined
  permissionRequest: PermissionRequest | undefined
  userAgent: string | undefined
  #proxy: Electron.ProxyConfig = { mode: 'direct' }
  #context: Promise<string> | undefined
  readonly protocol = strict('session.protocol', { handle: (scheme: string, handler: Handler) => void this.schemes.set(scheme, handler) })
  readonly webRequest = strict('session.webRequest', {
    onBeforeRequest: (handler: BeforeRequest) => {
      this.beforeRequest = handler
    },
  })

  constructor(partition: string) {
    super()
    this.partition = partition
  }

  async setProxy(config: Electron.ProxyConfig): Promise<void> {
    if (this.#context) throw new Error('electron: a proxy set after the first page is not in the stand-in')
    this.#proxy = config
  }

  contextId(): Promise<string> {
    const { mode, proxyRules, proxyBypassRules } = this.#proxy
    const proxy =
      mode === 'fixed_servers' ? { proxyServer: proxyRules, proxyBypassList: proxyBypassRules ?? '' } : { proxyServer: 'direct://' }
    this.#context ??= chromium()
      .send('Target.createBrowserContext', proxy)
      .then(async ({ browserContextId }) => {
        const downloads = { behavior: 'allowAndName', downloadPath: DOWNLOADS, eventsEnabled: true }
        await chromium().send('Browser.setDownloadBehavior', { ...downloads, browserContextId })
        for (const [permission, name] of Object.entries(PERMISSIONS)) {
          // Without a handler Electron grants everything.
          let setting = 'granted'
          this.permissionRequest?.(null, permission, granted => {
            setting = granted ? 'granted' : 'denied'
          })
          await chromium().send('Browser.setPermission', { permission: { name }, setting, browserContextId })
        }
        return browserContextId
      })
    return this.#context
  }

  getUserAgent(): string {
    return (
      this.userAgent ??
      'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Vantage/0.1.0 Chrome/156.0.0.0 Electron/45.4.1 Safari/537.36'
    )
  }
  setUserAgent(userAgent: string): void {
    this.userAgent = userAgent
  }
  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.permissionRequest = handler
  }
  setPermissionCheckHandler(): void {}
  setDevicePermissionHandler(): void {}
  setDisplayMediaRequestHandler(): void {}
  setSpellCheckerDictionaryDownloadURL(): void {}
  async closeAllConnections(): Promise<void> {}
  async clearCache(): Promise<void> {}
  async clearAuthCache(): Promise<void> {}
  async clearStorageData(): Promise<void> {
    if (this.#context) await chromium().send('Target.disposeBrowserContext', { browserContextId: await this.#context })
    this.#context = undefined
  }
}
export type StandInSession = Session

type Own = 'partition' | 'schemes' | 'beforeRequest' | 'permissionRequest' | 'userAgent' | 'contextId'
true satisfies NothingInvented<Session, Electron.Session, Own>

const sessions = new Map<string, Session>()
function fromPartition(partition: string): Session {
  let session = sessions.get(partition)
  if (!session) {
    if (partition.startsWith('persist:')) throw new Error('electron: persistent partitions are not in the stand-in')
    session = strict('session', new Session(partition))
    sessions.set(partition, session)
  }
  return session
}

export const session = strict('session', {
  fromPartition,
  get defaultSession() {
    return fromPartition('')
  },
})

import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import type { PerspectiveClient } from '../perspective/perspective-client.ts'
import { type ProxyConnection, type ProxyHandler, ProxyRefused, type ProxyRequest } from '../perspective/proxy-target.ts'
import type { PerspectiveProxy } from './hosted-app.ts'
import { openTabProxy } from './tab-proxy.ts'

/** What the local proxies ask: the client of the running relay, if there is one. */
export class LocalProxies implements ProxyHandler {
  readonly #client: () => PerspectiveClient | undefined
  /** Tabs that have a proxy port of their own, counted, so that no two share a Tor circuit. */
  #tabs = 0

  constructor(client: () => PerspectiveClient | undefined) {
    this.#client = client
  }

  open(request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection> {
    const client = this.#client()
    return client ? client.open(request, signal) : Promise.reject(new ProxyRefused('locked'))
  }

  resolve(request: ProxyRequest, signal: AbortSignal): Promise<string> {
    const client = this.#client()
    return client ? client.resolve(request, signal) : Promise.reject(new ProxyRefused('locked'))
  }

  /** A SOCKS5 port that leads through one perspective only. */
  openTab(choice: PerspectiveChoice): Promise<PerspectiveProxy> {
    return openTabProxy(this, choice, `tab ${++this.#tabs}`)
  }
}

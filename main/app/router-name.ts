import { isSpecialAddress } from '../lib/ip.ts'
import type { Gateway } from '../net/port-map/gateway.ts'
import { routerHttp } from '../net/port-map/router-http.ts'
import { isOnHost } from '../net/port-map/upnp-description.ts'
import { pageText } from './compare/page-text.ts'

const MAX_NAME = 60
/** Many routers lead from their first page to one for signing in. */
const MAX_REDIRECTS = 2

/**
 * What a home router calls itself: the title of its own page, such as "FRITZ!Box 7590". Harmless text, at most 60 characters; `undefined` when it shows
 * none, or is no router of a home. Asks nobody but the router, over HTTP.
 */
export async function routerName({ address, localAddress }: Gateway, signal: AbortSignal, port = 80): Promise<string | undefined> {
  if (!isSpecialAddress(address)) return undefined
  let url = new URL(`http://${address}:${port}/`)
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const { status, headers, body } = await routerHttp(url, localAddress, signal)
    if (status < 300 || status >= 400)
      return (await pageText(body, String(headers['content-type'] ?? 'text/html'))).title?.slice(0, MAX_NAME)
    const next = URL.parse(String(headers['location'] ?? ''), url)
    if (!next || !isOnHost(next, address)) return undefined
    url = next
  }
  return undefined
}

/** Asks each router once, and only when a person may have to open its page. */
export class RouterNames {
  #asked: string | undefined
  #name: string | undefined
  readonly #ending = new AbortController()

  /** To be called when the router did not do what it was asked for. */
  wanted(gateway: Gateway | undefined): void {
    if (!gateway || gateway.address === this.#asked) return
    this.#asked = gateway.address
    this.#name = undefined
    routerName(gateway, this.#ending.signal).then(
      name => {
        if (this.#asked === gateway.address) this.#name = name
      },
      // A router without a page is none the worse.
      () => {},
    )
  }

  of(gateway: Gateway): string | undefined {
    return gateway.address === this.#asked ? this.#name : undefined
  }

  stop(): void {
    this.#ending.abort()
  }
}

/** http, https, or an empty page: all that a tab may show. */
export function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return text === 'about:blank' || url?.protocol === 'http:' || url?.protocol === 'https:'
}

/** Where a frame of a page may go: Chromium itself keeps it from files and from pages of ours. */
const FRAME_SCHEMES = new Set(['http:', 'https:', 'data:', 'blob:', 'about:'])

/** Pages go where they like on the web, and nowhere else: not to files, not to our own pages, not to other programs. */
export function confineToWeb(details: { readonly url: string; readonly isMainFrame: boolean; preventDefault(): void }): void {
  const allowed = details.isMainFrame ? isWebAddress(details.url) : FRAME_SCHEMES.has(URL.parse(details.url)?.protocol ?? '')
  if (!allowed) details.preventDefault()
}

/** An address to be shown: what stands before an "@" may look like the site's name. */
export function withoutCredentials(url: string): string {
  const parsed = url.includes('@') ? URL.parse(url) : null
  if (!parsed || (parsed.username === '' && parsed.password === '')) return url
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/** The same page, encrypted. A port that is not the usual one stays: who speaks TLS there is for the site to say. */
function encrypted(url: string): string {
  return url.replace(/^http:/i, 'https:')
}

/** What becomes of a page's request. */
export type Upgrade =
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'upgrade'; readonly url: string }
  /** The encrypted site sends back to the plain one, which would go on for ever. */
  | { readonly kind: 'ask' }

/**
 * Pages are asked for encrypted, however they were asked for; plain http only at origins for which a person said so. Belongs to one
 * identity: a new one remembers nothing.
 */
export class HttpsFirst {
  readonly #plain = new Set<string>()
  /** Encrypted addresses that this navigation was upgraded to, each with what was asked for. */
  readonly #upgraded = new Map<string, string>()

  /** Plain http is good enough for this origin from now on. */
  allowPlain(url: string): void {
    const origin = URL.parse(url)?.origin
    if (origin !== undefined && origin !== 'null') this.#plain.add(origin)
  }

  /** Another navigation of the page begins, to `url`; its redirects belong to it. */
  begin(url: string): void {
    for (const better of this.#upgraded.keys()) if (better !== url) this.#upgraded.delete(better)
  }

  /** `url`: what the page itself (not what is in it) is to be loaded from. */
  decide(url: string): Upgrade {
    const parsed = URL.parse(url)
    if (parsed?.protocol !== 'http:' || this.#plain.has(parsed.origin)) return { kind: 'as-it-is' }
    const better = encrypted(parsed.href)
    if (this.#upgraded.has(better)) return { kind: 'ask' }
    this.#upgraded.set(better, parsed.href)
    return { kind: 'upgrade', url: better }
  }

  /** Where to go when a person, not a page, asks for `url`: at once to the better address, so that the other one is not even dialled. */
  aim(url: string): string {
    this.#upgraded.clear()
    const upgrade = this.decide(url)
    return upgrade.kind === 'upgrade' ? upgrade.url : url
  }

  /** What was asked for before it was upgraded to `url`; undefined when nobody asked for less. */
  plainOf(url: string): string | undefined {
    return this.#upgraded.get(URL.parse(url)?.href ?? url)
  }
}

/** Failures that say nothing of whether a site speaks TLS: the way there is missing, or the name. */
const NOT_THE_SITE = new Set([
  'ERR_PROXY_CONNECTION_FAILED',
  'ERR_NAME_NOT_RESOLVED',
  'ERR_INTERNET_DISCONNECTED',
  'ERR_BLOCKED_BY_CLIENT',
  'ERR_NETWORK_CHANGED',
])
/** Of what our proxy says, what a site that listens on its plain port alone would cause. */
const THE_SITE = new Set(['connection-refused', 'timeout', 'host-unreachable'])

/** Whether a failed encrypted load is worth the question "without encryption?". A bad certificate never is. */
export function mayAskForPlain(code: string, refusal: string | undefined): boolean {
  if (isCertificateError(code) || NOT_THE_SITE.has(code)) return false
  return refusal === undefined || THE_SITE.has(refusal)
}

/** Chromium's names of what is wrong with a certificate, or with who vouches for it. */
export function isCertificateError(code: string): boolean {
  return /^ERR_CERT_|^ERR_SSL_(PINNED_KEY|KEY_USAGE)|^ERR_CERTIFICATE_/.test(code)
}

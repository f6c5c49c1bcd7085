/**
 * What a proxy user asks to look through, as it is written in a SOCKS5 user name or in proxy credentials. The same shape as
 * `Choice` of the contract, without `off`: whoever names a perspective wants one.
 */
export type PerspectiveChoice =
  | { readonly kind: 'any' }
  | { readonly kind: 'country'; readonly country: string }
  | { readonly kind: 'relay'; readonly fingerprint: string }
  | { readonly kind: 'list'; readonly list: string }
  | { readonly kind: 'tor'; readonly country?: string }

/** What may stand behind the choice, to keep two users of one choice apart: `tor+work` and `tor+home` never share a Tor circuit. */
const LABEL = /\+[a-z0-9._-]{1,32}$/

/**
 * Parses a user name: a country code (`se`), a fingerprint (`$` + 40 hex), `any`, `list-` and the id of one of the owner's lists, or
 * `tor` / `tor-se` for an ordinary three-hop circuit; then, if wanted, `+` and a label of up to 32 letters, digits, `.`, `_` and `-`. Case does not matter. `undefined` when the text
 * is none of these, so that a typing error is refused and never silently becomes some other perspective.
 */
export function parseChoiceName(text: string): PerspectiveChoice | undefined {
  if (text.length > 41 + 33) return undefined
  const name = text.toLowerCase().replace(LABEL, '')
  if (name === 'any') return { kind: 'any' }
  if (name === 'tor') return { kind: 'tor' }
  if (/^tor-[a-z]{2}$/.test(name)) return { kind: 'tor', country: name.slice(4) }
  if (/^list-[a-z0-9]{1,20}$/.test(name)) return { kind: 'list', list: name.slice(5) }
  if (/^[a-z]{2}$/.test(name)) return { kind: 'country', country: name }
  if (/^\$[0-9a-f]{40}$/.test(name)) return { kind: 'relay', fingerprint: name.slice(1).toUpperCase() }
  return undefined
}

/** The user name that {@link parseChoiceName} reads back as the same choice. */
export function formatChoiceName(choice: PerspectiveChoice): string {
  switch (choice.kind) {
    case 'any':
      return 'any'
    case 'country':
      return choice.country
    case 'relay':
      return `$${choice.fingerprint}`
    case 'list':
      return `list-${choice.list}`
    case 'tor':
      return choice.country === undefined ? 'tor' : `tor-${choice.country}`
    default:
      return choice satisfies never
  }
}

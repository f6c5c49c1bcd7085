/** Lists of digests in directory URLs (dir-spec 4.2-4.4): what cannot be one is left out, doubles count once. */

const HEX40 = /^[0-9A-F]{40}$/
const BASE64_43 = /^[A-Za-z0-9+/]{43}$/

/** "<40 hex>+<40 hex>+…" as upper-case hex. */
export function parseHexDigests(text: string): string[] {
  return unique(
    text
      .toUpperCase()
      .split('+')
      .filter(item => HEX40.test(item)),
  )
}

/** "<43 base64>-<43 base64>-…" (SHA-256 without '='). */
export function parseBase64Digests(text: string): string[] {
  return unique(text.split('-').filter(item => BASE64_43.test(item)))
}

/** "<40 hex>-<40 hex>+…", upper-case: authority identity and signing key of certificates. */
export function parseDigestPairs(text: string): { identity: string; signingKeyDigest: string }[] {
  return unique(text.toUpperCase().split('+'))
    .map(item => item.split('-'))
    .filter(pair => pair.length === 2 && pair.every(item => HEX40.test(item)))
    .map(([identity, signingKeyDigest]) => ({ identity: identity!, signingKeyDigest: signingKeyDigest! }))
}

function unique(items: string[]): string[] {
  return [...new Set(items)]
}

import { sha256 } from '../crypto/digest.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { PracticePlace } from './geography.ts'
import type { Offer } from './site-offers.ts'

/** Who visits the practice site, as far as its address tells. */
export interface Visitor {
  readonly address: IpAddress
  readonly place: PracticePlace | undefined
  /** Nickname of the practice relay that has this address. */
  readonly relay: string | undefined
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5a6474;--page:#f4f5f8;--card:#fff;--line:#d9dde5;--mark:#6a3fb5}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaf0;--soft:#a3abbb;--page:#14171d;--card:#1e222b;--line:#343a46;--mark:#b794f6}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--page);color:var(--ink);
font:1rem/1.55 system-ui,sans-serif}
main{width:min(38rem,100%);padding:2rem 2.25rem;background:var(--card);border:1px solid var(--line);border-radius:.9rem}
p{margin:.4rem 0 0;color:var(--soft)}
h1{margin:0;font-size:clamp(1.5rem,5vw,2.1rem);line-height:1.25;text-wrap:balance}
h1 strong{color:var(--mark)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.45rem 1.25rem;margin:1.6rem 0;padding:1.2rem 0;border-block:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
a{color:var(--mark)}
`

/** Lets the page's own style in and nothing else: no script, no other source, no frame around it. */
export const SITE_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${sha256(Buffer.from(STYLE)).toString('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Text made safe between tags and inside quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

function row(name: string, value: string): string {
  return `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`
}

/** The page that shows a visitor where it appears to come from. `userAgent`: as the browser sent it. */
export function sitePage(visitor: Visitor, userAgent: string): string {
  const { address, place, relay } = visitor
  const where = place
    ? `You appear to come from <strong>${escapeHtml(place.countryName)}</strong>`
    : 'You appear to come from <strong>this computer</strong>'
  const how =
    relay === undefined
      ? place
        ? 'This address belongs to no relay that the practice network knows.'
        : 'No relay of the practice network stands between you and this page.'
      : `Your request left the network at the relay ${escapeHtml(relay)}.`
  const rows = [
    row('Address', address),
    ...(place ? [row('Place', `${place.town}, ${place.countryName}`)] : []),
    ...(relay === undefined ? [] : [row('Relay', relay)]),
    row('Browser', userAgent.slice(0, 300) || 'did not say'),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${place ? escapeHtml(`From ${place.countryName}`) : 'From this computer'} – practice site</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${where}</h1>
<p>${how}</p>
<dl>${rows.join('')}</dl>
<p>This is the web site of the practice network. It lives on this computer, and nothing you do here leaves it.
The same as <a href="/ip">plain text</a> or <a href="/json">JSON</a>. The <a href="/offers">practice shop</a> has other prices for everybody.</p>
</main>
</body>
</html>
`
}

/** The shop's page. */
export function offerPage({ title, lines }: Offer): string {
  const [first = '', ...rest] = lines
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – practice site</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(first)}</h1>
${rest.map(line => `<p>${escapeHtml(line)}</p>`).join('\n')}
</main>
</body>
</html>
`
}

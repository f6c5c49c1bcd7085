/** What a person finds who opens our DirPort in a browser: what this machine is, and who uses its address. */
export function frontPage(facts: { nickname: string; perspective: boolean }): string {
  const sharing = facts.perspective
    ? `<h2>Perspective access</h2>
<p>Operators of other relays may also browse the web from here, one hop, through a port of its own. Each of them has proved to be a relay
that is listed in Tor's public directory. Requests that seem to come from this address may be theirs.</p>`
    : ''
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>This is a Tor relay</title></head>
<body><h1>This is a Tor relay</h1>
<p>The relay “${facts.nickname}” is part of the Tor network, which helps people to use the Internet with privacy. It passes on encrypted
traffic of others; its operator cannot see who they are or what they do.</p>
${sharing}
<p>Software: Vantage. About Tor: https://www.torproject.org/</p></body></html>
`
}

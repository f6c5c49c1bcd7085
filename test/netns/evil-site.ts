// A web site that wants to know who really visits it, run inside a host.
import { createHash, X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import { makeLinkCertificate } from '../../main/crypto/x509.ts'
import { WORKER } from './evil-page.ts'

const visits: { readonly from: string; readonly host: string; readonly path: string }[] = []

/** Serves the page on port 443; answers with the switch by which Chromium takes its certificate for good. */
export async function startEvilSite(address: string): Promise<string> {
  const { keyPem, certPem } = makeLinkCertificate(Date.now())
  const server = createServer({ key: keyPem, cert: certPem }, (request, answer) => {
    const { host = '' } = request.headers
    visits.push({ from: request.socket.remoteAddress ?? '', host, path: request.url ?? '' })
    const url = new URL(request.url ?? '/', `https://${host}`)
    // Whoever believes these comes by other ways.
    answer.setHeader('alt-svc', 'h3=":443"; ma=3600')
    answer.setHeader('report-to', JSON.stringify({ group: 'x', max_age: 3600, endpoints: [{ url: `https://report.${host}/` }] }))
    answer.setHeader('nel', JSON.stringify({ report_to: 'x', max_age: 3600, success_fraction: 1, failure_fraction: 1 }))
    answer.setHeader('cache-control', 'no-store')
    const to = url.pathname === '/redirect' ? url.searchParams.get('to') : null
    if (to !== null) answer.writeHead(302, { location: to }).end()
    else if (url.pathname === '/worker.js') answer.writeHead(200, { 'content-type': 'text/javascript' }).end(WORKER)
    else if (url.pathname === '/')
      answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Evil</title><body><h1>Hello</h1>')
    else answer.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(443, address, resolve))
  const spki = new X509Certificate(certPem).publicKey.export({ type: 'spki', format: 'der' })
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`
}

export function visitors(): typeof visits {
  return visits
}

import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import { makeLinkCertificate } from '../../main/crypto/x509.ts'

/** A web site under every name, over http and https. Certificates of names that begin with "bad" are vouched for by nobody. */
export interface TestSite {
  readonly port: number
  readonly tlsPort: number
  /** Makes Chromium trust the good certificate. */
  readonly chromiumSwitch: string
  stop(): void
}

export async function startTestSite(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestSite> {
  const [good, bad] = [makeLinkCertificate(Date.now()), makeLinkCertificate(Date.now())]
  const context = ({ keyPem, certPem }: typeof good) => createSecureContext({ key: keyPem, cert: certPem })
  const badContext = context(bad)
  const plain = createServer(answer)
  const tls = createTlsServer(
    {
      key: good.keyPem,
      cert: good.certPem,
      SNICallback: (name, callback) => callback(null, name.startsWith('bad') ? badContext : undefined),
    },
    answer,
  )
  for (const server of [plain, tls]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const spki = new X509Certificate(good.certPem).publicKey.export({ type: 'spki', format: 'der' })
  const hash = createHash('sha256').update(spki).digest('base64')
  return {
    port: (plain.address() as AddressInfo).port,
    tlsPort: (tls.address() as AddressInfo).port,
    chromiumSwitch: `--ignore-certificate-errors-spki-list=${hash}`,
    stop: () => {
      for (const server of [plain, tls]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'
import { readWebCertificate, type WebCertificate } from '../crypto/web-certificate.ts'
import type { LinkCertificate } from '../crypto/x509.ts'
import { ipToBytes } from '../lib/ip.ts'
import { ConnectError } from './connect-error.ts'

/** What a browser would not accept about a certificate. */
export type WebCertificateProblem = 'expired' | 'not-yet-valid' | 'self-signed' | 'unknown-issuer' | 'other-name' | 'other'

export interface WebTls {
  /** Carries the content; not to be used when there is a problem. */
  readonly stream: Duplex
  readonly certificate: WebCertificate
  readonly problem: WebCertificateProblem | undefined
}

const HANDSHAKE_MS = 15_000
/** OpenSSL's verdicts, by the names that Node gives them in OpenSSL and in BoringSSL. */
const PROBLEMS: Readonly<Record<string, WebCertificateProblem>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-issuer',
  CERT_UNTRUSTED: 'unknown-issuer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
}

/** By the extra roots in them; reading hundreds of roots takes a while. */
const contexts = new Map<string, tls.SecureContext>()

function contextOf(extraRoots: readonly string[]): tls.SecureContext {
  const key = extraRoots.join('')
  let context = contexts.get(key)
  if (!context) {
    context = tls.createSecureContext({ ca: [...trustedRoots(), ...extraRoots], minVersion: 'TLSv1.2' })
    contexts.set(key, context)
  }
  return context
}

/** The system's roots, as its browsers use them, and those that come with Node; where there is no asking the system, the latter alone. */
function trustedRoots(): string[] {
  try {
    return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
  } catch {
    return [...tls.rootCertificates]
  }
}

/**
 * Begins TLS as a web browser's would be over any stream: the server's name is sent, HTTP/1.1 offered, and the certificate checked against the
 * trusted roots and the name. What a browser would refuse is told, not passed over. Rejects with {@link ConnectError}; the carrier is then gone.
 */
export function startWebTls(
  carrier: Duplex,
  options: { readonly host: string; readonly extraRoots?: readonly string[]; readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<WebTls> {
  const { host, signal } = options
  const socket = tls.connect({
    socket: carrier,
    ...(ipToBytes(host) ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    secureContext: contextOf(options.extraRoots ?? []),
    // Looked at below: a refusal would hide the certificate that is refused.
    rejectUnauthorized: false,
    // Against our own reading of the certificate, below.
    checkServerIdentity: () => undefined,
  })
  return new Promise((resolve, reject) => {
    const settle = (error?: ConnectError) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('secureConnect', onSecure)
      socket.off('error', onError)
      socket.off('close', onClose)
      const answer = error ?? readPeer(socket, host)
      if (!(answer instanceof ConnectError)) return resolve(answer)
      socket.on('error', () => {})
      socket.destroy()
      carrier.destroy()
      reject(answer)
    }
    const onAbort = () => settle(new ConnectError('ABORTED', 'aborted'))
    const timer = setTimeout(() => settle(new ConnectError('TIMEOUT', 'no TLS handshake in time')), options.timeoutMs ?? HANDSHAKE_MS)
    const onSecure = () => settle()
    const onError = (error: Error) => settle(ConnectError.from(error))
    const onClose = () => settle(new ConnectError('TLS', 'closed during the TLS handshake'))
    socket.on('secureConnect', onSecure)
    socket.on('error', onError)
    socket.on('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

function readPeer(socket: tls.TLSSocket, host: string): WebTls | ConnectError {
  const certDer = socket.getPeerCertificate().raw
  if (!certDer) return new ConnectError('TLS', 'the server showed no certificate')
  try {
    const certificate = readWebCertificate(certDer)
    const verdict = socket.authorized ? undefined : (PROBLEMS[String(socket.authorizationError)] ?? 'other')
    return { stream: socket, certificate, problem: verdict ?? (certificate.isFor(host) ? undefined : 'other-name') }
  } catch (error) {
    // Whatever it is: an exception would be lost in the handshake, and nobody told.
    return new ConnectError('TLS', 'the server showed a certificate that cannot be read', { cause: error })
  }
}

/** Ends TLS for a web server: give the answer the raw sockets. Connections that do not come to TLS in time are closed. */
export function webTlsServer(certificate: LinkCertificate, onConnection: (socket: tls.TLSSocket) => void): (raw: Socket) => void {
  const server = tls.createServer(
    {
      key: certificate.keyPem,
      cert: certificate.certPem,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: HANDSHAKE_MS,
    },
    onConnection,
  )
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return raw => void server.emit('connection', raw)
}

import type { Duplex } from 'node:stream'
import { connect, createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls'
import { randomBytes, randomInt } from '../crypto/random.ts'
import { type LinkCertificate, makeLinkCertificate } from '../crypto/x509.ts'
import { type IpAddress, socketAddress } from '../lib/ip.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { ByteLink, LinkEvents } from './byte-link.ts'
import { ConnectError, type ConnectOptions } from './connect-error.ts'
import { type Listener, type ListenTcpOptions, listenTcp } from './listener.ts'
import { connectTcp } from './tcp.ts'

/** SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION; numbers, since BoringSSL has no constant for the second (and never renegotiates). */
const SECURE_OPTIONS = 0x4000 | 0x4000_0000
const HANDSHAKE_MS = 10_000
const END_MS = 1_000
/** Age at which a link certificate is replaced (tor-spec 2: at least once a day; C tor: two hours). */
export const LINK_CERTIFICATE_LIFETIME_MS = 2 * 3_600_000

/** An established TLS connection as channels use it. */
export class TlsLink implements ByteLink {
  readonly initiated: boolean
  readonly remoteAddress: IpAddress
  readonly remotePort: number
  readonly localAddress: IpAddress
  /** DER of the responder's certificate: ours if we accepted the connection, the peer's if we opened it. */
  readonly certificate: Buffer
  /** Fulfilled when the connection is closed for good. */
  readonly gone: Promise<void>
  readonly #socket: TLSSocket
  #events: LinkEvents | undefined
  #error: Error | undefined
  #endTimer: NodeJS.Timeout | undefined

  constructor(socket: TLSSocket, initiated: boolean, certificate: Buffer) {
    this.initiated = initiated
    this.certificate = certificate
    this.remoteAddress = socketAddress(socket.remoteAddress)
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = socketAddress(socket.localAddress)
    this.#socket = socket
    socket.on('error', error => {
      this.#error = error
    })
    socket.once('end', () => this.destroy())
    this.gone = new Promise(resolve => {
      socket.once('close', () => {
        clearTimeout(this.#endTimer)
        resolve()
        this.#events?.onClose(this.#error)
      })
    })
  }

  get closed(): boolean {
    return this.#socket.destroyed
  }

  /** RFC 5705 exporter. */
  exportKeyingMaterial(length: number, label: string, context: Buffer): Buffer {
    return this.#socket.exportKeyingMaterial(length, label, context)
  }

  attach(events: LinkEvents): void {
    const first = this.#events === undefined
    this.#events = events
    if (first) {
      this.#socket.on('data', (chunk: Buffer) => this.#events!.onData(chunk))
      if (this.#socket.closed) setImmediate(() => this.#events!.onClose(this.#error))
    }
  }

  write(data: Buffer, written: () => void): void {
    this.#socket.write(data, error => {
      if (!error) written()
    })
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    if (this.#socket.destroyed || this.#endTimer) return
    // Not destroyed as soon as all is sent: that would reset the connection while the peer may still be reading. Its own end follows, or the time limit.
    this.#endTimer = setTimeout(() => this.destroy(), END_MS)
    this.#socket.end()
    this.#socket.resume()
  }

  destroy(): void {
    clearTimeout(this.#endTimer)
    this.#socket.destroy()
  }
}

/** The link certificate of now: a new one, with a new key, every two hours. */
export class LinkCertificates {
  #current: { readonly certificate: LinkCertificate; readonly madeAt: number } | undefined
  #previous: LinkCertificate | undefined

  current(now: number): LinkCertificate {
    const age = now - (this.#current?.madeAt ?? Number.NEGATIVE_INFINITY)
    if (!this.#current || age >= LINK_CERTIFICATE_LIFETIME_MS || age < 0) {
      this.#previous = this.#current?.certificate
      this.#current = { certificate: makeLinkCertificate(now), madeAt: now }
    }
    return this.#current.certificate
  }

  /** Whether this DER is our link certificate of now, or the one before it. */
  isOurs(certDer: Uint8Array): boolean {
    return [this.#current?.certificate, this.#previous].some(certificate => certificate?.certDer.equals(certDer))
  }
}

export interface ListenTlsOptions {
  readonly host: IpAddress
  /** 0 = any free one. */
  readonly port: number
  /** Asked for at every connection: the link certificate of now. */
  readonly certificate: () => LinkCertificate
  readonly onConnection: (link: TlsLink) => void
  readonly limits?: ListenTcpOptions['limits']
  readonly admits?: ListenTcpOptions['admits']
  /** ms, default 10 000 */
  readonly handshakeMs?: number
}

/**
 * Listens for TLS links: TLS ≥ 1.2, no client certificate asked for, no session tickets, no resumption, no renegotiation (tor-spec 2).
 * Rejects with {@link ConnectError}.
 */
export async function listenTls(options: ListenTlsOptions): Promise<Listener> {
  // One server object per link certificate, never listening itself: so every connection knows which certificate it was given.
  let server: Server | undefined
  let certificate: LinkCertificate | undefined
  const terminator = () => {
    const wanted = options.certificate()
    if (!server || certificate !== wanted) {
      certificate = wanted
      server = tlsServer(wanted, options)
    }
    return server
  }
  terminator()
  return listenTcp({
    host: options.host,
    port: options.port,
    limits: options.limits,
    admits: options.admits,
    onConnection: socket => terminator().emit('connection', socket),
  })
}

function tlsServer(certificate: LinkCertificate, options: ListenTlsOptions): Server {
  const server = createServer(
    {
      key: certificate.keyPem,
      cert: certificate.certPem,
      minVersion: 'TLSv1.2',
      secureOptions: SECURE_OPTIONS,
      handshakeTimeout: options.handshakeMs ?? HANDSHAKE_MS,
    },
    socket => options.onConnection(new TlsLink(socket, false, certificate.certDer)),
  )
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}

/** Any certificate will do here: what it is worth is decided by the CERTS cell. So one context serves all connections. */
let clientContext: ReturnType<typeof createSecureContext> | undefined

/** Opens a TLS link to an IP address, with a made-up server name, and accepts any certificate. Rejects with {@link ConnectError}. */
export async function connectTls(options: ConnectOptions): Promise<TlsLink> {
  const timeoutMs = options.timeoutMs ?? HANDSHAKE_MS
  const deadline = steadyNow() + timeoutMs
  const tcp = await connectTcp({ ...options, timeoutMs })
  const { socket, certificate } = await startTls(tcp, Math.max(1, deadline - steadyNow()), options.signal)
  return new TlsLink(socket, true, certificate)
}

/** The certificate (DER) that a TLS server at the other end of any stream shows; the stream is not usable afterwards. */
export async function peerCertificateOver(stream: Duplex, signal?: AbortSignal): Promise<Buffer> {
  const { socket, certificate } = await startTls(stream, HANDSHAKE_MS, signal)
  socket.on('error', () => {})
  socket.destroy()
  return certificate
}

function startTls(
  carrier: Duplex,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly socket: TLSSocket; readonly certificate: Buffer }> {
  clientContext ??= createSecureContext({ minVersion: 'TLSv1.2', secureOptions: SECURE_OPTIONS })
  const socket = connect({ socket: carrier, servername: randomServerName(), rejectUnauthorized: false, secureContext: clientContext })
  return new Promise((resolve, reject) => {
    const settle = (error?: ConnectError) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('secureConnect', onSecure)
      socket.off('error', onError)
      socket.off('close', onClose)
      const certificate = error ? undefined : socket.getPeerCertificate().raw
      if (certificate) {
        resolve({ socket, certificate })
        return
      }
      socket.on('error', () => {})
      socket.destroy()
      carrier.destroy()
      reject(error ?? new ConnectError('TLS', 'the peer showed no certificate'))
    }
    const onAbort = () => settle(new ConnectError('ABORTED', 'aborted'))
    const timer = setTimeout(() => settle(new ConnectError('TIMEOUT', 'no TLS handshake in time')), timeoutMs)
    const onSecure = () => settle()
    const onError = (error: Error) => settle(ConnectError.from(error))
    const onClose = () => settle(new ConnectError('TLS', 'closed during the TLS handshake'))
    socket.on('secureConnect', onSecure)
    socket.on('error', onError)
    socket.on('close', onClose)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
  })
}

/** "www." + 4–25 random base32 letters + ".com", as every Tor client sends. */
function randomServerName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  return `www.${Array.from(randomBytes(randomInt(4, 26)), n => letters[n & 31]).join('')}.com`
}

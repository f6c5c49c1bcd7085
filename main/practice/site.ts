import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import { sha256 } from '../crypto/digest.ts'
import type { LinkCertificate } from '../crypto/x509.ts'
import { formatHostPort, type IpAddress, socketAddress } from '../lib/ip.ts'
import type { Service } from '../lib/service.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import { webTlsServer } from '../net/web-tls.ts'
import { PatternStream } from './pattern.ts'
import { offerFor } from './site-offers.ts'
import { offerPage, SITE_SECURITY_POLICY, sitePage, type Visitor } from './site-page.ts'

/** Largest body served at /bytes/<n> and taken at /upload. */
export const SITE_MAX_BYTES = 64 * 1024 * 1024
/** Uploads are held in memory until they can be hashed; further ones are told to come again. */
const MAX_UPLOADS = 4
const MAX_CONNECTIONS = 500

export interface PracticeSiteOptions {
  readonly host: IpAddress
  /** Default 0: any free port. */
  readonly port?: number
  /** Of the same site over https, at any free port; absent: there is none. */
  readonly certificate?: LinkCertificate
  /** Who has this address. */
  visitor(address: IpAddress): Visitor
}

/**
 * The web site of the practice network: it shows every visitor where it appears to come from.
 * `/` HTML · `/offers` HTML, 302 or 451 by country · `/ip` text · `/json` · `/bytes/<n>` n bytes, always the same ones (see pattern.ts) · `POST /upload` answers the SHA-256 of the body.
 */
export class PracticeSite implements Service {
  readonly #options: PracticeSiteOptions
  readonly #server: Server
  #secure: Listener | undefined
  #uploads = 0

  constructor(options: PracticeSiteOptions) {
    this.#options = options
    this.#server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 }, (request, response) =>
      this.#answer(request, response),
    )
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  get address(): IpAddress {
    return this.#options.host
  }
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0
  }
  get url(): string {
    return `http://${formatHostPort(this.address, this.port)}/`
  }

  /** The port of the site over https. */
  get securePort(): number | undefined {
    return this.#secure?.port
  }

  async start(): Promise<void> {
    await this.#listen()
    const { certificate, host } = this.#options
    if (!certificate) return
    const onConnection = webTlsServer(certificate, socket => this.#server.emit('connection', socket))
    this.#secure = await listenTcp({ host, port: 0, onConnection, limits: { total: MAX_CONNECTIONS } })
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: this.#options.host, port: this.#options.port ?? 0 }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async stop(): Promise<void> {
    await this.#secure?.close()
    this.#secure = undefined
    return new Promise(resolve => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('Content-Security-Policy', SITE_SECURITY_POLICY)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer')
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path === '/upload') return this.#upload(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(response, 405, 'Only GET here.')
    const visitor = this.#options.visitor(socketAddress(request.socket.remoteAddress))
    const bytes = /^\/bytes\/(\d{1,9})$/.exec(path)
    if (bytes) return this.#bytes(Number(bytes[1]), request, response)
    switch (path) {
      case '/':
        return send(response, 200, 'text/html', sitePage(visitor, request.headers['user-agent'] ?? ''))
      case '/offers':
      case '/offers/eu': {
        const offer = offerFor(visitor.place, path)
        if (offer.location) response.setHeader('Location', offer.location)
        return send(response, offer.status, 'text/html', offerPage(offer))
      }
      case '/ip':
        return text(response, 200, visitor.address)
      case '/json':
        return send(response, 200, 'application/json', `${JSON.stringify(describe(visitor))}\n`)
      default:
        return text(response, 404, 'Nothing here.')
    }
  }

  #bytes(length: number, request: IncomingMessage, response: ServerResponse): void {
    if (length > SITE_MAX_BYTES) return text(response, 400, `At most ${SITE_MAX_BYTES} bytes.`)
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': length })
    if (request.method === 'HEAD') response.end()
    else pipeline(new PatternStream(length), response, () => {})
  }

  #upload(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') return text(response, 405, 'Only POST here.')
    if (this.#uploads >= MAX_UPLOADS) return refuse(response, 503, 'Too many uploads at once.')
    if (Number(request.headers['content-length'] ?? 0) > SITE_MAX_BYTES) return refuse(response, 413, `At most ${SITE_MAX_BYTES} bytes.`)
    const parts: Buffer[] = []
    let length = 0
    this.#uploads++
    request.once('close', () => {
      this.#uploads--
    })
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length <= SITE_MAX_BYTES) parts.push(part)
      else if (!response.headersSent) {
        parts.length = 0
        refuse(response, 413, `At most ${SITE_MAX_BYTES} bytes.`)
      }
    })
    request.on('end', () => {
      if (!response.headersSent) text(response, 200, sha256(...parts, Buffer.alloc(0)).toString('hex'))
    })
  }
}

function describe({ address, place, relay }: Visitor): Record<string, string | null> {
  return {
    address,
    country: place?.country ?? null,
    countryName: place?.countryName ?? null,
    town: place?.town ?? null,
    relay: relay ?? null,
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': bytes.length })
  response.end(bytes)
}

function text(response: ServerResponse, status: number, body: string): void {
  send(response, status, 'text/plain', `${body}\n`)
}

/** Answers without reading the rest of the body; the connection cannot go on. */
function refuse(response: ServerResponse, status: number, body: string): void {
  response.setHeader('Connection', 'close')
  text(response, status, body)
}

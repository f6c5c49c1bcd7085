import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { bindContract, type ContractTransport, type HostCalls } from '../app/contract.ts'
import type { HostedApp } from '../app/hosted-app.ts'
import { readUiFiles, type UiFile } from '../app/ui-files.ts'
import { UiSessions } from './ui-session.ts'
import { webSocketTransport } from './ui-socket.ts'

const LOOPBACK = '127.0.0.1'
/** Where the UI's WebSocket is. */
const SOCKET_PATH = '/ws'
const MAX_CONNECTIONS = 64
const MAX_SOCKETS = 16
/** The largest frame a UI may send, in bytes. */
const MAX_FRAME = 256 * 1024
const HEADERS_MS = 10_000
const PING_MS = 30_000

export interface UiServerOptions {
  readonly app: HostedApp
  /** The built renderer. */
  readonly folder: string
  /** On loopback; 0: any free one. */
  readonly port: number
  /** What people type to start Vantage. */
  readonly program: string
  readonly hostCalls?: HostCalls
}

/**
 * Serves the UI to a browser on this machine. Loopback is no protection by itself: every web page the user opens can send requests
 * here, and any name can be made to resolve to 127.0.0.1. So each request must name us in Host (DNS rebinding: 421), carry the
 * session's cookie (SameSite=Strict), and a WebSocket must come from our own page (Origin).
 */
export class UiServer {
  readonly #options: UiServerOptions
  readonly #sessions = new UiSessions()
  readonly #http: Server
  readonly #sockets: WebSocketServer
  #files: ReadonlyMap<string, UiFile> = new Map()
  #port = 0
  #pings: NodeJS.Timeout | undefined

  constructor(options: UiServerOptions) {
    this.#options = options
    this.#http = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, maxHeaderSize: 8192, keepAliveTimeout: 5000 })
    this.#http.maxConnections = MAX_CONNECTIONS
    this.#http.on('request', (request, response) => this.#serve(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false })
  }

  /** Rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had. */
  async start(): Promise<void> {
    this.#files = await readUiFiles(this.#options.folder)
    this.#http.listen({ host: LOOPBACK, port: this.#options.port })
    await once(this.#http, 'listening')
    this.#port = (this.#http.address() as AddressInfo).port
    this.#pings = setInterval(() => this.#endDeadSockets(), PING_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#pings)
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.closeAllConnections()
    if (this.#http.listening) await new Promise(resolve => this.#http.close(resolve))
  }

  /** An address that opens the UI once. */
  issueAddress(): string {
    return `http://${LOOPBACK}:${this.#port}/login?token=${this.#sessions.issueToken()}`
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#setSecurityHeaders(response)
    if (!this.#isOurHost(request)) return end(response, 421)
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
    const [path = '', query] = (request.url ?? '').split('?', 2)
    if (path === '/login') return this.#login(request, response, new URLSearchParams(query).get('token') ?? '')
    if (!this.#hasSession(request)) return end(response, 403, `Open the address that Vantage printed. It works once; ${this.#again}`)
    const file = this.#files.get(path)
    if (!file) return this.#files.size === 0 ? end(response, 503, 'The UI is not built: npm run build') : end(response, 404)
    response.setHeader('content-type', file.type).setHeader('content-length', file.body.length)
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  #login(request: IncomingMessage, response: ServerResponse, token: string): void {
    // Whoever is in already (the address opened twice in one browser) stays in, and no token is spent.
    const session = this.#hasSession(request) ? undefined : this.#sessions.redeem(token)
    if (session === undefined && !this.#hasSession(request)) return end(response, 403, `This address was used already; ${this.#again}`)
    if (session !== undefined) response.setHeader('set-cookie', `${this.#cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`)
    response.setHeader('location', '/')
    end(response, 303)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    // Whoever is refused and keeps his end open would hold one of our few connections for ever.
    const refuse = (status: string) =>
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
    if (!this.#isOurHost(request)) return void refuse('421 Misdirected Request')
    if (request.headers.origin !== `http://${request.headers.host}` || !this.#hasSession(request)) return void refuse('403 Forbidden')
    if (request.url !== SOCKET_PATH) return void refuse('404 Not Found')
    if (this.#sockets.clients.size >= MAX_SOCKETS) return void refuse('503 Service Unavailable')
    this.#sockets.handleUpgrade(request, socket, head, client => this.#connect(client))
  }

  #connect(client: WebSocket): void {
    const transport: ContractTransport = webSocketTransport(client)
    const unbind = bindContract(this.#options.app, transport, this.#options.hostCalls)
    client.on('error', () => client.terminate())
    client.on('close', unbind)
    alive.add(client)
    client.on('pong', () => alive.add(client))
  }

  #endDeadSockets(): void {
    for (const client of this.#sockets.clients) {
      if (!alive.delete(client)) client.terminate()
      else client.ping()
    }
  }

  #isOurHost(request: IncomingMessage): boolean {
    return request.headers.host === `${LOOPBACK}:${this.#port}` || request.headers.host === `localhost:${this.#port}`
  }

  get #again(): string {
    return `"${this.#options.program} status" gives a new one.`
  }

  /** Cookies are shared by all ports of a host, so each server has its own name. */
  get #cookieName(): string {
    return `vantage-${this.#port}`
  }

  #hasSession(request: IncomingMessage): boolean {
    const prefix = `${this.#cookieName}=`
    const cookie = (request.headers.cookie ?? '').split('; ').find(pair => pair.startsWith(prefix))
    return cookie !== undefined && this.#sessions.isOpen(cookie.slice(prefix.length))
  }

  #setSecurityHeaders(response: ServerResponse): void {
    const sockets = `ws://${LOOPBACK}:${this.#port} ws://localhost:${this.#port}`
    const headers = {
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        `connect-src 'self' ${sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  }
}

/** Sockets that answered since the last ping. */
const alive = new WeakSet<WebSocket>()

function end(response: ServerResponse, status: number, text = ''): void {
  response.statusCode = status
  if (text !== '') response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(text)
}

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { WebWay } from '../../../main/app/compare/web-exchange.ts'
import type { LinkCertificate } from '../../../main/crypto/x509.ts'
import { webTlsServer } from '../../../main/net/web-tls.ts'
import { duplexConnection, type ProxyRequest } from '../../../main/perspective/proxy-target.ts'

/** What a hostile or ordinary web server does with a connection, once the request's head has come. */
export type Behaviour = (socket: Socket, request: string) => void

/** A web server that does as told, and the way of a column to it, whatever host is asked for. */
export class WebServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The heads of the requests that came. */
  readonly requests: string[] = []
  readonly port: number

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async start(behave: Behaviour, certificate?: LinkCertificate, host = '127.0.0.1'): Promise<WebServer> {
    const server = createServer({ allowHalfOpen: false })
    server.listen(0, host)
    await once(server, 'listening')
    const web = new WebServer(server, (server.address() as { port: number }).port)
    const serve = (socket: Socket) => {
      let head = ''
      socket.on('error', () => {})
      socket.on('data', data => {
        head += data.toString('latin1')
        if (!head.endsWith('\r\n\r\n')) return
        web.requests.push(head)
        behave(socket, head)
        head = ''
      })
    }
    const onConnection = certificate ? webTlsServer(certificate, serve) : serve
    server.on('connection', socket => {
      web.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => web.#sockets.delete(socket))
      onConnection(socket)
    })
    return web
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Leads here, and notes what was asked for. */
  way(asked: ProxyRequest[] = [], through?: string): WebWay {
    return {
      choice: { kind: 'country', country: 'se' },
      user: 'test',
      isHome: false,
      handler: {
        open: async request => {
          asked.push(request)
          const socket = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true })
          await once(socket, 'connect')
          return { ...duplexConnection(socket, '192.0.2.80'), through }
        },
      },
    }
  }

  /** Resolves when nobody is connected any more; the test's own time is the limit. */
  async left(): Promise<void> {
    while (this.connections > 0) await new Promise(resolve => setImmediate(resolve))
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** An answer with its length. */
export const answer = (body: string | Buffer, fields = '', status = '200 OK'): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${fields}\r\n`, 'latin1'),
    Buffer.from(body as string),
  ])

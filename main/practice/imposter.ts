import { WebAuthority } from '../crypto/web-authority.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { Service } from '../lib/service.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import { webTlsServer } from '../net/web-tls.ts'
import { TAMPERED_NAME } from './members.ts'

const PAGE = 'This is not the practice site.\n'

/**
 * Somebody who pretends to be the practice site, for visitors whom a tampering relay leads here. As such people mostly do, it shows a certificate that
 * nobody trusted has signed.
 */
export class Imposter implements Service {
  readonly #host: IpAddress
  readonly #port: number
  #listener: Listener | undefined

  constructor(host: IpAddress, port: number) {
    this.#host = host
    this.#port = port
  }

  async start(): Promise<void> {
    const now = Date.now()
    const certificate = new WebAuthority('Nobody in particular', 'Imposter', now).issue('Nobody in particular', [TAMPERED_NAME], now)
    const onConnection = webTlsServer(certificate, socket => {
      socket.on('error', () => {})
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${PAGE.length}\r\nConnection: close\r\n\r\n${PAGE}`),
      )
    })
    this.#listener = await listenTcp({ host: this.#host, port: this.#port, onConnection, limits: { total: 100 } })
  }

  async stop(): Promise<void> {
    await this.#listener?.close()
    this.#listener = undefined
  }
}

import { type IpAddress, socketAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { ConnectionRate } from '../net/connection-rate.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import type { DirectoryServer } from './server.ts'

export interface DirPortOptions {
  readonly server: DirectoryServer
  readonly host: IpAddress
  /** 0: any free port. */
  readonly port: number
  readonly log?: ScopedLog
}

/** Sockets, those that linger after their answer included. */
const LIMITS = { total: 1000, perAddress: 100 }
/** A connection is one question here, and a newcomer asks many at once. */
const RATE = { rate: 20, burst: 100, shutMs: 1000 }

/** The DirPort: directory service over plain TCP. */
export class DirPort {
  readonly #listener: Listener
  /** On all connections that have ended, since it was opened. */
  readonly bytes: { readonly read: number; readonly written: number }

  private constructor(listener: Listener, bytes: DirPort['bytes']) {
    this.#listener = listener
    this.bytes = bytes
  }

  /** Rejects with the listener's error (net/listener.ts). */
  static async open(options: DirPortOptions): Promise<DirPort> {
    const bytes = { read: 0, written: 0 }
    const rate = new ConnectionRate(() => RATE)
    const listener = await listenTcp({
      host: options.host,
      port: options.port,
      limits: LIMITS,
      admits: address => rate.admits(address),
      onConnection: socket => {
        socket.once('close', () => {
          bytes.read += socket.bytesRead
          bytes.written += socket.bytesWritten
        })
        options.server.serve(socket, { remoteAddress: socketAddress(socket.remoteAddress), tunnelled: false })
      },
    })
    options.log?.info(`DirPort open on port ${listener.port}`)
    return new DirPort(listener, bytes)
  }

  get address(): IpAddress {
    return this.#listener.address
  }
  get port(): number {
    return this.#listener.port
  }

  /** Stops listening and ends every connection. */
  close(): Promise<void> {
    return this.#listener.close()
  }
}

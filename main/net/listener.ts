import { createServer, type Server, type Socket } from 'node:net'
import { type IpAddress, ipToBytes, socketAddress } from '../lib/ip.ts'
import { ConnectError } from './connect-error.ts'

/** How many connections a listener holds at once; more are closed without a word. */
export interface ListenerLimits {
  readonly total: number
  /** From one IPv4 address or one IPv6 /64. */
  readonly perAddress: number
}

const DEFAULT_LISTENER_LIMITS: ListenerLimits = { total: 10_000, perAddress: 100 }

/** An open port. */
export interface Listener {
  readonly address: IpAddress
  readonly port: number
  /** Connections held now. */
  readonly connections: number
  /** Stops listening and ends its sockets. */
  close(): Promise<void>
}

export interface ListenTcpOptions {
  readonly host: IpAddress
  /** 0 = any free one. */
  readonly port: number
  readonly onConnection: (socket: Socket) => void
  /** Asked for at every connection when it is a function. */
  readonly limits?: Partial<ListenerLimits> | (() => Partial<ListenerLimits>)
  /** Asked about every connection that the limits let in; refused ones are closed without a word. */
  readonly admits?: (address: IpAddress) => boolean
  /** Sockets without traffic for so long (ms) are destroyed; 0 or absent = never. */
  readonly idleMs?: number
}

/** What counts as one peer for the limits: an IPv4 address, or an IPv6 /64 (a household gets at least that many addresses). */
export function addressGroup(address: IpAddress): string {
  const bytes = ipToBytes(address)
  return bytes?.length === 16 ? bytes.toString('hex', 0, 8) : address
}

class TcpListener implements Listener {
  readonly address: IpAddress
  readonly port: number
  readonly #server: Server
  readonly #sockets: ReadonlySet<Socket>

  constructor(server: Server, sockets: ReadonlySet<Socket>) {
    const bound = server.address() as { address: string; port: number }
    this.address = socketAddress(bound.address)
    this.port = bound.port
    this.#server = server
    this.#sockets = sockets
  }

  get connections(): number {
    return this.#sockets.size
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }
}

/** Listens on an address; rejects with {@link ConnectError} (EADDRINUSE, EACCES, EADDRNOTAVAIL …). */
export function listenTcp(options: ListenTcpOptions): Promise<Listener> {
  const given = options.limits
  const limitsOf = () => ({ ...DEFAULT_LISTENER_LIMITS, ...(typeof given === 'function' ? given() : given) })
  const sockets = new Set<Socket>()
  const perGroup = new Map<string, number>()
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 }, socket => {
    socket.on('error', ignore)
    const address = socketAddress(socket.remoteAddress)
    const group = addressGroup(address)
    const held = perGroup.get(group) ?? 0
    const limits = limitsOf()
    if (sockets.size >= limits.total || held >= limits.perAddress || options.admits?.(address) === false) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    perGroup.set(group, held + 1)
    socket.once('close', () => {
      sockets.delete(socket)
      const left = perGroup.get(group)! - 1
      if (left === 0) perGroup.delete(group)
      else perGroup.set(group, left)
    })
    if (options.idleMs) socket.setTimeout(options.idleMs, () => socket.destroy())
    options.onConnection(socket)
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(ConnectError.from(error, 'EADDRNOTAVAIL'))
    server.once('error', onError)
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', onError)
      // A failed accept (out of file descriptors) is the loss of one connection, not of the listener.
      server.on('error', ignore)
      resolve(new TcpListener(server, sockets))
    })
  })
}

function ignore(): void {}

import type { Socket } from 'node:net'
import type { IpAddress } from '../lib/ip.ts'

/** How many connections a listener holds at once. */
export interface ListenerLimits {
  readonly total: number
  readonly perAddress: number
}

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
  readonly limits?: Partial<ListenerLimits>
  /** Sockets idle for so long (ms) are destroyed; 0 = never. */
  readonly idleMs?: number
}
export function listenTcp(options: ListenTcpOptions): Promise<Listener> {
  throw new Error(`soon ${options}`)
}

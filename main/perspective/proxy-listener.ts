import type { IpAddress } from '../lib/ip.ts'
import type { PerspectiveChoice } from './choice-name.ts'
import type { ProxyHandler } from './proxy-target.ts'

export interface ProxyListenerOptions {
  readonly protocol: 'socks5' | 'http'
  /** 0 = any free one. There is no address to choose: it is 127.0.0.1, always (features.md T8). */
  readonly port: number
  readonly handler: ProxyHandler
  /** For a listener that serves one perspective only (a perspective window's): used in place of user names, which are then ignored. */
  readonly fixedChoice?: PerspectiveChoice
  readonly limits?: Partial<ProxyLimits>
}

export interface ProxyLimits {
  /** Connections at once. */
  readonly connections: number
  /** Milliseconds for a client to say what it wants. */
  readonly requestMs: number
  /** Milliseconds for the way to the destination to open. */
  readonly openMs: number
}

/** A local proxy: SOCKS5 (RFC 1928) or HTTP CONNECT on loopback. */
export interface ProxyListener {
  readonly host: IpAddress
  readonly port: number
  /** Stops listening and ends every connection. */
  close(): Promise<void>
}

/** Opens a local proxy; rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had. */
export function listenProxy(_options: ProxyListenerOptions): Promise<ProxyListener> {
  throw new Error('soon')
}

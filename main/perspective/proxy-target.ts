import type { Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import type { IpAddress } from '../lib/ip.ts'
import type { PerspectiveChoice } from './choice-name.ts'

/** What a program asked the local SOCKS5 or HTTP proxy for. */
export interface ProxyRequest {
  /** An IP address in canonical form, or a host name in lower case exactly as asked: 1–255 visible ASCII characters. */
  readonly host: string
  /** 1–65535. */
  readonly port: number
  /** The user name as sent; `undefined` without credentials. Requests of different users never share a circuit. */
  readonly user: string | undefined
  /** What the user name asks for; `undefined` without credentials: the choice made in the UI. */
  readonly choice: PerspectiveChoice | undefined
}

/** An open way to the destination, until `splice` or `abort`. */
export interface ProxyConnection {
  /** The address that the exit connected to, where it said so. */
  readonly address?: IpAddress
  /**
   * Carries bytes between the client's socket and the destination; called once, after the success was written. Owns both ends from
   * then on: each end's slowness holds the other back, and when the far end is over the socket is ended.
   */
  splice(client: Socket): void
  /** Closes it unused (the client went away meanwhile). */
  abort(): void
}

/** Opens what proxy clients ask for; the perspective client is one. */
export interface ProxyHandler {
  /** Rejects with {@link ProxyRefused}; any other error counts as `general`. Aborted when the client goes away or time is up. */
  open(request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection>
  /** Resolves a name at the far end (Tor's SOCKS extension RESOLVE, 0xF0); absent: the command is refused. `request.port` is 0. */
  resolve?(request: ProxyRequest, signal: AbortSignal): Promise<IpAddress>
}

/** Why nothing was opened: the code, the SOCKS5 reply (RFC 1928 section 6) and the HTTP status (RFC 9110) that say it. */
const REFUSALS = {
  general: { socks: 1, http: 502 },
  'not-allowed': { socks: 2, http: 403 },
  locked: { socks: 2, http: 403 },
  'no-relay': { socks: 3, http: 503 },
  'network-unreachable': { socks: 3, http: 502 },
  'host-unreachable': { socks: 4, http: 502 },
  'name-unknown': { socks: 4, http: 502 },
  'connection-refused': { socks: 5, http: 502 },
  timeout: { socks: 6, http: 504 },
  busy: { socks: 1, http: 503 },
} as const
export type ProxyRefusal = keyof typeof REFUSALS

export class ProxyRefused extends Error {
  override name = 'ProxyRefused'
  readonly code: ProxyRefusal
  readonly socks: number
  readonly http: number

  constructor(code: ProxyRefusal, options?: ErrorOptions) {
    super(code, options)
    this.code = code
    this.socks = REFUSALS[code].socks
    this.http = REFUSALS[code].http
  }

  /** The refusal that an error means. */
  static of(error: unknown): ProxyRefused {
    return error instanceof ProxyRefused ? error : new ProxyRefused('general', { cause: error })
  }
}

/** A {@link ProxyConnection} over any Node stream. An end in one direction is passed on as that, a failure of one end ends both. */
export function duplexConnection(duplex: Duplex, address?: IpAddress): ProxyConnection {
  return {
    address,
    splice(client) {
      pipeline(client, duplex, () => {})
      pipeline(duplex, client, () => {})
    },
    abort() {
      duplex.on('error', () => {})
      duplex.destroy()
    },
  }
}

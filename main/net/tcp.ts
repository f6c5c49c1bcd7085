import type { Socket } from 'node:net'
import type { ConnectOptions } from './tls.ts'

/** Opens a TCP connection to an IP address; rejects with {@link ConnectError}. */
export function connectTcp(options: ConnectOptions): Promise<Socket> {
  throw new Error(`soon ${options}`)
}

/** Why a connection could not be opened. `code` is the system's (ECONNREFUSED, EHOSTUNREACH …), or TIMEOUT, ABORTED, BAD_ADDRESS, TLS. */
export class ConnectError extends Error {
  override name = 'ConnectError'
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

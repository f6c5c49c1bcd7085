import type { IpAddress } from '../lib/ip.ts'

/**
 * Why a connection could not be opened or a port not be listened on. `code` is the system's (ECONNREFUSED, EHOSTUNREACH, EADDRINUSE …)
 * or one of TIMEOUT, ABORTED, BAD_ADDRESS (no IP address, or of another family than the local one), TLS (the TLS handshake failed).
 */
export class ConnectError extends Error {
  override name = 'ConnectError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  static from(error: unknown, fallback = 'TLS'): ConnectError {
    if (error instanceof ConnectError) return error
    const code = (error as NodeJS.ErrnoException | undefined)?.code
    return new ConnectError(
      code && /^E[A-Z0-9]+$/.test(code) && !code.startsWith('ERR_') ? code : fallback,
      String((error as Error)?.message ?? error),
      {
        cause: error,
      },
    )
  }
}

export interface ConnectOptions {
  /** An IP address; names are refused. */
  readonly host: IpAddress
  readonly port: number
  /** Address to bind to; ignored when `host` is of the other family. */
  readonly localAddress?: IpAddress
  readonly signal?: AbortSignal
  /** ms, default 10 000 */
  readonly timeoutMs?: number
}

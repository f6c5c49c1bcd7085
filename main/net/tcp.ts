import { connect, type Socket } from 'node:net'
import { canonicalIp, isIPv4 } from '../lib/ip.ts'
import { ConnectError, type ConnectOptions } from './connect-error.ts'

export { ConnectError, type ConnectOptions } from './connect-error.ts'

const TIMEOUT_MS = 10_000

/**
 * Opens a TCP connection to an IP address; rejects with {@link ConnectError}. The socket is paused until somebody reads it, has no delay, may be
 * half open, and carries an error listener that does nothing, so that a late error cannot end the process.
 */
export function connectTcp(options: ConnectOptions): Promise<Socket> {
  const host = canonicalIp(options.host)
  if (host === undefined || !Number.isInteger(options.port) || options.port < 1 || options.port > 65535) {
    return Promise.reject(new ConnectError('BAD_ADDRESS', 'not an IP address and port'))
  }
  const signal = options.signal
  if (signal?.aborted) return Promise.reject(new ConnectError('ABORTED', 'aborted'))
  const local = options.localAddress !== undefined && isIPv4(options.localAddress) === isIPv4(host) ? options.localAddress : undefined
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: options.port,
      ...(local === undefined ? {} : { localAddress: local }),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 120_000,
      allowHalfOpen: true,
    })
    const settle = (error?: ConnectError) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect)
      socket.off('error', onError)
      socket.on('error', ignore)
      if (error) {
        socket.destroy()
        reject(error)
      } else resolve(socket)
    }
    const onConnect = () => settle()
    const onError = (error: Error) => settle(ConnectError.from(error, 'ECONNREFUSED'))
    const onAbort = () => settle(new ConnectError('ABORTED', 'aborted'))
    const timer = setTimeout(() => settle(new ConnectError('TIMEOUT', 'no answer in time')), options.timeoutMs ?? TIMEOUT_MS)
    socket.once('connect', onConnect)
    socket.once('error', onError)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function ignore(): void {}

import { ConnectError } from '../net/connect-error.ts'
import type { TlsLink } from '../net/tls.ts'
import { type HandshakeFailure, type HandshakeResult, LinkHandshake, type LinkHandshakeOptions } from './link-handshake.ts'

/** The link came up, but not to a channel. `code`: what the handshake says, or 'timeout', 'aborted', 'closed'. */
export class LinkError extends Error {
  override name = 'LinkError'
  readonly code: HandshakeFailure | 'timeout' | 'aborted' | 'closed'

  constructor(code: LinkError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** ms from the end of the TLS handshake to an open channel. */
export const HANDSHAKE_MS = 15_000

/**
 * Runs the link handshake over an established TLS link. `opened` is called in the same moment in which the handshake ends, and must attach itself to the link,
 * so that no byte is lost. Rejects with {@link LinkError}, the link being destroyed then.
 */
export function establish<T>(
  link: TlsLink,
  role: 'initiator' | 'responder',
  options: Omit<LinkHandshakeOptions, 'tls' | 'remoteAddress'> & { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  opened: (result: HandshakeResult) => T,
): Promise<T> {
  const { signal, timeoutMs = HANDSHAKE_MS, ...rest } = options
  return new Promise((resolve, reject) => {
    const handshake = new LinkHandshake(role, {
      ...rest,
      tls: { certificate: link.certificate, exporter: (length, label, context) => link.exportKeyingMaterial(length, label, context) },
      remoteAddress: link.remoteAddress,
    })
    const cleanUp = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error) => {
      cleanUp()
      link.destroy()
      reject(error)
    }
    const onAbort = () => fail(new LinkError('aborted', 'aborted'))
    const timer = setTimeout(() => fail(new LinkError('timeout', 'no link handshake in time')), timeoutMs)
    const flush = () => {
      for (const cell of handshake.output.splice(0)) link.write(cell, ignore)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    link.attach({
      onData(chunk) {
        handshake.receive(chunk)
        const { state } = handshake
        flush()
        if (state.kind === 'failed') fail(new LinkError(state.failure, state.reason))
        else if (state.kind === 'open') {
          cleanUp()
          try {
            resolve(opened(state))
          } catch (error) {
            fail(error as Error)
          }
        }
      },
      onClose: error => fail(error ? ConnectError.from(error) : new LinkError('closed', 'closed by the peer')),
    })
    flush()
    if (signal?.aborted) onAbort()
  })
}

function ignore(): void {}

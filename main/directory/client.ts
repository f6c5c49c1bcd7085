import type { Duplex } from 'node:stream'
import { MalformedError } from '../lib/bytes.ts'
import { TooLargeError } from '../lib/http-message.ts'
import type { IpAddress } from '../lib/ip.ts'
import { connectTcp } from '../net/tcp.ts'
import { ACCEPT_ENCODING, decodeBody } from './content-encoding.ts'
import { type DirectoryResponse, formatRequest, HttpHeaders, ResponseReader } from './http.ts'

/** Where a directory request goes: straight to a DirPort, or through a stream that BEGIN_DIR opened. */
export type DirectorySource =
  | { readonly kind: 'dirport'; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'begindir'; open(signal: AbortSignal): Promise<Duplex> }

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** Of the body, both on the wire and decoded; default 16 MiB. */
  readonly maxBytes?: number
  readonly headers?: Readonly<Record<string, string>>
  /** For the whole exchange, connecting included; default 60 s. */
  readonly timeoutMs?: number
}

/** A directory request that got no whole, well-formed answer. An HTTP status other than 200 is an answer, not an error. */
export class DirectoryError extends Error {
  override name = 'DirectoryError'
  readonly code: 'unreachable' | 'timeout' | 'cut-off' | 'malformed' | 'too-large' | 'aborted'
  constructor(code: DirectoryError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024
const DEFAULT_TIMEOUT_MS = 60_000
const MAX_HEADER_BYTES = 8192
const CONNECT_TIMEOUT_MS = 15_000
/** Without a byte for so long, a server is given up. */
const STALL_MS = 20_000

/** Asks directory servers in HTTP/1.0, one request a connection (dir-spec 4, "Directory protocol"). */
export class DirectoryClient {
  readonly localAddress: IpAddress | undefined

  constructor(options: { localAddress?: IpAddress } = {}) {
    this.localAddress = options.localAddress
  }

  /** Rejects with {@link DirectoryError}. */
  get(source: DirectorySource, path: string, options: RequestOptions = {}): Promise<DirectoryResponse> {
    return this.#request(source, 'GET', path, Buffer.alloc(0), options)
  }

  /** Rejects with {@link DirectoryError}. */
  post(source: DirectorySource, path: string, body: string | Uint8Array, options: RequestOptions = {}): Promise<DirectoryResponse> {
    return this.#request(source, 'POST', path, Buffer.from(body as Uint8Array), options)
  }

  async #request(source: DirectorySource, method: string, path: string, body: Buffer, options: RequestOptions): Promise<DirectoryResponse> {
    const { maxBytes = DEFAULT_MAX_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS } = options
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new DirectoryError('timeout', `no whole answer within ${timeoutMs} ms`)), timeoutMs)
    const giveUp = (): void => abort.abort(new DirectoryError('aborted', 'the request was given up'))
    options.signal?.addEventListener('abort', giveUp, { once: true })
    if (options.signal?.aborted) giveUp()
    let duplex: Duplex | undefined
    try {
      duplex = await this.#open(source, abort.signal, timeoutMs)
      const headers = new HttpHeaders({ 'Accept-Encoding': ACCEPT_ENCODING, ...options.headers })
      const request = formatRequest({ method, path, headers, body })
      const response = await exchange(
        duplex,
        request,
        new ResponseReader({ maxHeaderBytes: MAX_HEADER_BYTES, maxBodyBytes: maxBytes }),
        abort,
      )
      return { ...response, body: await decodeBody(response.body, response.headers.get('Content-Encoding'), maxBytes) }
    } catch (error) {
      throw asDirectoryError(abort.signal.aborted ? abort.signal.reason : error)
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
      duplex?.destroy()
    }
  }

  async #open(source: DirectorySource, signal: AbortSignal, timeoutMs: number): Promise<Duplex> {
    signal.throwIfAborted()
    try {
      if (source.kind === 'begindir') return await source.open(signal)
      return await connectTcp({
        host: source.address,
        port: source.port,
        localAddress: this.localAddress,
        signal,
        timeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
      })
    } catch (error) {
      throw new DirectoryError('unreachable', error instanceof Error ? error.message : 'no connection', { cause: error })
    }
  }
}

function asDirectoryError(error: unknown): DirectoryError {
  if (error instanceof DirectoryError) return error
  if (error instanceof TooLargeError) return new DirectoryError('too-large', error.message, { cause: error })
  if (error instanceof MalformedError) return new DirectoryError('malformed', error.message, { cause: error })
  return new DirectoryError('cut-off', error instanceof Error ? error.message : 'the connection broke', { cause: error })
}

/** Sends the request and reads the response; the caller destroys the duplex. `abort` ends the wait, and a stall triggers it. */
function exchange(duplex: Duplex, request: Buffer, reader: ResponseReader, abort: AbortController): Promise<DirectoryResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<DirectoryResponse>()
  const stall = setTimeout(() => abort.abort(new DirectoryError('timeout', 'the server fell silent')), STALL_MS)
  const onAbort = (): void => reject(abort.signal.reason)
  abort.signal.addEventListener('abort', onAbort, { once: true })
  const attempt = (step: () => DirectoryResponse | undefined): void => {
    try {
      const response = step()
      if (response) resolve(response)
    } catch (error) {
      reject(error)
    }
  }
  const onData = (chunk: Buffer): void => {
    stall.refresh()
    attempt(() => reader.push(chunk))
  }
  const onEnd = (): void => attempt(() => reader.end())
  const onClose = (): void => reject(new DirectoryError('cut-off', 'the connection was closed before the answer was whole'))
  duplex.on('data', onData).on('end', onEnd).on('close', onClose).on('error', reject)
  duplex.write(request)
  if (abort.signal.aborted) onAbort()
  return promise.finally(() => {
    clearTimeout(stall)
    abort.signal.removeEventListener('abort', onAbort)
    // The error listener stays: destroying the duplex may still make it complain.
    duplex.off('data', onData).off('end', onEnd).off('close', onClose)
  })
}

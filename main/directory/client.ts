import type { Duplex } from 'node:stream'
import type { IpAddress } from '../lib/ip.ts'
import type { DirectoryResponse } from './http.ts'

/** Where a directory request goes: straight to a DirPort, or through a stream that BEGIN_DIR opened. */
export type DirectorySource =
  | { readonly kind: 'dirport'; readonly address: IpAddress; readonly port: number }
  | { readonly kind: 'begindir'; open(signal: AbortSignal): Promise<Duplex> }

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** Of the decoded body; default 16 MiB. */
  readonly maxBytes?: number
  readonly headers?: Readonly<Record<string, string>>
  /** For the whole exchange; default 60 s. */
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

/** Asks directory servers in HTTP/1.0, one request a connection (dir-spec 4, "Directory protocol"). */
export class DirectoryClient {
  readonly localAddress: IpAddress | undefined
  constructor(options: { localAddress?: IpAddress } = {}) {
    this.localAddress = options.localAddress
  }
  get(_source: DirectorySource, _path: string, _options: RequestOptions = {}): Promise<DirectoryResponse> {
    throw new Error('not built yet')
  }
  post(_source: DirectorySource, _path: string, _body: string | Uint8Array, _options: RequestOptions = {}): Promise<DirectoryResponse> {
    throw new Error('not built yet')
  }
}

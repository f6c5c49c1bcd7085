import { MalformedError } from '../lib/bytes.ts'

/** Header fields: looked up without regard to case, written in the case they were set in. */
export class HttpHeaders {
  readonly #fields = new Map<string, [name: string, value: string]>()

  constructor(fields: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(fields)) this.set(name, value)
  }
  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase())?.[1]
  }
  set(name: string, value: string): this {
    this.#fields.set(name.toLowerCase(), [name, value])
    return this
  }
  entries(): IterableIterator<[name: string, value: string]> {
    return this.#fields.values()
  }
}

export interface DirectoryRequest {
  readonly method: string
  /** As it was sent: path and query, without scheme and host. */
  readonly path: string
  readonly headers: HttpHeaders
  readonly body: Buffer
}

export interface DirectoryResponse {
  readonly status: number
  readonly reason: string
  readonly headers: HttpHeaders
  /** Decoded: what Content-Encoding wrapped has been unwrapped. */
  readonly body: Buffer
}

export type ContentEncoding = 'identity' | 'deflate' | 'gzip'

/** A message is larger than its reader allows. */
export class TooLargeError extends MalformedError {
  override name = 'TooLargeError'
}

import { MalformedError } from '../lib/bytes.ts'
import { HTTP_CONTROLS, parseHttpField, TooLargeError } from '../lib/http-message.ts'

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
  /** Path and query as they were sent; scheme and host of an absolute URL are cut off. */
  readonly path: string
  readonly headers: HttpHeaders
  readonly body: Buffer
}

export interface DirectoryResponse {
  readonly status: number
  readonly reason: string
  readonly headers: HttpHeaders
  /** From a reader: as it was on the wire. From DirectoryClient: what Content-Encoding wrapped has been unwrapped. */
  readonly body: Buffer
}

export interface MessageLimits {
  /** First line and header fields together. */
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
}

const MAX_FIELDS = 100
const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** Collects the bytes of one HTTP/1.x message: a head up to an empty line, then a body of known length (or up to the end of the stream). */
abstract class MessageReader<Head> {
  readonly #limits: MessageLimits
  #buffer = Buffer.allocUnsafe(1024)
  #used = 0
  #head: { value: Head; bodyLength: number | undefined } | undefined
  #body: Buffer[] = []
  #bodyLength = 0

  constructor(limits: MessageLimits) {
    this.#limits = limits
  }

  protected abstract parseHead(first: string, headers: HttpHeaders): Head
  /** The body's length when no Content-Length says it; `undefined`: up to the end of the stream. */
  protected abstract readonly defaultBodyLength: number | undefined

  /** The head has arrived whole. */
  get headDone(): boolean {
    return this.#head !== undefined
  }

  /** Takes bytes in; gives head and body once all are there. Bytes after the body are ignored. Throws MalformedError or TooLargeError. */
  protected feed(chunk: Uint8Array): { head: Head; body: Buffer } | undefined {
    if (!this.#head) {
      const at = this.#appendToHead(chunk)
      if (at < 0) return undefined
      this.#head = this.#readHead(this.#buffer.toString('latin1', 0, at))
      chunk = Buffer.from(this.#buffer.subarray(at + END_OF_HEAD.length, this.#used))
      this.#buffer = Buffer.alloc(0)
    }
    const { bodyLength } = this.#head
    if (chunk.length > 0) this.#body.push(chunk as Buffer)
    this.#bodyLength += chunk.length
    if (bodyLength === undefined) {
      if (this.#bodyLength > this.#limits.maxBodyBytes) throw new TooLargeError('body')
      return undefined
    }
    return this.#bodyLength >= bodyLength ? this.#finish(bodyLength) : undefined
  }

  /** The stream has ended; throws MalformedError when the message is not whole. */
  protected feedEnd(): { head: Head; body: Buffer } {
    if (!this.#head) throw new MalformedError('the stream ended before the head did')
    if (this.#head.bodyLength !== undefined) throw new MalformedError('the stream ended before the body did')
    return this.#finish(this.#bodyLength)
  }

  #finish(length: number): { head: Head; body: Buffer } {
    return { head: this.#head!.value, body: Buffer.concat(this.#body).subarray(0, length) }
  }

  /** Where the empty line starts, or -1. Only new bytes are searched, so that many tiny chunks cost no more than few large ones. */
  #appendToHead(chunk: Uint8Array): number {
    const { maxHeaderBytes } = this.#limits
    const needed = this.#used + chunk.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#used)
      this.#buffer = larger
    }
    this.#buffer.set(chunk, this.#used)
    const from = Math.max(0, this.#used - END_OF_HEAD.length + 1)
    this.#used = needed
    const at = this.#buffer.subarray(0, this.#used).indexOf(END_OF_HEAD, from)
    if ((at < 0 ? this.#used : at) > maxHeaderBytes) throw new TooLargeError('head')
    return at
  }

  #readHead(text: string): { value: Head; bodyLength: number | undefined } {
    const [first, ...lines] = text.split('\r\n')
    if (lines.length > MAX_FIELDS) throw new MalformedError('too many header fields')
    if (HTTP_CONTROLS.test(first!)) throw new MalformedError('a control character in the first line')
    const headers = new HttpHeaders()
    let lengthText: string | undefined
    for (const line of lines) {
      const field = parseHttpField(line)
      if (!field) throw new MalformedError('a malformed header field')
      const [name, value] = field
      if (/^transfer-encoding$/i.test(name)) throw new MalformedError('transfer encodings do not exist in HTTP/1.0')
      if (/^content-length$/i.test(name)) {
        if (lengthText !== undefined && lengthText !== value) throw new MalformedError('two different content lengths')
        lengthText = value
      }
      headers.set(name, value)
    }
    if (lengthText !== undefined && !/^\d{1,10}$/.test(lengthText)) throw new MalformedError('a malformed content length')
    const bodyLength = lengthText === undefined ? this.defaultBodyLength : Number(lengthText)
    const value = this.parseHead(first!, headers)
    if ((bodyLength ?? 0) > this.#limits.maxBodyBytes) throw new TooLargeError('body')
    return { value, bodyLength }
  }
}

/** Reads one request. A request without Content-Length has no body. */
export class RequestReader extends MessageReader<Omit<DirectoryRequest, 'body'>> {
  protected readonly defaultBodyLength = 0

  protected parseHead(first: string, headers: HttpHeaders): Omit<DirectoryRequest, 'body'> {
    const match = /^([A-Z]{1,16}) ([!-~]+) HTTP\/1\.\d$/.exec(first)
    if (!match) throw new MalformedError('a malformed request line')
    const path = match[2]!.replace(/^https?:\/\/[^/]*/i, '') || '/'
    return { method: match[1]!, path, headers }
  }

  /** The request, once it is whole. */
  push(chunk: Uint8Array): DirectoryRequest | undefined {
    const message = this.feed(chunk)
    return message && { ...message.head, body: message.body }
  }
}

/** Reads one response. A response without Content-Length ends with the stream. */
export class ResponseReader extends MessageReader<Omit<DirectoryResponse, 'body'>> {
  protected readonly defaultBodyLength = undefined

  protected parseHead(first: string, headers: HttpHeaders): Omit<DirectoryResponse, 'body'> {
    const match = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/.exec(first)
    if (!match) throw new MalformedError('a malformed status line')
    return { status: Number(match[1]), reason: match[2] ?? '', headers }
  }

  push(chunk: Uint8Array): DirectoryResponse | undefined {
    const message = this.feed(chunk)
    return message && { ...message.head, body: message.body }
  }

  end(): DirectoryResponse {
    const message = this.feedEnd()
    return { ...message.head, body: message.body }
  }
}

function formatHead(first: string, headers: HttpHeaders): string {
  const lines = [first, ...[...headers.entries()].map(([name, value]) => `${name}: ${value}`)]
  if (lines.some(line => HTTP_CONTROLS.test(line))) throw new RangeError('a header field must be one line')
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The bytes of a request; Content-Length is added when there is a body. */
export function formatRequest(request: DirectoryRequest): Buffer {
  const { method, path, headers, body } = request
  if (body.length > 0 || method === 'POST') headers.set('Content-Length', String(body.length))
  return Buffer.concat([Buffer.from(formatHead(`${method} ${path} HTTP/1.0`, headers), 'latin1'), body])
}

/** The head of a response, empty line included. */
export function formatResponseHead(response: Omit<DirectoryResponse, 'body'>): Buffer {
  return Buffer.from(formatHead(`HTTP/1.0 ${response.status} ${response.reason}`, response.headers), 'latin1')
}

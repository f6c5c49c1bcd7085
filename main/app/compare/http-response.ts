import { MalformedError } from '../../lib/bytes.ts'
import { HTTP_CONTROLS, parseHttpField, TooLargeError } from '../../lib/http-message.ts'

/** Bytes of the status line and the header fields of one answer, with what came before it. */
const MAX_HEAD = 64 * 1024
const MAX_FIELDS = 200
const MAX_NAME = 100
/** "100 Continue", "103 Early Hints": answers before the answer. */
const MAX_INTERIM = 5
/** Of a chunked body all that is not content: sizes, extensions, trailers. */
const MAX_FRAMING = 512 * 1024
const MAX_CHUNK_LINE = 1024

const STATUS = /^HTTP\/1\.[01] ([1-9]\d{2})(?: .*)?$/
const SIZE = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/
const LF = 0x0a
const CR = 0x0d

export interface ResponseHead {
  readonly status: number
  /** In the order in which they came, names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Where the reader stands. */
type Part = 'head' | 'sized' | 'to-the-end' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done'

/**
 * Reads one HTTP/1.1 answer to a GET (RFC 9112), from a server that may be hostile: everything has a limit, bytes are copied once, and
 * nothing is searched twice. Throws {@link MalformedError} or {@link TooLargeError}.
 */
export class ResponseReader {
  readonly #maxBody: number
  #part: Part = 'head'
  #head: ResponseHead | undefined
  /** The lines of the head so far. */
  #lines: string[] = []
  #interim = 0
  /** The line that is being read. */
  #line: Buffer = Buffer.allocUnsafe(256)
  #lineLength = 0
  #headBytes = 0
  #framing = 0
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0
  #body: Buffer = Buffer.alloc(0)
  #bodyLength = 0

  /** `maxBody`: bytes of a body as it is on the wire. */
  constructor(maxBody: number) {
    this.#maxBody = maxBody
  }

  /** Present as soon as it has arrived whole. */
  get head(): ResponseHead | undefined {
    return this.#head
  }

  /** The whole answer has arrived. */
  get done(): boolean {
    return this.#part === 'done'
  }

  /** What there is of the body. */
  get body(): Buffer {
    return this.#body.subarray(0, this.#bodyLength)
  }

  /** Takes bytes in; what comes behind the answer is ignored. */
  push(data: Buffer): void {
    let at = 0
    while (at < data.length) {
      switch (this.#part) {
        case 'head':
          at = this.#takeLine(data, at, MAX_HEAD, 'head', line => this.#headLine(line))
          break
        case 'sized':
        case 'chunk':
          at = this.#takeBody(data, at)
          break
        case 'to-the-end':
          this.#keep(data.subarray(at))
          at = data.length
          break
        case 'chunk-size':
          at = this.#takeLine(data, at, MAX_CHUNK_LINE, 'body', line => this.#chunkSize(line))
          break
        case 'chunk-end':
          at = this.#takeLine(data, at, 2, 'body', line => {
            if (line !== '') throw new MalformedError('a chunk that is longer than its size')
            this.#part = 'chunk-size'
          })
          break
        case 'trailer':
          at = this.#takeLine(data, at, MAX_CHUNK_LINE * 8, 'body', line => {
            if (line === '') this.#part = 'done'
          })
          break
        case 'done':
          return
        default:
          this.#part satisfies never
      }
    }
  }

  /** The connection has ended; throws when the answer is not whole. */
  end(): void {
    if (this.#part === 'to-the-end') this.#part = 'done'
    if (this.#part !== 'done') throw new MalformedError(this.#head ? 'the body is cut off' : 'no whole answer')
  }

  /** Collects a line of at most `max` bytes; a lone LF ends it as well (RFC 9112 2.2). */
  #takeLine(data: Buffer, at: number, max: number, part: 'head' | 'body', onLine: (line: string) => void): number {
    const end = data.indexOf(LF, at)
    const stop = end < 0 ? data.length : end
    const bytes = stop - at
    if (this.#lineLength + bytes > max) throw new TooLargeError(part)
    if (part === 'head') this.#headBytes += bytes + 1
    else this.#framing += bytes + 1
    if (this.#headBytes > MAX_HEAD) throw new TooLargeError('head')
    if (this.#framing > MAX_FRAMING) throw new TooLargeError('body')
    this.#line = grown(this.#line, this.#lineLength, this.#lineLength + bytes)
    data.copy(this.#line, this.#lineLength, at, stop)
    this.#lineLength += bytes
    if (end < 0) return data.length
    const length = this.#lineLength > 0 && this.#line[this.#lineLength - 1] === CR ? this.#lineLength - 1 : this.#lineLength
    this.#lineLength = 0
    onLine(this.#line.toString('latin1', 0, length))
    return end + 1
  }

  #headLine(line: string): void {
    if (line !== '') {
      if (HTTP_CONTROLS.test(line)) throw new MalformedError('a control character in the head')
      if (this.#lines.push(line) > MAX_FIELDS) throw new TooLargeError('head')
      return
    }
    const head = readHead(this.#lines)
    this.#lines = []
    if (head.status < 200) {
      if (head.status === 101 || ++this.#interim > MAX_INTERIM) throw new MalformedError('an answer to something else')
      return
    }
    this.#head = head
    this.#begin(head)
  }

  /** RFC 9112 6.3: how the body ends. */
  #begin({ status, fields }: ResponseHead): void {
    const all = (wanted: string) => fields.filter(([name]) => name === wanted).map(([, value]) => value)
    const codings = all('transfer-encoding').join(',').toLowerCase().trim()
    const lengths = new Set(all('content-length').flatMap(value => value.split(',').map(part => part.trim())))
    if (status === 204 || status === 304) this.#part = 'done'
    else if (codings !== '') {
      if (codings !== 'chunked') throw new MalformedError('an unknown transfer coding')
      this.#part = 'chunk-size'
    } else if (lengths.size === 0) this.#part = 'to-the-end'
    else {
      const [length] = lengths
      if (lengths.size > 1 || !/^\d{1,15}$/.test(length!)) throw new MalformedError('a malformed length')
      this.#left = Number(length)
      if (this.#left > this.#maxBody) throw new TooLargeError('body')
      this.#part = this.#left === 0 ? 'done' : 'sized'
    }
  }

  #chunkSize(line: string): void {
    const size = SIZE.exec(line)
    if (!size) throw new MalformedError('a malformed chunk')
    this.#left = Number.parseInt(size[1]!, 16)
    if (this.#bodyLength + this.#left > this.#maxBody) throw new TooLargeError('body')
    this.#part = this.#left === 0 ? 'trailer' : 'chunk'
  }

  #takeBody(data: Buffer, at: number): number {
    const end = Math.min(data.length, at + this.#left)
    this.#keep(data.subarray(at, end))
    this.#left -= end - at
    if (this.#left === 0) this.#part = this.#part === 'sized' ? 'done' : 'chunk-end'
    return end
  }

  #keep(bytes: Buffer): void {
    const length = this.#bodyLength + bytes.length
    if (length > this.#maxBody) throw new TooLargeError('body')
    this.#body = grown(this.#body, this.#bodyLength, length)
    bytes.copy(this.#body, this.#bodyLength)
    this.#bodyLength = length
  }
}

/** The buffer, or a copy of its first `used` bytes with room for `wanted`: doubled, so that small pieces cost no more than large ones. */
function grown(buffer: Buffer, used: number, wanted: number): Buffer {
  if (wanted <= buffer.length) return buffer
  const larger = Buffer.allocUnsafe(Math.max(wanted, buffer.length * 2, 1024))
  buffer.copy(larger, 0, 0, used)
  return larger
}

function readHead([first = '', ...lines]: readonly string[]): ResponseHead {
  const status = STATUS.exec(first)
  if (!status) throw new MalformedError('no HTTP/1.1 answer')
  const fields = lines.map(line => {
    const [name, value] = parseHttpField(line) ?? []
    if (name === undefined || value === undefined || name.length > MAX_NAME) throw new MalformedError('a malformed header field')
    return [name.toLowerCase(), value] as const
  })
  return { status: Number(status[1]), fields }
}

/** The values of a field, joined as RFC 9110 5.3 has it; `undefined` when it is not there. */
export function fieldValue({ fields }: ResponseHead, wanted: string): string | undefined {
  const values = fields.filter(([name]) => name === wanted).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

import type { Duplex } from 'node:stream'
import { TooLargeError } from '../lib/http-message.ts'
import { isSpecialAddress } from '../lib/ip.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import { type AnswerSource, answerGet, type DirectoryAnswer, normalisePath, type RequestContext, shortAnswer } from './answers.ts'
import { type ContentEncoding, chooseEncoding, encodeBody } from './content-encoding.ts'
import { Slicer } from './descriptor-cache.ts'
import { type DirectoryRequest, formatResponseHead, HttpHeaders, RequestReader } from './http.ts'

export type { DirectoryAnswer, DirectoryView, RequestContext } from './answers.ts'

export interface DirectoryServerOptions extends AnswerSource {
  /**
   * Asked before anything else, GET and POST alike; `path` begins with "/tor/" and has lost its ".z". `undefined`: not mine.
   * Perspective access (nonces) and authorities (votes, uploads) hang in here.
   */
  extra?(path: string, request: DirectoryRequest, context: RequestContext): DirectoryAnswer | undefined
  /** Largest body of a POST in bytes; default 0 (refused before it is read). Authorities set more. */
  readonly maxPostBytes?: number
  readonly limits?: Partial<DirectoryLimits>
  readonly now?: () => number
  readonly log?: ScopedLog
}

/** Bounds on what other people's requests may cost us. */
export interface DirectoryLimits {
  /** Connections and streams served at the same time; more are closed without a word. */
  readonly requests: number
  /** Bytes of answers being sent at the same time, before compression; more are answered with 503. */
  readonly bytes: number
  /** Time for the head of a request to arrive, and for the whole request. */
  readonly headMs: number
  readonly requestMs: number
  /** A client that takes an answer has `graceMs` and a second for each `minRate` bytes. */
  readonly graceMs: number
  readonly minRate: number
}

const DEFAULT_DIRECTORY_LIMITS: DirectoryLimits = {
  requests: 500,
  bytes: 64 * 1024 * 1024,
  headMs: 10_000,
  requestMs: 60_000,
  graceMs: 30_000,
  minRate: 2048,
}

/** Our DirPort's callers ask for at most 96 digests at a time; through BEGIN_DIR C tor asks for up to 500 (`max_dl_per_request`). */
const MAX_HEADER_BYTES = 8192
const MAX_TUNNELLED_HEADER_BYTES = 50_000
/** After an answer the client's own end is awaited for so long, that its unread bytes do not make the kernel throw our answer away. */
const LINGER_MS = 2000
const COMPRESSED_BODIES_KEPT = 8
/** What is left of `limits.bytes` while memory is short. */
const SHORT_PART = 1 / 8
/** Smaller bodies are not worth compressing. */
const COMPRESS_FROM_BYTES = 256

interface Exchange {
  readonly duplex: Duplex
  readonly context: RequestContext
  timer: NodeJS.Timeout
  bytes: number
}

/** Serves directory documents over any duplex: DirPort sockets and BEGIN_DIR streams (dir-spec 4). One request a connection. */
export class DirectoryServer {
  readonly #options: DirectoryServerOptions
  readonly #limits: DirectoryLimits
  readonly #log: ScopedLog
  readonly #now: () => number
  readonly #exchanges = new Set<Exchange>()
  readonly #compressed = new Map<string, Promise<Buffer>>()
  #bytes = 0

  constructor(options: DirectoryServerOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_DIRECTORY_LIMITS, ...options.limits }
    this.#log = options.log ?? silentLog
    this.#now = options.now ?? Date.now
  }

  /** Requests being served now. */
  get active(): number {
    return this.#exchanges.size
  }

  /** What to say to a request; no I/O. */
  answer(request: DirectoryRequest, context: RequestContext): DirectoryAnswer {
    const { path } = normalisePath(request.path)
    const extra = this.#options.extra?.(path, request, context)
    if (extra) return extra
    if (request.method === 'GET') return answerGet(this.#options, path, request, this.#now())
    if (request.method === 'POST') return shortAnswer(400, 'Nonauthoritative directory does not accept posted server descriptors')
    return shortAnswer(400, 'Bad request')
  }

  /** Reads one request from the duplex, answers it and ends it; never throws. Takes the duplex over. */
  serve(duplex: Duplex, context: RequestContext): void {
    duplex.on('error', ignore)
    if (this.#exchanges.size >= this.#limits.requests) {
      duplex.destroy()
      return
    }
    const exchange: Exchange = { duplex, context, timer: setTimeout(() => duplex.destroy(), this.#limits.headMs), bytes: 0 }
    this.#exchanges.add(exchange)
    duplex.once('close', () => {
      clearTimeout(exchange.timer)
      this.#exchanges.delete(exchange)
      this.#bytes -= exchange.bytes
    })
    const reader = new RequestReader({
      maxHeaderBytes: context.tunnelled ? MAX_TUNNELLED_HEADER_BYTES : MAX_HEADER_BYTES,
      maxBodyBytes: this.#options.maxPostBytes ?? 0,
    })
    let headDone = false
    const onData = (chunk: Buffer): void => {
      let outcome: DirectoryRequest | DirectoryAnswer | undefined
      try {
        outcome = reader.push(chunk)
      } catch (error) {
        outcome = refusal(error)
      }
      if (!outcome) {
        if (reader.headDone && !headDone) {
          headDone = true
          this.#deadline(exchange, this.#limits.requestMs)
        }
        return
      }
      // What the client still sends is thrown away; reading goes on so that its end is noticed.
      duplex.off('data', onData).off('end', onEarlyEnd).resume()
      void this.#respond(exchange, outcome)
    }
    const onEarlyEnd = (): void => {
      duplex.destroy()
    }
    duplex.on('data', onData).once('end', onEarlyEnd)
  }

  /** Ends what is being served. */
  close(): void {
    for (const { duplex } of this.#exchanges) duplex.destroy()
  }

  get #memoryShort(): boolean {
    return this.#options.directory.memoryShort === true
  }

  #deadline(exchange: Exchange, ms: number): void {
    clearTimeout(exchange.timer)
    if (!exchange.duplex.destroyed) exchange.timer = setTimeout(() => exchange.duplex.destroy(), ms)
  }

  async #respond(exchange: Exchange, outcome: DirectoryRequest | DirectoryAnswer): Promise<void> {
    try {
      let encoding: ContentEncoding = 'identity'
      let answer: DirectoryAnswer
      if ('status' in outcome) answer = outcome
      else {
        encoding = chooseEncoding(outcome.headers.get('Accept-Encoding'), normalisePath(outcome.path).zSuffix)
        answer = this.answer(outcome, exchange.context)
      }
      const length = bodyLength(answer)
      const limit = this.#limits.bytes * (this.#memoryShort ? SHORT_PART : 1)
      if (this.#bytes + length > limit) answer = shortAnswer(503, 'Directory busy, try again later')
      else {
        exchange.bytes = length
        this.#bytes += length
      }
      const { duplex } = exchange
      if (answer.compressible === false || length < COMPRESS_FROM_BYTES) encoding = 'identity'
      this.#deadline(exchange, this.#limits.graceMs + (length / this.#limits.minRate) * 1000)
      const body = await this.#encoded(answer, encoding)
      if (duplex.destroyed) return
      duplex.write(this.#head(answer, encoding, body, exchange.context))
      duplex.end(body, () => {
        this.#bytes -= exchange.bytes
        exchange.bytes = 0
        this.#deadline(exchange, LINGER_MS)
      })
    } catch (error) {
      this.#log.error(`a directory request could not be answered: ${error instanceof Error ? error.message : error}`)
      exchange.duplex.destroy()
    }
  }

  #encoded(answer: DirectoryAnswer, encoding: ContentEncoding): Promise<Buffer> {
    if (this.#memoryShort) this.#compressed.clear()
    const key = this.#memoryShort ? undefined : answer.cacheKey && `${encoding} ${answer.cacheKey}`
    const known = key && this.#compressed.get(key)
    if (known) return known
    const encoded = bodyBytes(answer).then(body => encodeBody(body, encoding))
    if (key) {
      this.#compressed.set(key, encoded)
      const [oldest] = this.#compressed.keys()
      if (this.#compressed.size > COMPRESSED_BODIES_KEPT) this.#compressed.delete(oldest!)
    }
    return encoded
  }

  #head(answer: DirectoryAnswer, encoding: ContentEncoding, body: Buffer, context: RequestContext): Buffer {
    const now = this.#now()
    const headers = new HttpHeaders({ Date: httpDate(now) })
    if (answer.body !== undefined) {
      headers.set('Content-Type', answer.contentType ?? 'text/plain')
      // A nearby peer sees our inner address, which would mislead a relay behind the same router.
      if (context.remoteAddress && !isSpecialAddress(context.remoteAddress)) headers.set('X-Your-Address-Is', context.remoteAddress)
      headers.set('Content-Encoding', encoding)
      headers.set('Content-Length', String(body.length))
    }
    if (answer.lifetimeSeconds === 0) headers.set('Pragma', 'no-cache')
    else if (answer.lifetimeSeconds !== undefined) headers.set('Expires', httpDate(now + answer.lifetimeSeconds * 1000))
    for (const [name, value] of answer.headers?.entries() ?? []) headers.set(name, value)
    return formatResponseHead({ status: answer.status, reason: answer.reason, headers })
  }
}

function refusal(error: unknown): DirectoryAnswer {
  if (error instanceof TooLargeError && error.part === 'body') {
    return shortAnswer(400, 'Nonauthoritative directory does not accept posted server descriptors')
  }
  return shortAnswer(400, 'Bad request')
}

/** In characters of text or bytes: exact enough for a limit. */
function bodyLength({ body = '' }: DirectoryAnswer): number {
  return typeof body === 'string' || Buffer.isBuffer(body) ? body.length : body.reduce((sum, text) => sum + text.length, 0)
}

/** All descriptors of the network together are tens of megabytes, so the event loop gets its turn between some. */
async function bodyBytes({ body = '' }: DirectoryAnswer): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  const slicer = new Slicer()
  const parts: Buffer[] = []
  for (const text of body) {
    parts.push(Buffer.from(text))
    await slicer.breathe()
  }
  return Buffer.concat(parts)
}

function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

function ignore(): void {}

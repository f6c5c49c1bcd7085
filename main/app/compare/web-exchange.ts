import { type Duplex, duplexPair } from 'node:stream'
import type { CompareFailure } from '../../../shared/compare.ts'
import type { WebCertificate } from '../../crypto/web-certificate.ts'
import { MalformedError } from '../../lib/bytes.ts'
import { TooLargeError } from '../../lib/http-message.ts'
import type { IpAddress } from '../../lib/ip.ts'
import { ConnectError } from '../../net/connect-error.ts'
import { startWebTls, type WebCertificateProblem } from '../../net/web-tls.ts'
import type { PerspectiveChoice } from '../../perspective/choice-name.ts'
import { type ProxyHandler, type ProxyRefusal, ProxyRefused, proxyHost } from '../../perspective/proxy-target.ts'
import { fieldValue, type ResponseHead, ResponseReader } from './http-response.ts'

/** The way of one column: through whom its connections are asked for. */
export interface WebWay {
  readonly handler: Pick<ProxyHandler, 'open'>
  /** What is asked for; at home it means nothing. */
  readonly choice: PerspectiveChoice
  /** Keeps this column's Tor circuits to itself. */
  readonly user: string
  readonly isHome: boolean
}

/** Why there is no answer. */
export class FetchFailure extends Error {
  override name = 'FetchFailure'
  readonly code: CompareFailure
  constructor(code: CompareFailure, options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}

/** In ms and bytes. */
export interface FetchLimits {
  /** For one request, from asking for the connection to the last byte. */
  readonly exchangeMs: number
  /** For all requests of a column together. */
  readonly columnMs: number
  /** Of a body on the wire, and unpacked. */
  readonly bodyBytes: number
}
export const FETCH_LIMITS: FetchLimits = { exchangeMs: 40_000, columnMs: 60_000, bodyBytes: 4 * 1024 * 1024 }

/** What became of one request; filled in as it goes on, so that a failure leaves what was seen before it. */
export interface Exchange {
  address?: IpAddress
  through?: string
  certificate?: WebCertificate
  problem?: WebCertificateProblem
  connectMs?: number
  firstByteMs?: number
  head?: ResponseHead
  body?: Buffer
}

/**
 * The same in every column, so that what differs comes from the place: a common browser's name, English, no cookies, nothing of the person. Brotli is not
 * asked for, since its streams say nothing of their size.
 */
const REQUEST_FIELDS = [
  'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en',
  'Accept-Encoding: gzip',
  'Cache-Control: no-cache',
  'Connection: close',
]

const REFUSALS: Record<ProxyRefusal, CompareFailure> = {
  general: 'other',
  'not-allowed': 'refused',
  locked: 'locked',
  'no-relay': 'no-relay',
  'network-unreachable': 'unreachable',
  'host-unreachable': 'unreachable',
  'name-unknown': 'name-unknown',
  'connection-refused': 'connection-refused',
  timeout: 'timeout',
  'command-unsupported': 'other',
}

/**
 * One GET over a connection of its own. Rejects with {@link FetchFailure}, or with the signal's reason; `exchange` then has what was seen. Nothing is left
 * open afterwards.
 */
export async function webExchange(
  url: URL,
  way: WebWay,
  exchange: Exchange,
  options: {
    readonly signal: AbortSignal
    readonly limits: FetchLimits
    readonly extraRoots: readonly string[]
    /** The relay is known, whatever becomes of the connection. */
    onThrough(fingerprint: string): void
    onConnected(): void
  },
): Promise<void> {
  const { signal, limits } = options
  const started = performance.now()
  const carrier = await open(url, way, exchange, signal)
  if (exchange.through !== undefined) options.onThrough(exchange.through)
  try {
    const stream = await secure(url, carrier, exchange, options)
    exchange.connectMs = performance.now() - started
    options.onConnected()
    const asked = performance.now()
    stream.write(requestText(url))
    await readAnswer(stream, new ResponseReader(limits.bodyBytes), exchange, asked, signal)
  } finally {
    carrier.destroy()
  }
}

async function open(url: URL, way: WebWay, exchange: Exchange, signal: AbortSignal): Promise<Duplex> {
  const host = proxyHost(url.hostname.replace(/^\[|\]$/g, ''))
  if (host === undefined) throw new FetchFailure('name-unknown')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  try {
    const connection = await way.handler.open({ host, port, user: way.user, choice: way.choice }, signal)
    exchange.address = connection.address
    exchange.through = connection.through
    const [near, far] = duplexPair()
    for (const end of [near, far]) end.on('error', () => {})
    near.once('close', () => far.destroy())
    connection.splice(far, Buffer.alloc(0))
    return near
  } catch (error) {
    signal.throwIfAborted()
    const code = ProxyRefused.of(error).code
    throw new FetchFailure(way.isHome && code === 'not-allowed' ? 'private' : REFUSALS[code], { cause: error })
  }
}

async function secure(
  url: URL,
  carrier: Duplex,
  exchange: Exchange,
  { signal, extraRoots }: { readonly signal: AbortSignal; readonly extraRoots: readonly string[] },
): Promise<Duplex> {
  if (url.protocol !== 'https:') return carrier
  try {
    const { stream, certificate, problem } = await startWebTls(carrier, { host: url.hostname.replace(/^\[|\]$/g, ''), signal, extraRoots })
    stream.on('error', () => {})
    exchange.certificate = certificate
    exchange.problem = problem
    // As in a browser without a way past the warning: nothing is asked of somebody who did not show who they are.
    if (problem) {
      stream.destroy()
      throw new FetchFailure('certificate')
    }
    return stream
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ConnectError)) throw error
    throw new FetchFailure(error.code === 'TIMEOUT' ? 'timeout' : 'tls', { cause: error })
  }
}

function requestText(url: URL): string {
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${REQUEST_FIELDS.join('\r\n')}\r\n\r\n`
}

/** An answer that leads elsewhere is over with its head: nobody reads its body. */
export function redirectLocation(head: ResponseHead | undefined): string | undefined {
  return head && [301, 302, 303, 307, 308].includes(head.status) ? fieldValue(head, 'location') : undefined
}

function readAnswer(stream: Duplex, reader: ResponseReader, exchange: Exchange, asked: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false
    const settle = (error?: unknown) => {
      if (over) return
      over = true
      signal.removeEventListener('abort', onAbort)
      exchange.head = reader.head
      if (reader.done) exchange.body = reader.body
      stream.destroy()
      if (error === undefined) resolve()
      else reject(error)
    }
    const onAbort = () => settle(signal.reason)
    const step = (read: () => void) => {
      try {
        read()
        if (reader.done || redirectLocation(reader.head) !== undefined) settle()
      } catch (error) {
        if (error instanceof TooLargeError) settle(new FetchFailure(error.part === 'head' ? 'head-too-large' : 'body-too-large'))
        else settle(error instanceof MalformedError ? new FetchFailure('malformed', { cause: error }) : error)
      }
    }
    stream.on('data', (data: Buffer) => {
      exchange.firstByteMs ??= performance.now() - asked
      if (!over) step(() => reader.push(data))
    })
    // An end says "whole" only where nothing else says how long the answer is.
    stream.once('end', () => {
      try {
        reader.end()
        settle()
      } catch {
        settle(new FetchFailure('closed'))
      }
    })
    stream.once('close', () => settle(new FetchFailure('closed')))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}

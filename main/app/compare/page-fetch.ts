import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import {
  COMPARE_HEADERS,
  COMPARE_REDIRECTS,
  type CompareCertificate,
  type CompareColumn,
  type CompareHop,
  type ComparePage,
} from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { sha256 } from '../../crypto/digest.ts'
import { fieldValue, type ResponseHead } from './http-response.ts'
import { pageText } from './page-text.ts'
import { type Exchange, FETCH_LIMITS, FetchFailure, type FetchLimits, redirectLocation, type WebWay, webExchange } from './web-exchange.ts'

/** A page that unpacks to more than so many times its size is a bomb, once it is larger than a page has a right to be small. */
const MAX_RATIO = 100
const RATIO_FREE_BYTES = 512 * 1024
const MAX_URL = 2000
/** Ports of other protocols that web browsers do not connect to either (fetch.spec.whatwg.org 2.9), as far as they are not below 1024. */
const OTHER_PORTS = new Set([1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080])

export interface PageFetchOptions {
  readonly way: WebWay
  readonly signal: AbortSignal
  readonly limits?: Partial<FetchLimits>
  /** Roots that are trusted beside the system's. */
  readonly extraRoots?: readonly string[]
  /** The relay that the newest connection leaves from is known. */
  onThrough?(fingerprint: string): void
  /** There is a connection; the page is being read. */
  onConnected?(): void
}

/** What one place sees of an address, redirects followed. Never rejects: what went wrong is a fact like the others. */
export async function fetchPage(address: string, options: PageFetchOptions): Promise<CompareColumn> {
  const limits = { ...FETCH_LIMITS, ...options.limits }
  const hops: CompareHop[] = []
  const outOfTime = AbortSignal.timeout(limits.columnMs)
  try {
    const last = await follow(new URL(address), hops, options, limits, outOfTime)
    const page = await readPage(last, limits)
    return { hops, page }
  } catch (error) {
    if (options.signal.aborted) return { hops, failure: 'cancelled' }
    if (error instanceof FetchFailure) return { hops, failure: error.code }
    return { hops, failure: (error as Error)?.name === 'TimeoutError' ? 'timeout' : 'other' }
  }
}

/** Requests and redirects up to the answer that is none. */
async function follow(
  url: URL,
  hops: CompareHop[],
  options: PageFetchOptions,
  limits: FetchLimits,
  outOfTime: AbortSignal,
): Promise<Exchange> {
  const { way, signal } = options
  const seen = new Set<string>()
  let choice = way.choice
  for (;;) {
    url.hash = ''
    if (!isWebPort(url)) throw new FetchFailure('port')
    seen.add(url.href)
    const exchange: Exchange = {}
    try {
      await webExchange(url, { ...way, choice }, exchange, {
        signal: AbortSignal.any([signal, outOfTime, AbortSignal.timeout(limits.exchangeMs)]),
        limits,
        extraRoots: options.extraRoots ?? [],
        onThrough: fingerprint => options.onThrough?.(fingerprint),
        onConnected: () => options.onConnected?.(),
      })
    } finally {
      hops.push(describeHop(url, exchange))
    }
    // The rest is seen from the same place: another relay of the country might be shown something else.
    if (exchange.through && choice.kind !== 'tor') choice = { kind: 'relay', fingerprint: exchange.through }
    const next = redirectOf(url, exchange.head)
    if (next === undefined) return exchange
    if (seen.has(next.href.replace(/#.*/s, ''))) throw new FetchFailure('redirect-loop')
    if (hops.length > COMPARE_REDIRECTS) throw new FetchFailure('redirects')
    url = next
  }
}

function isWebPort({ port }: URL): boolean {
  const number = Number(port)
  return (
    port === '' || number === 80 || number === 443 || (number >= 1024 && !OTHER_PORTS.has(number) && !(number >= 6665 && number <= 6669))
  )
}

/** Where an answer leads; `undefined` when it is none of those that do. */
function redirectOf(from: URL, head: ResponseHead | undefined): URL | undefined {
  const location = redirectLocation(head)
  if (location === undefined) return undefined
  // Headers are bytes; what is not ASCII is UTF-8 nowadays.
  const url = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), from.href)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.href.length > MAX_URL)
    throw new FetchFailure('redirect-elsewhere')
  url.username = url.password = ''
  return url
}

function describeHop(url: URL, exchange: Exchange): CompareHop {
  const { address, head, connectMs, firstByteMs } = exchange
  const location = redirectLocation(head)
  return {
    url: url.href.slice(0, MAX_URL),
    address,
    certificate: describeCertificate(exchange),
    status: head?.status,
    location: location === undefined ? undefined : headerText(location, MAX_URL),
    headers: head ? telling(head) : [],
    connectMs,
    firstByteMs,
  }
}

function describeCertificate({ certificate, problem }: Exchange): CompareCertificate | undefined {
  return (
    certificate && {
      fingerprint: certificate.fingerprint,
      subject: plainText(certificate.subject),
      issuer: plainText(certificate.issuer),
      names: certificate.names.slice(0, 20).map(name => plainText(name, 260)),
      validFrom: certificate.validFrom,
      validTo: certificate.validTo,
      problem,
    }
  )
}

const headerText = (value: string, limit: number) => plainText(Buffer.from(value, 'latin1').toString('utf8'), limit)

/** The headers worth comparing. Of cookies only the names: their values differ with every visit. */
function telling(head: ResponseHead): CompareHop['headers'] {
  return COMPARE_HEADERS.flatMap(name => {
    const value = name === 'set-cookie' ? cookieNames(head) : fieldValue(head, name)
    return value === undefined ? [] : [{ name, value: headerText(value, 500) }]
  })
}

function cookieNames({ fields }: ResponseHead): string | undefined {
  const names = fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value.split('=', 1)[0]!.trim())
  return names.length === 0 ? undefined : [...new Set(names)].sort().join(', ')
}

async function readPage({ head, body }: Exchange, limits: FetchLimits): Promise<ComparePage> {
  const type = fieldValue(head!, 'content-type') ?? 'text/html'
  const content = await unpack(body ?? Buffer.alloc(0), fieldValue(head!, 'content-encoding'), limits)
  const { title, lines, cut } = await pageText(content, type)
  return { bytes: content.length, hash: sha256(content).toString('hex'), title, lines: [...lines], cut }
}

async function unpack(body: Buffer, encoding: string | undefined, limits: FetchLimits): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === 'identity' || name === '' || body.length === 0) return body
  if (name !== 'gzip' && name !== 'x-gzip') throw new FetchFailure('undecodable')
  const maxOutputLength = Math.min(limits.bodyBytes, Math.max(RATIO_FREE_BYTES, body.length * MAX_RATIO))
  try {
    return await promisify(gunzip)(body, { maxOutputLength })
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new FetchFailure(isTooLarge ? 'body-too-large' : 'undecodable', { cause: error })
  }
}

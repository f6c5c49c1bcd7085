import { Resolver as DnsResolver } from 'node:dns/promises'
import { canonicalIp, type IpAddress } from '../lib/ip.ts'
import { steadyNow } from '../lib/steady-clock.ts'

export interface ResolvedAddress {
  readonly address: IpAddress
  /** seconds, clipped as {@link clipDnsTtl} does */
  readonly ttl: number
}

export interface ResolvedName {
  readonly name: string
  /** seconds */
  readonly ttl: number
}

/** Why a name was not resolved; `transient` = worth another try later. */
export class ResolveError extends Error {
  override name = 'ResolveError'
  readonly transient: boolean

  constructor(message: string, transient: boolean, options?: ErrorOptions) {
    super(message, options)
    this.transient = transient
  }
}

/** Names → addresses (IPv4 first) and back; rejects with {@link ResolveError}. */
export interface Resolver {
  resolve(name: string, signal: AbortSignal): Promise<ResolvedAddress[]>
  reverse(address: IpAddress, signal: AbortSignal): Promise<ResolvedName[]>
}

const MIN_TTL = 5 * 60
const MAX_TTL = 60 * 60
const TTL_FUZZ = 4 * 60

/**
 * The time to live told to clients and used for the cache: under 5 minutes becomes 5 minutes, all else an hour, give or take 4 minutes, so that nobody can
 * tell from it when somebody else asked for the same name. C tor: connection_edge.c clip_dns_ttl, dns.c clip_dns_fuzzy_ttl.
 */
export function clipDnsTtl(seconds: number, random = Math.random()): number {
  return (seconds < MIN_TTL ? MIN_TTL : MAX_TTL) - TTL_FUZZ + Math.floor(random * (2 * TTL_FUZZ + 1))
}

/** A host name as DNS can carry it: labels of 1–63 letters, digits, '-' or '_', 253 characters in all; a final dot is allowed. */
export function isHostName(name: string): boolean {
  return name.length <= 254 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i.test(name)
}

export interface SystemResolverOptions {
  /** "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; default: the system's. */
  readonly servers?: readonly string[]
  /** ms for a whole question, default 10 000 */
  readonly timeoutMs?: number
  /** Questions under way at once, default 500; more are refused as transient. */
  readonly maxQuestions?: number
  readonly now?: () => number
}

interface CacheEntry {
  readonly expires: number
  readonly answer: Promise<unknown[]>
}

const CACHE_SIZE = 5000
/** How long a failure is remembered. */
const FAILURE_MS = 5_000

/** Asks the DNS servers of the system (never its hosts file), with a bounded cache shared by equal questions. */
export class SystemResolver implements Resolver {
  readonly #dns: DnsResolver
  readonly #timeoutMs: number
  readonly #maxQuestions: number
  readonly #now: () => number
  readonly #cache = new Map<string, CacheEntry>()
  #questions = 0

  constructor(options: SystemResolverOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? 10_000
    this.#maxQuestions = options.maxQuestions ?? 500
    this.#now = options.now ?? steadyNow
    this.#dns = new DnsResolver({ timeout: Math.max(500, Math.floor(this.#timeoutMs / 4)), tries: 3 })
    if (options.servers) this.#dns.setServers(options.servers)
  }

  async resolve(name: string, signal: AbortSignal): Promise<ResolvedAddress[]> {
    const literal = canonicalIp(name)
    if (literal !== undefined) return [{ address: literal, ttl: MAX_TTL }]
    if (!isHostName(name)) throw new ResolveError('not a host name', false)
    const question = name.toLowerCase().replace(/\.$/, '')
    return (await this.#ask(`a ${question}`, signal, () => this.#addresses(question))) as ResolvedAddress[]
  }

  async reverse(address: IpAddress, signal: AbortSignal): Promise<ResolvedName[]> {
    const ip = canonicalIp(address)
    if (ip === undefined) throw new ResolveError('not an address', false)
    return (await this.#ask(`ptr ${ip}`, signal, () => this.#names(ip))) as ResolvedName[]
  }

  async #addresses(name: string): Promise<ResolvedAddress[]> {
    const answers = await Promise.allSettled([this.#dns.resolve4(name, { ttl: true }), this.#dns.resolve6(name, { ttl: true })])
    const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
    const addresses = found.flatMap(record => {
      const address = canonicalIp(record.address)
      return address === undefined ? [] : [{ address, ttl: clipDnsTtl(record.ttl) }]
    })
    if (addresses.length > 0) return addresses.slice(0, 32)
    const failures = answers.flatMap(answer => (answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : []))
    throw resolveError(failures.find(failure => !isFinal(failure)) ?? failures[0])
  }

  async #names(ip: IpAddress): Promise<ResolvedName[]> {
    try {
      const names = (await this.#dns.reverse(ip)).filter(isHostName)
      if (names.length > 0) return names.slice(0, 8).map(name => ({ name, ttl: clipDnsTtl(MAX_TTL) }))
    } catch (error) {
      throw resolveError(error as NodeJS.ErrnoException)
    }
    throw new ResolveError('no name', false)
  }

  #ask(key: string, signal: AbortSignal, question: () => Promise<unknown[]>): Promise<unknown[]> {
    const cached = this.#cache.get(key)
    if (cached && cached.expires > this.#now()) return abortable(cached.answer, signal)
    if (signal.aborted) return Promise.reject(new ResolveError('aborted', true))
    if (this.#questions >= this.#maxQuestions) return Promise.reject(new ResolveError('too many questions', true))
    this.#questions++
    const answer = limited(question(), this.#timeoutMs).finally(() => this.#questions--)
    this.#remember(key, answer, this.#timeoutMs)
    answer.then(
      records => this.#remember(key, answer, Math.min(...records.map(record => (record as ResolvedAddress).ttl)) * 1000),
      () => this.#remember(key, answer, FAILURE_MS),
    )
    return abortable(answer, signal)
  }

  #remember(key: string, answer: Promise<unknown[]>, milliseconds: number): void {
    this.#cache.delete(key)
    this.#cache.set(key, { answer, expires: this.#now() + milliseconds })
    if (this.#cache.size > CACHE_SIZE) this.#cache.delete(this.#cache.keys().next().value!)
  }
}

/** Answers that will be the same when asked again. */
function isFinal(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOTFOUND' || error.code === 'ENODATA' || error.code === 'EBADNAME'
}

function resolveError(cause: NodeJS.ErrnoException | undefined): ResolveError {
  if (cause instanceof ResolveError) return cause
  return new ResolveError(cause?.code ?? 'no address', cause !== undefined && !isFinal(cause), { cause })
}

function limited<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ResolveError('no answer in time', true)), milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Settles as `promise` does, or rejects at once when the signal aborts; the question itself goes on for others who wait for it. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new ResolveError('aborted', true))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

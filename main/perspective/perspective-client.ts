import { EndReason } from '../cell/command.ts'
import { PaStatusCode } from '../cell/pa.ts'
import { StreamRefused } from '../circuit/errors.ts'
import type { ResolvedAnswer } from '../circuit/hop-role.ts'
import { spliceSocket } from '../circuit/splice.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import type { IpAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'
import { type CandidateSources, Candidates } from './candidates.ts'
import type { PerspectiveChoice } from './choice-name.ts'
import { type Failover, FailoverQuestion } from './failover.ts'
import { MeasuredRates } from './measured-rates.ts'
import type { Offer } from './offers.ts'
import { PerspectiveRefused } from './perspective-link.ts'
import { type ProxyConnection, type ProxyHandler, type ProxyRefusal, ProxyRefused, type ProxyRequest } from './proxy-target.ts'
import { ServerBook } from './server-book.ts'
import { type OpenSessionLink, type Session, SessionPool, type SessionTiming } from './session-pool.ts'
import { beginFlags, type TorStream } from './tor-circuits.ts'
import { UsageBook } from './usage-book.ts'
import { WarmLinks } from './warm-links.ts'

export interface PerspectiveClientOptions extends CandidateSources {
  readonly open: OpenSessionLink
  readonly tor: {
    open(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<TorStream>
    resolve(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<ResolvedAnswer[]>
    stop(): Promise<void>
  }
  /** True while our own relay is what perspective access asks for; nothing leaves in one hop otherwise. */
  unlocked(): boolean
  /** What requests without a user name go through; `undefined` = off. */
  choice(): PerspectiveChoice | undefined
  readonly now?: () => number
  readonly timing?: Partial<SessionTiming>
}

const MAINTAIN_MS = 1000
const MAX_TRIED = 5
/** Refusals that a new consensus may have ended. */
const LISTING_STATUSES: ReadonlySet<number> = new Set([
  PaStatusCode.NOT_LISTED,
  PaStatusCode.NOT_RUNNING,
  PaStatusCode.NOT_STABLE,
  PaStatusCode.ADDRESS_DIFFERS,
  PaStatusCode.DIRECTORY_NOT_LIVE,
])

/** END reasons that say something of the destination, not of the relay: another relay of the same country is not tried for them. */
const FINAL: Partial<Record<number, ProxyRefusal>> = {
  [EndReason.RESOLVEFAILED]: 'name-unknown',
  [EndReason.CONNECTREFUSED]: 'connection-refused',
  [EndReason.TIMEOUT]: 'timeout',
  [EndReason.NOROUTE]: 'host-unreachable',
}

/**
 * The peer's side of perspective access: chooses relays, keeps links to them, opens streams through them for the local proxies. It fails
 * closed: what cannot go the chosen way goes no way at all, and the country never changes unless somebody says so.
 */
export class PerspectiveClient implements ProxyHandler {
  readonly onChange = new Listeners<[]>()
  readonly book: ServerBook
  readonly usage = new UsageBook()
  readonly #o: PerspectiveClientOptions
  readonly #pool: SessionPool
  readonly #candidates: Candidates
  readonly #question: FailoverQuestion
  readonly #warm: WarmLinks
  readonly #rates: MeasuredRates
  readonly #now: () => number
  /** Streams that went the way chosen in the UI, not one that a user name asked for. */
  readonly #chosen = new Set<CircuitStream>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: PerspectiveClientOptions) {
    this.#o = options
    this.#now = options.now ?? Date.now
    const now = this.#now
    this.book = new ServerBook(now)
    this.#rates = new MeasuredRates(this.book)
    this.#pool = new SessionPool({ open: options.open, book: this.book, now, timing: options.timing })
    this.#warm = new WarmLinks({ pool: this.#pool, book: this.book, now })
    this.#candidates = new Candidates({ ...options, pool: this.#pool, book: this.book, now })
    this.#question = new FailoverQuestion(this.#candidates, now)
    this.#pool.onChange.add(() => this.onChange.emit())
    this.#question.onChange.add(() => this.onChange.emit())
    this.usage.onChange.add(() => this.onChange.emit())
  }

  /** From now on links are kept warm and idle ones closed. */
  start(): void {
    this.#timer ??= setInterval(() => this.maintain(), MAINTAIN_MS)
  }

  offers(): readonly Offer[] {
    return this.#o.offers()
  }

  /** Whether there is a link to this relay, and how many of our streams go through it. */
  session(fingerprint: string): { state: 'open' | 'opening' | undefined; streams: number } {
    return { state: this.#pool.state(fingerprint), streams: this.#pool.streams(fingerprint) }
  }

  /** Every server that we have, or had lately, to do with. */
  known(): ReadonlySet<string> {
    return new Set([...this.book.fingerprints(), ...this.#pool.fingerprints()])
  }

  /** The question that waits for an answer: nobody of what was chosen can be had. */
  get failover(): Failover | undefined {
    return this.#question.current
  }

  declineFailover(): void {
    this.#question.decline()
  }

  /** For the question what to take instead. */
  reachableCountries(): { country: string; relays: number }[] {
    return this.#candidates.countries()
  }

  /** See {@link Candidates.of}. */
  candidates(choice: PerspectiveChoice, port: number | undefined): Offer[] {
    return this.#candidates.of(choice, port)
  }

  /** Rejects with {@link ProxyRefused}; see ProxyHandler. */
  async open(request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection> {
    const choice = request.choice ?? this.#o.choice()
    if (!choice) throw new ProxyRefused('not-allowed')
    const { stream, exit } =
      choice.kind === 'tor' ? await this.#openTor(request, choice.country, signal) : await this.#openOneHop(request, choice, signal)
    if (request.choice === undefined) {
      this.#chosen.add(stream)
      stream.onClose.add(() => this.#chosen.delete(stream))
    }
    return {
      address: stream.address,
      through: exit,
      splice: (socket, early) => {
        if (early.length > 0) stream.write(early)
        spliceSocket(stream, socket)
      },
      abort: () => stream.abort(),
    }
  }

  /** A name looked up where the choice leads; rejects like {@link open}. */
  async resolve(request: ProxyRequest, signal: AbortSignal): Promise<IpAddress> {
    const choice = request.choice ?? this.#o.choice()
    if (!choice) throw new ProxyRefused('not-allowed')
    const answers =
      choice.kind === 'tor'
        ? await asProxyRefused(this.#o.tor.resolve(request, choice.country, signal))
        : await this.#through(choice, undefined, request.choice === undefined, signal, session => session.resolve(request.host, signal))
    for (const answer of answers) if (answer.kind === 'address') return answer.address
    throw new ProxyRefused('name-unknown')
  }

  async #openTor(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<TorStream> {
    const opened = await asProxyRefused(this.#o.tor.open(request, country, signal))
    this.usage.add(opened.stream, opened.exit, 'tor')
    return opened
  }

  #openOneHop(request: ProxyRequest, choice: PerspectiveChoice, signal: AbortSignal): Promise<TorStream> {
    const { host, port } = request
    return this.#through(choice, port, request.choice === undefined, signal, async session => {
      const stream = await session.openStream({ host, port, flags: beginFlags(host) }, signal)
      this.usage.add(stream, session.offer.fingerprint, 'one-hop')
      return { stream, exit: session.offer.fingerprint }
    })
  }

  /** Uses the best server that can be had; within what was chosen others are tried after it. */
  async #through<T>(
    choice: PerspectiveChoice,
    port: number | undefined,
    isOwnChoice: boolean,
    signal: AbortSignal,
    use: (session: Session) => Promise<T>,
  ): Promise<T> {
    if (!this.#o.unlocked()) throw new ProxyRefused('locked')
    const candidates = this.candidates(choice, port)
    if (candidates.length === 0) {
      // That nobody lets this port out says nothing of the choice.
      if (port !== undefined && this.candidates(choice, undefined).length > 0) throw new ProxyRefused('not-allowed')
      if (isOwnChoice) this.#question.ask(choice, 'nobody-offers')
      throw new ProxyRefused('no-relay')
    }
    let failure: unknown
    for (const offer of candidates.slice(0, MAX_TRIED)) {
      try {
        return await this.#overSession(offer, signal, use)
      } catch (error) {
        signal.throwIfAborted()
        if (!this.#o.unlocked()) throw new ProxyRefused('locked', { cause: error })
        if (error instanceof StreamRefused && FINAL[error.reason]) throw new ProxyRefused(FINAL[error.reason]!, { cause: error })
        // Of several failures a "no" says more than silence.
        if (failure === undefined || !saysNo(failure)) failure = error
      }
    }
    if (isOwnChoice && candidates.every(offer => this.#candidates.isFailing(offer)))
      this.#question.ask(choice, failure instanceof PerspectiveRefused ? 'refused' : 'unreachable')
    throw new ProxyRefused(saysNo(failure) ? 'not-allowed' : 'network-unreachable', { cause: failure })
  }

  /** A session that was open already may have died unnoticed: then once more with a new one. */
  async #overSession<T>(offer: Offer, signal: AbortSignal, use: (session: Session) => Promise<T>): Promise<T> {
    const wasOpen = this.#pool.state(offer.fingerprint) === 'open'
    const session = await abortable(this.#pool.get(offer), signal)
    try {
      return await use(session)
    } catch (error) {
      if (signal.aborted || !session.closed || !this.#o.unlocked()) throw error
      this.book.failed(offer.fingerprint)
      if (!wasOpen) throw error
      return await use(await abortable(this.#pool.get(offer), signal))
    }
  }

  /** Keeps the chosen and the favourite relays warm, closes idle sessions, and sees whether the choice has anybody left. Called by the clock. */
  maintain(): void {
    this.#rates.sample(this.usage.totals(), this.#now())
    const choice = this.#o.choice()
    this.#question.review(choice)
    if (!this.#o.unlocked()) {
      this.#question.forgetMissing()
      this.#warm.update([])
      return
    }
    this.#dropExcluded()
    this.#warm.update(this.#candidates.wantedWarm(choice))
    this.#pool.sweep(this.#warm.wanted)
    if (choice) this.#question.watch(choice)
  }

  /** What was excluded just now is left at once, with its streams. */
  #dropExcluded(): void {
    const excluded = new Set(this.#o.preferences().excluded)
    if (excluded.size === 0) return
    for (const { fingerprint, country } of this.offers())
      if (excluded.has(fingerprint) || excluded.has(country)) this.#pool.drop(fingerprint, 'excluded')
  }

  /**
   * Another way was chosen: what still goes the old one ends, so that a browser's kept-alive connections do not show the old place; and the new one is
   * made ready before the first page is asked for.
   */
  choiceChanged(): void {
    for (const stream of [...this.#chosen]) stream.abort()
    this.maintain()
  }

  /** Who was not listed may be now. */
  noteConsensus(): void {
    this.book.forgive(LISTING_STATUSES)
    this.#warm.hurry()
    if (this.#timer) this.maintain()
  }

  /** Ends everything that leaves in one hop: the relay stopped or lost what perspective access asks for. */
  lock(): void {
    this.#pool.closeAll('locked')
    this.#question.clear()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.lock()
    await this.#o.tor.stop()
  }
}

const saysNo = (error: unknown) => error instanceof StreamRefused || error instanceof PerspectiveRefused

async function asProxyRefused<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof StreamRefused) throw new ProxyRefused(FINAL[error.reason] ?? 'general', { cause: error })
    throw new ProxyRefused((error as Error)?.name === 'NoPathError' ? 'no-relay' : 'general', { cause: error })
  }
}

/** The promise, or the signal's reason as soon as it is aborted; what was promised goes on for others. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

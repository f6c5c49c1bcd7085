import type { ResolvedAnswer } from '../circuit/hop-role.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import { Listeners } from '../lib/service.ts'
import type { Offer } from './offers.ts'
import { PerspectiveRefused } from './perspective-link.ts'
import type { ServerBook } from './server-book.ts'

/** A one-hop circuit as sessions use it: a ClearOriginCircuit or an OriginCircuit. */
export interface SessionCircuit {
  readonly closed: boolean
  readonly streamCount: number
  readonly onClose: Listeners<[reason: number]>
  openStream(target: { host: string; port: number; flags?: number }, options: { signal: AbortSignal }): Promise<CircuitStream>
  resolve(name: string, options: { signal: AbortSignal }): Promise<ResolvedAnswer[]>
  close(): void
}

/** An admitted link to a server. */
export interface SessionLink {
  /** Admission was lost (with a PA_STATUS code), or the link closed. */
  readonly onLost: Listeners<[status: number | undefined]>
  /** A new circuit over it; takes one round trip. */
  circuit(signal: AbortSignal): Promise<SessionCircuit>
  close(why: string): void
}

/** Rejects with PerspectiveRefused or the connection's error. */
export type OpenSessionLink = (offer: Offer, signal: AbortSignal) => Promise<SessionLink>

export interface SessionPoolOptions {
  readonly open: OpenSessionLink
  readonly book: ServerBook
  readonly now?: () => number
  readonly timing?: Partial<SessionTiming>
}

/** In ms. */
export interface SessionTiming {
  /** For a link to open, with the server's test of us. */
  readonly open: number
  /** A session without streams is closed after it, unless it is kept warm. */
  readonly idle: number
  /** After a failure nobody dials that server again for so long; browsers ask many times a second. */
  readonly pause: number
  /** How old a measured round trip of an open session may become. */
  readonly measure: number
}

const SESSION_TIMING: SessionTiming = { open: 20_000, idle: 300_000, pause: 1000, measure: 300_000 }

/** Streams in one circuit beyond which another is built, and how many circuits a session has; servers allow 8 (perspective-access.md 6). */
const STREAMS_PER_CIRCUIT = 200
const CIRCUITS = 3

/** One admitted link with its circuits, shared by everybody here who looks through that server. */
export class Session {
  readonly offer: Offer
  readonly #link: SessionLink
  readonly #circuits: SessionCircuit[]
  readonly #more = new Set<Promise<SessionCircuit>>()
  readonly #now: () => number
  lastUsed: number
  closed = false
  readonly onClose = new Listeners<[]>()

  constructor(offer: Offer, link: SessionLink, circuit: SessionCircuit, now: () => number) {
    this.offer = offer
    this.#link = link
    this.#circuits = []
    this.#now = now
    this.lastUsed = now()
    this.#add(circuit)
  }

  get streams(): number {
    return this.#circuits.reduce((sum, circuit) => sum + circuit.streamCount, 0)
  }

  #add(circuit: SessionCircuit): void {
    this.#circuits.push(circuit)
    circuit.onClose.add(() => {
      this.#circuits.splice(this.#circuits.indexOf(circuit), 1)
      if (this.#circuits.length === 0) this.close('no circuit left')
    })
  }

  /** The circuit with room; another one is built when all are well filled. */
  async #circuit(signal: AbortSignal): Promise<SessionCircuit> {
    const least = this.#circuits.reduce<SessionCircuit | undefined>((a, b) => (a && a.streamCount <= b.streamCount ? a : b), undefined)
    if (!least) throw new Error('the session is closed')
    if (least.streamCount < STREAMS_PER_CIRCUIT || this.#circuits.length + this.#more.size >= CIRCUITS) return least
    const building = this.#link.circuit(signal)
    this.#more.add(building)
    try {
      const circuit = await building
      if (this.closed) circuit.close()
      else this.#add(circuit)
      return circuit
    } catch {
      // The server grants no more: what there is must do.
      return least
    } finally {
      this.#more.delete(building)
    }
  }

  /** Rejects with StreamRefused, or the signal's reason. */
  async openStream(target: { host: string; port: number; flags: number }, signal: AbortSignal): Promise<CircuitStream> {
    const stream = await (await this.#circuit(signal)).openStream(target, { signal })
    this.lastUsed = this.#now()
    stream.onClose.add(() => {
      this.lastUsed = this.#now()
    })
    return stream
  }

  async resolve(name: string, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    this.lastUsed = this.#now()
    return (await this.#circuit(signal)).resolve(name, { signal })
  }

  /** One round trip, in ms: a circuit is made and dropped. */
  async measure(signal: AbortSignal): Promise<number> {
    const before = performance.now()
    const circuit = await this.#link.circuit(signal)
    circuit.close()
    return performance.now() - before
  }

  close(why: string): void {
    if (this.closed) return
    this.closed = true
    for (const circuit of [...this.#circuits]) circuit.close()
    this.#link.close(why)
    this.onClose.emit()
  }
}

interface Entry {
  readonly promise: Promise<Session>
  /** Once open. */
  session?: Session
  /** When it was last tried to measure its round trip. */
  measuredAt?: number
}

/** One session a server: opened when first wanted or kept warm, closed when nobody has used it for a while. */
export class SessionPool {
  /** A session opened or closed. */
  readonly onChange = new Listeners<[]>()
  readonly #o: SessionPoolOptions
  readonly #timing: SessionTiming
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #failed = new Map<string, { at: number; error: unknown }>()
  #abort = new AbortController()

  constructor(options: SessionPoolOptions) {
    this.#o = options
    this.#timing = { ...SESSION_TIMING, ...options.timing }
    this.#now = options.now ?? Date.now
  }

  state(fingerprint: string): 'open' | 'opening' | undefined {
    const entry = this.#entries.get(fingerprint)
    return entry && (entry.session ? 'open' : 'opening')
  }

  /** Every server that there is a link to, or one on its way. */
  fingerprints(): IterableIterator<string> {
    return this.#entries.keys()
  }

  streams(fingerprint: string): number {
    return this.#entries.get(fingerprint)?.session?.streams ?? 0
  }

  /** The open session, or a new one; callers at the same time share it. Rejects with what opening rejected with. */
  get(offer: Offer): Promise<Session> {
    const { fingerprint } = offer
    const known = this.#entries.get(fingerprint)
    if (known) return known.promise
    const failure = this.#failed.get(fingerprint)
    if (failure && Math.abs(this.#now() - failure.at) < this.#timing.pause) return Promise.reject(failure.error)
    this.#failed.delete(fingerprint)
    const entry: Entry = { promise: this.#open(offer) }
    this.#entries.set(fingerprint, entry)
    const forget = () => {
      if (this.#entries.get(fingerprint) === entry) this.#entries.delete(fingerprint)
      this.onChange.emit()
    }
    entry.promise.then(
      session => {
        entry.session = session
        if (session.closed) forget()
        else session.onClose.add(forget)
        this.onChange.emit()
      },
      error => {
        this.#failed.set(fingerprint, { at: this.#now(), error })
        forget()
      },
    )
    return entry.promise
  }

  async #open(offer: Offer): Promise<Session> {
    const { book } = this.#o
    const { fingerprint } = offer
    const ours = this.#abort.signal
    const signal = AbortSignal.any([ours, AbortSignal.timeout(this.#timing.open)])
    let link: SessionLink | undefined
    try {
      link = await this.#o.open(offer, signal)
      const before = performance.now()
      const circuit = await link.circuit(signal)
      // Locked just now: what has opened all the same must not stay.
      ours.throwIfAborted()
      book.admitted(fingerprint)
      book.measured(fingerprint, performance.now() - before)
      const session = new Session(offer, link, circuit, this.#now)
      link.onLost.add(status => {
        if (session.closed) return
        if (status === undefined) book.failed(fingerprint)
        else book.refused(fingerprint, status, 0)
        session.close('admission lost')
      })
      return session
    } catch (error) {
      link?.close('no session')
      if (error instanceof PerspectiveRefused) book.refused(fingerprint, error.status, error.retryAfter)
      else if (!ours.aborted) book.failed(fingerprint)
      throw error
    }
  }

  /** Ends the session of one server and its streams, if there is one. */
  drop(fingerprint: string, why: string): void {
    this.#entries.get(fingerprint)?.session?.close(why)
  }

  /** Closes sessions that nobody uses, except those of `keep`, and measures the others' round trips anew. */
  sweep(keep: ReadonlySet<string>): void {
    const now = this.#now()
    for (const [fingerprint, entry] of this.#entries) {
      const { session } = entry
      if (!session) continue
      if (!keep.has(fingerprint) && session.streams === 0 && Math.abs(now - session.lastUsed) >= this.#timing.idle) {
        session.close('idle')
        continue
      }
      const last = Math.max(this.#o.book.latency(fingerprint)?.at ?? 0, entry.measuredAt ?? 0)
      if (Math.abs(now - last) < this.#timing.measure) continue
      entry.measuredAt = now
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(this.#timing.open)])
      session
        .measure(signal)
        .then(ms => this.#o.book.measured(fingerprint, ms))
        // A session that cannot make circuits any more shows it when it is used.
        .catch(() => {})
    }
  }

  /** Ends every session and every attempt, now. */
  closeAll(why: string): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#failed.clear()
    const all = [...this.#entries.values()]
    this.#entries.clear()
    for (const entry of all) {
      entry.session?.close(why)
      entry.promise.then(
        session => session.close(why),
        () => {},
      )
    }
  }
}

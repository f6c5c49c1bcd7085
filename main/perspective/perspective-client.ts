import { EndReason } from '../cell/command.ts'
import { StreamRefused } from '../circuit/errors.ts'
import type { OriginCircuit } from '../circuit/origin-circuit.ts'
import { spliceSocket } from '../circuit/splice.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import type { PathRelay } from '../relay/path.ts'
import { circuitHop } from '../relay/path.ts'
import type { Relay } from '../relay/relay.ts'
import type { PerspectiveChoice } from './choice-name.ts'
import { matches, type Offer, perspectiveOffers } from './offers.ts'
import { openPerspectiveLink, PerspectiveRefused, paDoor } from './perspective-link.ts'
import { type ProxyConnection, type ProxyHandler, ProxyRefused, type ProxyRequest } from './proxy-target.ts'
import { TorCircuits } from './tor-circuits.ts'

export interface PerspectiveClientOptions {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  readonly directory: NetworkDirectory
  countryOf(address: IpAddress, port: number): string | undefined
  /** True while our own relay is what perspective access asks for; nothing leaves in one hop otherwise. */
  unlocked(): boolean
  /** Our own flags in the consensus. */
  ownFlags(): ReadonlySet<string>
  /** What requests without a user name go through; `undefined` = off. */
  choice(): PerspectiveChoice | undefined
  readonly log: ScopedLog
}

/** One admitted link with its circuit. */
interface Session {
  readonly offer: Offer
  readonly circuit: OriginCircuit
  readonly close: (why: string) => void
}

/** What goes through one relay now and went before, payload bytes; `fingerprint` is the exit's. */
export interface Usage {
  readonly fingerprint: string
  readonly mode: 'one-hop' | 'tor'
  streams: number
  read: number
  written: number
}

const OPEN_TIMEOUT_MS = 20_000
const MAX_TRIED = 3
const REFUSAL_MEMORY_MS = 60_000

/** END reasons that say something of the destination, not of the relay: another relay of the same country is not tried for them. */
const FINAL: Partial<Record<number, ConstructorParameters<typeof ProxyRefused>[0]>> = {
  [EndReason.RESOLVEFAILED]: 'name-unknown',
  [EndReason.CONNECTREFUSED]: 'connection-refused',
  [EndReason.TIMEOUT]: 'timeout',
  [EndReason.NOROUTE]: 'host-unreachable',
}

/**
 * The peer's side of perspective access: chooses relays, keeps links to them, opens streams through them for the local proxies. It fails
 * closed: what cannot go the chosen way goes no way at all.
 */
export class PerspectiveClient implements ProxyHandler {
  readonly onChange = new Listeners<[]>()
  readonly latencies = new Map<string, { ms: number; at: number }>()
  readonly refusals = new Map<string, { status: number; at: number }>()
  readonly totals = { read: 0, written: 0, streams: 0 }
  readonly #options: PerspectiveClientOptions
  readonly #sessions = new Map<string, Promise<Session>>()
  readonly #streams = new Map<CircuitStream, { fingerprint: string; mode: 'one-hop' | 'tor' }>()
  /** Streams that went the way chosen in the UI, not one that a user name asked for. */
  readonly #chosen = new Set<CircuitStream>()
  readonly #tor: TorCircuits
  #abort = new AbortController()

  constructor(options: PerspectiveClientOptions) {
    this.#options = options
    this.#tor = new TorCircuits({
      circuits: options.circuits,
      own: options.relay.options.keys.fingerprint,
      countryOf: (relay: PathRelay) => options.countryOf(relay.status.address, relay.status.orPort),
    })
  }

  offers(): Offer[] {
    const { directory, countryOf, relay } = this.#options
    return perspectiveOffers(directory, { own: relay.options.keys.fingerprint, countryOf })
  }

  /** Rejects with {@link ProxyRefused}; see ProxyHandler. */
  async open(request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection> {
    const choice = request.choice ?? this.#options.choice()
    if (!choice) throw new ProxyRefused('not-allowed')
    const stream =
      choice.kind === 'tor' ? await this.#openTor(request, choice.country, signal) : await this.#openOneHop(request, choice, signal)
    if (request.choice === undefined) {
      this.#chosen.add(stream)
      stream.onClose.add(() => this.#chosen.delete(stream))
    }
    return {
      address: stream.address,
      splice: (socket, early) => {
        if (early.length > 0) stream.write(early)
        spliceSocket(stream, socket)
      },
      abort: () => stream.abort(),
    }
  }

  async #openTor(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<CircuitStream> {
    try {
      const stream = await this.#tor.open(request, country, signal)
      this.#count(stream, '', 'tor')
      return stream
    } catch (error) {
      if (error instanceof StreamRefused) throw new ProxyRefused(FINAL[error.reason] ?? 'general', { cause: error })
      throw new ProxyRefused((error as Error)?.name === 'NoPathError' ? 'no-relay' : 'general', { cause: error })
    }
  }

  async #openOneHop(request: ProxyRequest, choice: PerspectiveChoice, signal: AbortSignal): Promise<CircuitStream> {
    if (!this.#options.unlocked()) throw new ProxyRefused('locked')
    const candidates = this.#candidates(choice, request.port)
    if (candidates.length === 0) throw new ProxyRefused('no-relay')
    let failure: unknown
    for (const offer of candidates.slice(0, MAX_TRIED)) {
      try {
        const session = await this.#session(offer)
        signal.throwIfAborted()
        const stream = await session.circuit.openStream(
          { host: request.host, port: request.port, flags: request.host.includes(':') ? 1 : 0 },
          { signal },
        )
        this.#count(stream, offer.fingerprint, 'one-hop')
        return stream
      } catch (error) {
        signal.throwIfAborted()
        failure = error
        if (error instanceof StreamRefused && FINAL[error.reason]) throw new ProxyRefused(FINAL[error.reason]!, { cause: error })
      }
    }
    throw new ProxyRefused(
      failure instanceof StreamRefused || failure instanceof PerspectiveRefused ? 'not-allowed' : 'network-unreachable',
      { cause: failure },
    )
  }

  /** Relays that were asked for and let this port out: open sessions first, then the quickest, those that just refused us last. */
  #candidates(choice: PerspectiveChoice, port: number): Offer[] {
    const stable = this.#options.ownFlags().has('Stable')
    const now = Date.now()
    const rank = ({ fingerprint }: Offer): number => {
      const refusal = this.refusals.get(fingerprint)
      const late = refusal && now - refusal.at < REFUSAL_MEMORY_MS ? 1e6 : 0
      return late + (this.#sessions.has(fingerprint) ? 0 : 1000) + (this.latencies.get(fingerprint)?.ms ?? 500)
    }
    return this.offers()
      .filter(offer => matches(offer, choice) && offer.descriptor.perspectivePolicy!.allows(port))
      .filter(offer => stable || offer.descriptor.perspective!.admits === 'running')
      .sort((a, b) => rank(a) - rank(b))
  }

  #session(offer: Offer): Promise<Session> {
    const known = this.#sessions.get(offer.fingerprint)
    if (known) return known
    const session = this.#openSession(offer)
    this.#sessions.set(offer.fingerprint, session)
    const forget = () => {
      if (this.#sessions.get(offer.fingerprint) === session) this.#sessions.delete(offer.fingerprint)
      this.onChange.emit()
    }
    session.then(opened => opened.circuit.onClose.add(forget), forget)
    return session
  }

  async #openSession(offer: Offer): Promise<Session> {
    const { relay, circuits, log } = this.#options
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
    try {
      const link = await openPerspectiveLink({ channels: relay.channels, descriptor: offer.descriptor, purpose: 'browse', signal })
      const before = performance.now()
      const hop = { ...circuitHop(offer), addresses: [paDoor(offer.descriptor)!] }
      const circuit = await circuits.buildOver(link.channel, [hop], signal, 'pa')
      this.latencies.set(offer.fingerprint, { ms: Math.round(performance.now() - before), at: Date.now() })
      this.refusals.delete(offer.fingerprint)
      const close = (why: string) => {
        circuit.close()
        link.channel.close(why)
      }
      link.onLost.add(status => {
        if (status !== undefined) this.refusals.set(offer.fingerprint, { status, at: Date.now() })
        close('admission lost')
      })
      return { offer, circuit, close }
    } catch (error) {
      if (error instanceof PerspectiveRefused) this.refusals.set(offer.fingerprint, { status: error.status, at: Date.now() })
      else log.debug(`a perspective relay was not reached: ${(error as Error).name}`)
      throw error
    }
  }

  #count(stream: CircuitStream, fingerprint: string, mode: 'one-hop' | 'tor'): void {
    this.totals.streams++
    this.#streams.set(stream, { fingerprint, mode })
    stream.onClose.add(() => {
      this.#streams.delete(stream)
      this.totals.read += stream.bytesIn
      this.totals.written += stream.bytesOut
      this.onChange.emit()
    })
    this.onChange.emit()
  }

  /** Live streams by exit, and payload bytes of all of them and all before. */
  usage(): { active: Usage[]; read: number; written: number; streams: number } {
    const active = new Map<string, Usage>()
    let { read, written } = this.totals
    for (const [stream, { fingerprint, mode }] of this.#streams) {
      const entry = active.get(fingerprint) ?? { fingerprint, mode, streams: 0, read: 0, written: 0 }
      entry.streams++
      entry.read += stream.bytesIn
      entry.written += stream.bytesOut
      active.set(fingerprint, entry)
      read += stream.bytesIn
      written += stream.bytesOut
    }
    return { active: [...active.values()], read, written, streams: this.totals.streams }
  }

  /** Another way was chosen: what still goes the old one ends, so that a browser's kept-alive connections do not show the old place. */
  choiceChanged(): void {
    for (const stream of [...this.#chosen]) stream.abort()
  }

  /** Ends everything that leaves in one hop: the relay stopped or lost what perspective access asks for. */
  lock(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions)
      session.then(
        opened => opened.close('locked'),
        () => {},
      )
  }

  async stop(): Promise<void> {
    this.lock()
    await this.#tor.stop()
  }
}

import { BeginFlag } from '../cell/begin.ts'
import { StreamRefused } from '../circuit/errors.ts'
import type { ResolvedAnswer } from '../circuit/hop-role.ts'
import type { OriginCircuit } from '../circuit/origin-circuit.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import { ipToBytes } from '../lib/ip.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import type { PathRelay } from '../relay/path.ts'
import type { ProxyRequest } from './proxy-target.ts'

/** A circuit takes new streams for so long (C tor's MaxCircuitDirtiness). */
const DIRTY_MS = 10 * 60_000
const MAX_CIRCUITS = 50
const ATTEMPTS = 3
const BUILD_TIMEOUT_MS = 30_000
/** An exit for names is one for the web. */
const LOOKUP_PORT = 443

/** BEGIN's flags (tor-spec 6.2): the exit may use IPv6 for everything that is not an IPv4 address. */
export function beginFlags(host: string): number {
  return ipToBytes(host)?.length === 4 ? 0 : BeginFlag.IPV6_OK
}

/** A stream and the fingerprint of the relay that it leaves from. */
export interface TorStream {
  readonly stream: CircuitStream
  readonly exit: string
}

interface Entry {
  readonly circuit: Promise<OriginCircuit>
  readonly since: number
  retired: boolean
}

/**
 * Ordinary three-hop circuits, the slower way through Tor for when no perspective relay fits or somebody wants to be hidden. Each user name
 * has circuits of its own; none is ever shared with a perspective.
 */
export class TorCircuits {
  readonly #circuits: OwnCircuits
  readonly #own: string
  readonly #countryOf: (relay: PathRelay) => string | undefined
  readonly #excluded: () => ReadonlySet<string>
  readonly #entries = new Map<string, Entry>()
  readonly #abort = new AbortController()

  /** `excluded`: fingerprints that no hop may be, and countries that no exit may be in. */
  constructor(options: {
    circuits: OwnCircuits
    own: string
    countryOf(relay: PathRelay): string | undefined
    excluded(): ReadonlySet<string>
  }) {
    this.#circuits = options.circuits
    this.#own = options.own
    this.#countryOf = options.countryOf
    this.#excluded = options.excluded
  }

  /** Rejects with NoPathError, StreamRefused, or the last error of building. */
  open(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<TorStream> {
    return this.#with(request.user, request.port, country, signal, (circuit, entry) => this.#openStream(circuit, entry, request, signal))
  }

  /** A name looked up by the exit; as {@link open}. */
  resolve(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    return this.#with(request.user, LOOKUP_PORT, country, signal, circuit => circuit.resolve(request.host, { signal }))
  }

  async #openStream(circuit: OriginCircuit, entry: Entry, request: ProxyRequest, signal: AbortSignal): Promise<TorStream> {
    const stream = await circuit.openStream({ host: request.host, port: request.port, flags: beginFlags(request.host) }, { signal })
    stream.onClose.add(() => {
      if (entry.retired && circuit.streamCount === 0) circuit.close()
    })
    return { stream, exit: circuit.hops.at(-1)!.rsaIdentity.toString('hex').toUpperCase() }
  }

  async #with<T>(
    user: string | undefined,
    port: number,
    country: string | undefined,
    signal: AbortSignal,
    use: (circuit: OriginCircuit, entry: Entry) => Promise<T>,
  ): Promise<T> {
    let failure: unknown
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const key = `${user ?? ''} ${country ?? ''} ${port}`
      const entry = this.#entry(key, port, country)
      const circuit = await entry.circuit.catch(error => {
        failure = error
        if (error?.name === 'NoPathError') throw error
        return undefined
      })
      signal.throwIfAborted()
      if (!circuit) continue
      try {
        return await use(circuit, entry)
      } catch (error) {
        // A circuit that broke meanwhile says nothing of the destination.
        if (signal.aborted || !circuit.closed || !(error instanceof StreamRefused)) throw error
        failure = error
      }
    }
    throw failure
  }

  #entry(key: string, port: number, country: string | undefined): Entry {
    const now = steadyNow()
    for (const [name, entry] of this.#entries) if (now - entry.since > DIRTY_MS) this.#retire(name, entry)
    const known = this.#entries.get(key)
    if (known) return known
    if (this.#entries.size >= MAX_CIRCUITS) this.#retire(...this.#entries.entries().next().value!)
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(BUILD_TIMEOUT_MS)])
    const circuit = this.#build(port, country, signal)
    const entry: Entry = { circuit, since: now, retired: false }
    this.#entries.set(key, entry)
    const forget = () => this.#entries.get(key) === entry && this.#entries.delete(key)
    circuit.then(built => built.onClose.add(forget), forget)
    return entry
  }

  async #build(port: number, country: string | undefined, signal: AbortSignal): Promise<OriginCircuit> {
    const excluded = this.#excluded()
    const exitWhere = (relay: PathRelay): boolean => {
      const where = this.#countryOf(relay)
      return (country === undefined || where === country) && !(where !== undefined && excluded.has(where))
    }
    const hops = this.#circuits.path({ length: 3, exitPort: port, exitWhere, exclude: new Set([this.#own, ...excluded]) })
    return this.#circuits.build(hops, signal)
  }

  /** Takes no more streams; closes when the last one has ended. */
  #retire(name: string, entry: Entry): void {
    this.#entries.delete(name)
    entry.retired = true
    entry.circuit.then(
      circuit => circuit.streamCount === 0 && circuit.close(),
      () => {},
    )
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    const all = [...this.#entries.values()]
    this.#entries.clear()
    for (const { circuit } of all)
      await circuit.then(
        built => built.close(),
        () => {},
      )
  }
}

import type { OriginCircuit } from '../circuit/origin-circuit.ts'
import type { CircuitStream } from '../circuit/stream.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import type { PathRelay } from '../relay/path.ts'
import type { ProxyRequest } from './proxy-target.ts'

/** A circuit takes new streams for so long (C tor's MaxCircuitDirtiness). */
const DIRTY_MS = 10 * 60_000
const MAX_CIRCUITS = 50
const ATTEMPTS = 3
const BUILD_TIMEOUT_MS = 30_000

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
  readonly #entries = new Map<string, Entry>()
  readonly #abort = new AbortController()

  constructor(options: { circuits: OwnCircuits; own: string; countryOf(relay: PathRelay): string | undefined }) {
    this.#circuits = options.circuits
    this.#own = options.own
    this.#countryOf = options.countryOf
  }

  /** Rejects with NoPathError, StreamRefused, or the last error of building. */
  async open(request: ProxyRequest, country: string | undefined, signal: AbortSignal): Promise<CircuitStream> {
    let failure: unknown
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const key = `${request.user ?? ''} ${country ?? ''} ${request.port}`
      const entry = this.#entry(key, request.port, country)
      const circuit = await entry.circuit.catch(error => {
        failure = error
        if (error?.name === 'NoPathError') throw error
        return undefined
      })
      signal.throwIfAborted()
      if (!circuit) continue
      const stream = await circuit.openStream(
        { host: request.host, port: request.port, flags: request.host.includes(':') ? 1 : 0 },
        { signal },
      )
      stream.onClose.add(() => {
        if (entry.retired && circuit.streamCount === 0) circuit.close()
      })
      return stream
    }
    throw failure
  }

  #entry(key: string, port: number, country: string | undefined): Entry {
    const now = Date.now()
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
    const exitWhere = country === undefined ? undefined : (relay: PathRelay) => this.#countryOf(relay) === country
    const hops = this.#circuits.path({ length: 3, exitPort: port, exitWhere, exclude: new Set([this.#own]) })
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

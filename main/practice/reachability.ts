import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { RelayHistory } from './relay-history.ts'

/** Whom to reach, and who must answer there. */
export interface ReachabilityTarget {
  readonly rsaIdentity: Buffer
  readonly ed25519Identity: Buffer
  readonly address: IpAddress
  readonly port: number
}

/** Opens a link to an ORPort, has the relay prove both identities, and closes it; rejects when any of that fails. */
export type ReachabilityProbe = (target: ReachabilityTarget, signal: AbortSignal) => Promise<void>

export interface ReachabilityOptions {
  relays(): Iterable<ServerDescriptor>
  /** Of the authority's own relay: it is not tested, it knows that it runs. */
  readonly ownFingerprint: string
  readonly history: RelayHistory
  readonly probe: ReachabilityProbe
  /** ms: every relay is tested once in `cycle`; a test takes at most `timeout`; one reached in the last `reachableFor` is reachable. */
  readonly cycle: number
  readonly timeout: number
  readonly reachableFor: number
  readonly now: () => number
  readonly log: ScopedLog
}

/** Tests that are under way at once; the others wait for the next look. */
const MAX_TESTS = 8
/** How often (ms) it is looked which relays are due. */
const LOOK_INTERVAL = 500

/** An authority's tests of ORPorts (dir-spec 3.4.2 "Running"; C tor reachability.c): new relays at once, all others in turn. */
export class ReachabilityTests {
  readonly #options: ReachabilityOptions
  readonly #lastReached = new Map<string, number>()
  readonly #lastTested = new Map<string, number>()
  readonly #tests = new Map<string, Promise<void>>()
  #lookedAt: number | undefined
  #abort: AbortController | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ReachabilityOptions) {
    this.#options = options
  }

  /** Begins; does nothing when already begun. */
  start(): void {
    if (this.#abort) return
    this.#abort = new AbortController()
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#abort?.abort()
    await Promise.all(this.#tests.values())
    this.#abort = undefined
  }

  /** A computer that slept reached nobody meanwhile, and nobody is to blame for it. */
  #forgiveSleep(now: number): void {
    const gap = now - (this.#lookedAt ?? now)
    this.#lookedAt = now
    if (gap < this.#options.reachableFor / 2) return
    for (const [fingerprint, last] of this.#lastReached) this.#lastReached.set(fingerprint, last + gap)
  }

  #look(): void {
    const now = this.#options.now()
    this.#forgiveSleep(now)
    for (const descriptor of this.#options.relays()) {
      if (this.#tests.size >= MAX_TESTS) return
      if (now - (this.#lastTested.get(descriptor.fingerprint) ?? Number.NEGATIVE_INFINITY) >= this.#options.cycle)
        void this.test(descriptor)
    }
  }

  /** Tests a relay now; joins a test under way. Never rejects. */
  test(descriptor: ServerDescriptor): Promise<void> {
    const { fingerprint } = descriptor
    if (fingerprint === this.#options.ownFingerprint || !this.#abort || this.#abort.signal.aborted) return Promise.resolve()
    let running = this.#tests.get(fingerprint)
    if (!running) {
      running = this.#run(descriptor, this.#abort.signal).finally(() => this.#tests.delete(fingerprint))
      this.#tests.set(fingerprint, running)
    }
    return running
  }

  async #run(descriptor: ServerDescriptor, stopping: AbortSignal): Promise<void> {
    const { history, probe, timeout, now, log } = this.#options
    const { fingerprint, address, orPort } = descriptor
    this.#lastTested.set(fingerprint, now())
    try {
      const target = {
        rsaIdentity: Buffer.from(fingerprint, 'hex'),
        ed25519Identity: descriptor.ed25519Identity,
        address,
        port: orPort,
      }
      await probe(target, AbortSignal.any([stopping, AbortSignal.timeout(timeout)]))
      this.#lastReached.set(fingerprint, now())
      history.reached(fingerprint, address, orPort, now())
    } catch (error) {
      // Silence alone takes Running away, after a while: one failed test may be the authority's own trouble.
      log.debug(`a relay was not reached: ${error instanceof Error ? error.message : error}`)
    }
  }

  /** Whether to vote Running; keeps the history of relays that are down. */
  judge(fingerprint: string): boolean {
    const { ownFingerprint, history, cycle, reachableFor, now } = this.#options
    const at = now()
    this.#forgiveSleep(at)
    if (fingerprint === ownFingerprint) return true
    const last = this.#lastReached.get(fingerprint)
    if (last !== undefined && at < last + reachableFor) return true
    history.unreachable(fingerprint, last === undefined ? at : Math.min(at, last + cycle))
    return false
  }
}

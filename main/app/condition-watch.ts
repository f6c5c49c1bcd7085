import { statfs } from 'node:fs/promises'
import { freemem, platform, uptime } from 'node:os'
import type { Problem } from '../../shared/problem.ts'
import type { Channel } from '../channel/channel.ts'
import { ClockWatch } from '../lib/clock-watch.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { type HostFirewall, hostFirewall } from '../net/host-firewall.ts'
import { isTunnel, type OutboundRoutes, outboundRoutes } from '../net/outbound.ts'
import type { ConditionFacts } from './conditions.ts'

/** How often the clocks are compared, and how often the disk and the routes are asked for, ms. */
const LOOK_MS = 10_000
const ASK_MS = 60_000
/** Authorities call a relay down after 45 minutes without success: a shorter sleep is not worth a word. */
const TOLD_SLEEP_SECONDS = 45 * 60
/** A sleep that may have cost the address and the router's memory, seconds. */
const RETEST_SECONDS = 60
/** So many peers must speak before a clock is called wrong. */
const VOICES = 3

/** What a link says of the clocks at its ends. */
type SkewVoice = Pick<Channel, 'initiated' | 'peer' | 'clockSkew' | 'openedAt'>

export interface ConditionWatchOptions {
  readonly folder: string
  /** Whether the routes of this machine matter: not in a network inside it. */
  readonly routes: boolean
  /** A port of the relay is closed from outside: then it is worth asking for a firewall here. */
  portClosed(): boolean
  /** The relay's links now. */
  channels(): Iterable<SkewVoice>
  /** Something happened that the owner should know. */
  onHappened(problem: Problem): void
  onClockSet(): void
  /** The machine was away: what was proved before may be so no longer. */
  onAwake(): void
}

/** Looks after what nobody tells us: the clock, sleep, the disk, the way out. */
export class ConditionWatch {
  readonly #o: ConditionWatchOptions
  readonly #clock = new ClockWatch(LOOK_MS / 1000, Date.now(), uptime())
  #timers: NodeJS.Timeout[] = []
  #routes: OutboundRoutes | undefined
  #diskFree: number | undefined
  #memoryFree: number | undefined
  #firewall: HostFirewall | undefined
  /** The clock was set at this time of the one that nobody sets: what peers said before is no measure of it. */
  #setAt = Number.NEGATIVE_INFINITY
  #skewSeconds: number | undefined
  #address: string | undefined

  constructor(options: ConditionWatchOptions) {
    this.#o = options
  }

  start(): void {
    this.#timers = [setInterval(() => this.#look(), LOOK_MS), setInterval(() => void this.#ask(), ASK_MS)]
    void this.#ask()
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  get facts(): Pick<ConditionFacts, 'routes' | 'diskFree' | 'memoryFree' | 'firewall' | 'skewSeconds'> {
    const routes = this.#routes && { ...this.#routes, tunnel: this.#routes.interface !== undefined && isTunnel(this.#routes.interface) }
    return { routes, diskFree: this.#diskFree, memoryFree: this.#memoryFree, firewall: this.#firewall, skewSeconds: this.#skewSeconds }
  }

  /** The address under which we are published; a change of it is told. */
  sawAddress(address: string | undefined): void {
    if (address === undefined || address === this.#address) return
    if (this.#address !== undefined) this.#o.onHappened({ code: 'address-changed', detail: { before: this.#address, address } })
    this.#address = address
  }

  #look(): void {
    const { slept, moved } = this.#clock.look(Date.now(), uptime())
    if (moved !== 0) {
      this.#setAt = steadyNow()
      this.#o.onClockSet()
      this.#o.onHappened({ code: 'clock-moved', detail: { movedSeconds: moved } })
    }
    if (slept >= TOLD_SLEEP_SECONDS) this.#o.onHappened({ code: 'slept', detail: { asleep: Math.round(slept) } })
    if (slept >= RETEST_SECONDS) this.#o.onAwake()
    this.#skewSeconds = skewOf(this.#o.channels(), this.#setAt)
  }

  async #ask(): Promise<void> {
    this.#memoryFree = memoryFree()
    if (this.#o.routes) this.#routes = await outboundRoutes()
    this.#firewall = this.#o.routes && this.#o.portClosed() ? await hostFirewall() : undefined
    this.#diskFree = await statfs(this.#o.folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    )
  }
}

/**
 * Bytes, with what the system could take back from its caches; a container's own limit is not looked at, since what counts towards it holds such caches.
 * macOS calls free only what nobody ever used, which says nothing.
 */
const memoryFree = () => (platform() === 'darwin' ? undefined : freemem())

/**
 * How far the clocks of relays that we dialled since a time are ahead of ours, seconds: the middle of what they say, so that a few liars
 * change nothing.
 */
export function skewOf(channels: Iterable<SkewVoice>, since: number): number | undefined {
  const voices = new Map<string, number>()
  for (const { initiated, peer, clockSkew, openedAt } of channels)
    if (initiated && peer && clockSkew !== undefined && openedAt > since) voices.set(peer.rsaIdentity.toString('hex'), clockSkew)
  if (voices.size < VOICES) return undefined
  const sorted = [...voices.values()].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]! / 1000
}

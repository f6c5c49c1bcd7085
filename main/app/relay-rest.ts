import type { Standing } from '../../shared/background.ts'
import type { Settings } from '../../shared/settings.ts'
import type { AppState } from '../../shared/state.ts'
import { Protocols } from '../document/protocols.ts'
import type { ScopedLog } from '../lib/log.ts'
import { LEFT_OUT_PROTOCOLS, PROTOCOLS } from '../relay/own-descriptor.ts'
import type { Background } from './background.ts'
import type { RelayRun } from './relay-run.ts'
import type { WeatherFacts } from './weather.ts'

/** What rests: the app's relay. */
export interface RestingRelay {
  run(): RelayRun | undefined
  /** Its owner wants it to run, and agreed to it. */
  wanted(): boolean
  startRelay(): Promise<void>
  stopRelay(): Promise<void>
}

/** Lets the relay run, slows it down or stops it, as `Background` says; says when that changes. */
export class RelayRest {
  readonly #relay: RestingRelay
  readonly #background: Background
  readonly #settings: () => Settings
  readonly #log: ScopedLog
  readonly #onChange: (standing: Standing) => void
  #standing: Standing

  constructor(options: {
    readonly relay: RestingRelay
    readonly background: Background
    readonly settings: () => Settings
    readonly log: ScopedLog
    /** The relay rests from now on, or no longer. */
    readonly onChange: (standing: Standing) => void
  }) {
    this.#relay = options.relay
    this.#background = options.background
    this.#settings = options.settings
    this.#log = options.log
    this.#onChange = options.onChange
    this.#standing = options.background.standing
  }

  get standing(): Standing {
    return this.#standing
  }

  /** Whether the relay must not run now, by the newest facts; if so, it is started when that is over. */
  mustRest(): boolean {
    this.#take(this.#background.standing)
    return this.#standing.state === 'paused'
  }

  /** To be called often: a rest begins and ends, and a limit is kept, as soon as this sees it. */
  look(): void {
    const run = this.#relay.run()
    const change = this.#take(this.#background.look(run?.carried))
    if (run) this.#limit(run, this.#standing)
    if (change === 'begins') void this.#relay.stopRelay()
    else if (change === 'ends' && this.#relay.wanted()) void this.#relay.startRelay()
  }

  #take(now: Standing): 'begins' | 'ends' | undefined {
    const before = this.#standing
    this.#standing = now
    if ((before.state === 'paused') === (now.state === 'paused')) return undefined
    const causes = now.state === 'paused' ? now.causes.map(({ reason }) => reason).join(', ') : undefined
    this.#log.info(causes ? `the relay rests: ${causes}` : 'the relay need not rest any more')
    this.#onChange(now)
    return causes ? 'begins' : 'ends'
  }

  /** A relay that has just started takes the limit of now. */
  #limit({ node }: RelayRun, standing: Standing): void {
    const { bandwidthRate, bandwidthBurst } = this.#settings()
    const rate = standing.state === 'limited' ? standing.rate : bandwidthRate
    node.setBandwidth(rate, Math.round(bandwidthBurst * (rate / bandwidthRate)))
  }
}

/** What notices are made of, taken from what the window shows. `required`: what the authorities ask of every relay. */
export function weatherFactsOf(state: AppState, required: Protocols | undefined): Omit<WeatherFacts, 'cap'> {
  const ports = Object.entries(state.ports)
  return {
    running: state.relay.running,
    listLive: state.network.consensus?.live === true,
    flags: new Set(state.relay.flags),
    unlocked: state.relay.running && state.perspective.locks.length === 0,
    proved: ports.filter(([, { proof }]) => proof.state === 'proved').map(([name]) => name),
    failed: ports.filter(([, { proof }]) => proof.state === 'failed').map(([name]) => name),
    overload: state.server.pausedFor,
    // Only the desktop program has a browser in it, and that is what grows old.
    builtAt: state.product.host === 'electron' ? state.product.builtAt : undefined,
    lacks: required ? Protocols.parse(`${PROTOCOLS} ${LEFT_OUT_PROTOCOLS}`).missingFrom(required) : '',
  }
}

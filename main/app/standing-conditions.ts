import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'
import type { DirectoryProblem, NetworkDirectory } from '../directory/network-directory.ts'
import { steadyNow } from '../lib/steady-clock.ts'
import { ConditionWatch } from './condition-watch.ts'
import { type ConditionFacts, conditions, mayPublishBy, shortageOf } from './conditions.ts'
import type { JoinedNetwork } from './joined-network.ts'
import type { RelayRun } from './relay-run.ts'

/** How many relays of one address the authorities list, when the consensus does not say (C tor's AuthDirMaxServersPerAddr). */
const RELAYS_OF_ONE_ADDRESS = 2

/** What often passes by itself is told only when it has lasted so long, ms: a network that begins, a line that is renewed. */
const PATIENCE_MS: Partial<Record<Problem['code'], number>> = {
  offline: 30_000,
  'no-directory': 30_000,
  'directory-unverified': 30_000,
  'memory-low': 90_000,
}

interface ConditionsOptions {
  readonly folder: string
  readonly network: JoinedNetwork
  readonly directory: NetworkDirectory
  run(): RelayRun | undefined
  onHappened(problem: Problem): void
  onAwake(): void
}

/** Gathers what is known of the relay's surroundings, and says what of it stands in the way. */
export class Conditions {
  readonly #o: ConditionsOptions
  readonly #watch: ConditionWatch
  /** Since when something is so, ms of the steady clock. */
  readonly #since = new Map<Problem['code'], number>()
  /** What the directory said before the clock was set; it is no measure of the new one. */
  #outdated: DirectoryProblem | undefined

  constructor(options: ConditionsOptions) {
    this.#o = options
    const { folder, network, directory, onHappened, onAwake } = options
    const channels = () => options.run()?.node.relay.channels.all() ?? []
    const portClosed = () => Object.values(options.run()?.node.selfTest.proofs ?? {}).some(({ state }) => state === 'failed')
    const onClockSet = () => {
      this.#outdated = directory.problem
      directory.noteClock()
    }
    this.#watch = new ConditionWatch({ folder, routes: network.kind === 'tor', portClosed, channels, onHappened, onClockSet, onAwake })
    this.#watch.start()
  }

  /** Whether the clock is good enough to publish by. */
  get mayPublish(): boolean {
    return mayPublishBy({ ...this.#watch.facts, directory: this.#directory })
  }

  get #directory(): ConditionFacts['directory'] {
    const { directory } = this.#o
    const problem = directory.problem === this.#outdated ? undefined : directory.problem
    return { live: directory.liveness() === 'live', problem }
  }

  /** All that stands now, and has stood long enough to be told. */
  standing(ports: AppState['ports'], publications: AppState['relay']['publications']): Problem[] {
    const { directory, network } = this.#o
    const run = this.#o.run()
    const { consensus } = directory
    const address = run?.node.address
    this.#watch.sawAddress(address)
    // In the practice network many relays share this machine's addresses.
    const neighbours =
      network.practice || !run || address === undefined
        ? 0
        : (consensus?.routers.filter(router => router.address === address && router.fingerprint !== run.node.options.keys.fingerprint)
            .length ?? 0)
    // By the clock that nobody sets: one set back would put off what is told until it is there again.
    const now = steadyNow()
    directory.short = shortageOf(this.#watch.facts)
    const found = conditions({
      ...this.#watch.facts,
      running: run !== undefined,
      directory: this.#directory,
      address,
      addressLearned: run?.node.options.address === undefined,
      ports,
      neighbours: { relays: neighbours, limit: consensus?.params.get('AuthDirMaxServersPerAddr') ?? RELAYS_OF_ONE_ADDRESS },
      publications,
    })
    for (const code of this.#since.keys()) if (!found.some(problem => problem.code === code)) this.#since.delete(code)
    return found.filter(({ code }) => {
      const since = this.#since.get(code) ?? now
      this.#since.set(code, since)
      return now - since >= (PATIENCE_MS[code] ?? 0)
    })
  }

  stop(): void {
    this.#watch.stop()
  }
}

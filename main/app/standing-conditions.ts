import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { ConditionWatch } from './condition-watch.ts'
import { conditions } from './conditions.ts'
import type { JoinedNetwork } from './joined-network.ts'
import type { RelayRun } from './relay-run.ts'

/** How many relays of one address the authorities list, when the consensus does not say (C tor's AuthDirMaxServersPerAddr). */
const RELAYS_OF_ONE_ADDRESS = 2

/** What often passes by itself is told only when it has lasted so long, ms: a network that begins, a line that is renewed. */
const PATIENCE_MS: Partial<Record<Problem['code'], number>> = {
  offline: 30_000,
  'no-directory': 30_000,
  'directory-unverified': 30_000,
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
  /** Since when something is so, ms. */
  readonly #since = new Map<Problem['code'], number>()

  constructor(options: ConditionsOptions) {
    this.#o = options
    const { folder, network, onHappened, onAwake } = options
    const channels = () => options.run()?.node.relay.channels.all() ?? []
    this.#watch = new ConditionWatch({
      folder,
      routes: network.kind === 'tor',
      channels,
      onHappened,
      onClockSet: () => options.directory.noteClock(),
      onAwake,
    })
    this.#watch.start()
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
    const now = Date.now()
    const found = conditions({
      ...this.#watch.facts,
      running: run !== undefined,
      directory: { live: directory.liveness() === 'live', problem: directory.problem },
      address,
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

import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import type { Relay } from '../relay/relay.ts'
import type { SelfTest } from '../relay/self-test.ts'
import type { NodeTiming } from './node-timing.ts'

const OWN_PORTS = ['or', 'dir', 'pa'] as const
/** So many relays are asked at a time how they see us, and how long for, ms. */
const ASKED = 4
const ASK_MS = 15_000

export interface ProofKeeperOptions {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  readonly directory: NetworkDirectory
  readonly selfTest: SelfTest
  readonly timing: Pick<NodeTiming, 'retestFailed' | 'retestProved'>
  /** Our address, once it is known. */
  address(): IpAddress | undefined
}

/** Keeps what is known of our ports true: learns our address, has new ports tested as soon as there is somebody to do it, and old ones again. */
export class ProofKeeper {
  readonly #o: ProofKeeperOptions
  readonly #timers: NodeJS.Timeout[] = []
  readonly #forget: (() => void)[] = []
  #running = false

  constructor(options: ProofKeeperOptions) {
    this.#o = options
  }

  start(): void {
    const { directory, timing } = this.#o
    this.#running = true
    this.#forget.push(
      directory.onConsensus.add(() => void this.settle()),
      directory.onDescriptors.add(() => void this.settle()),
    )
    this.#timers.push(
      setInterval(() => void this.#retest('failed'), timing.retestFailed),
      setInterval(() => void this.#retest('proved'), timing.retestProved),
    )
    void this.settle()
  }

  stop(): void {
    this.#running = false
    for (const timer of this.#timers) clearInterval(timer)
    for (const forget of this.#forget) forget()
  }

  /** Learns our address and tests what was never tested, as soon as there is a network to do it with. Nothing before `start`. */
  async settle(): Promise<void> {
    const { address } = this.#o
    if (!this.#running || (address() && this.#portsThatAre('untested').length === 0) || !this.#canTest()) return
    if (!address()) await this.#askAddress()
    const due = this.#portsThatAre('untested')
    if (address() && due.length > 0) await this.#o.selfTest.run(due)
  }

  /** Tests every port now. */
  async testAll(): Promise<void> {
    if (!this.#o.address()) await this.#askAddress()
    await this.#o.selfTest.run()
  }

  async #retest(state: 'failed' | 'proved'): Promise<void> {
    if (!this.#canTest()) return
    if (state === 'failed') await this.settle()
    if (!this.#o.address()) return
    const due = this.#portsThatAre(state)
    if (due.length > 0) await this.#o.selfTest.run(due)
  }

  #portsThatAre(state: 'untested' | 'failed' | 'proved') {
    return OWN_PORTS.filter(port => this.#o.selfTest.proofs[port].state === state)
  }

  /** There is a live consensus, and most of the descriptors it names are here. */
  #canTest(): boolean {
    const { directory } = this.#o
    return directory.liveness() === 'live' && directory.needed().descriptors.length <= directory.consensus!.routers.length / 10
  }

  /** Opens a few links; each peer's NETINFO says what it sees us as. */
  async #askAddress(): Promise<void> {
    const { relay, circuits } = this.#o
    const { fingerprint: own } = relay.options.keys
    const relays = circuits.relays().filter(({ status }) => status.flags.has('Running') && status.fingerprint !== own)
    const some = relays.sort(() => Math.random() - 0.5).slice(0, ASKED)
    await Promise.allSettled(
      some.map(({ status, descriptor }) =>
        relay.channels.open(
          {
            rsaIdentity: Buffer.from(status.fingerprint, 'hex'),
            ed25519Identity: descriptor?.ed25519Identity,
            addresses: [{ address: status.address, port: status.orPort }],
          },
          { signal: AbortSignal.timeout(ASK_MS) },
        ),
      ),
    )
  }
}

import type { AppState } from '../../shared/state.ts'
import type { DirAuthority } from '../directory/authorities.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { ScopedLog } from '../lib/log.ts'

type Entry = AppState['votes']['entries'][number]

/** Votes are large; on the public network so many authorities are asked after each consensus, in turn. */
const PUBLIC_BATCH = 2

/** Keeps what each authority says of us in its newest vote: its own numbers, never our estimate. Asked once per consensus, in turn. */
export class VotePoller {
  readonly #directory: NetworkDirectory
  readonly #authorities: readonly DirAuthority[]
  readonly #fingerprint: string
  readonly #batch: number
  readonly #testing: boolean
  readonly #log: ScopedLog
  readonly #entries = new Map<string, Entry>()
  readonly #abort = new AbortController()
  #next = 0
  #busy: Promise<void> | undefined

  constructor(options: {
    directory: NetworkDirectory
    authorities: readonly DirAuthority[]
    fingerprint: string
    testing: boolean
    log: ScopedLog
  }) {
    this.#directory = options.directory
    this.#authorities = options.authorities
    this.#fingerprint = options.fingerprint
    this.#testing = options.testing
    this.#batch = options.testing ? options.authorities.length : PUBLIC_BATCH
    this.#log = options.log
    for (const { nickname } of options.authorities)
      this.#entries.set(nickname, { authority: nickname, listed: false, running: false, stable: false })
  }

  get votes(): AppState['votes'] {
    return { entries: [...this.#entries.values()], needed: Math.floor(this.#authorities.length / 2) + 1 }
  }

  /** Asks the next authorities, unless asking is under way; `done` is called after each answer. */
  poll(done: () => void): void {
    if (this.#busy || this.#abort.signal.aborted) return
    const batch = Array.from({ length: Math.min(this.#batch, this.#authorities.length) }, () => {
      const authority = this.#authorities[this.#next % this.#authorities.length]!
      this.#next++
      return authority
    })
    this.#busy = this.#askAll(batch, done).finally(() => {
      this.#busy = undefined
    })
  }

  /** On the public network one after the other: a vote has megabytes, and several at once would keep the event loop for long. */
  async #askAll(batch: readonly DirAuthority[], done: () => void): Promise<void> {
    if (this.#testing) await Promise.all(batch.map(authority => this.#ask(authority).then(done)))
    else for (const authority of batch) await this.#ask(authority).then(done)
  }

  async #ask(authority: DirAuthority): Promise<void> {
    try {
      const vote = await this.#directory.fetchVote(authority, this.#fingerprint, this.#abort.signal)
      const [router] = vote.routers
      const threshold = (name: string) => vote.flagThresholds.get(name)
      this.#entries.set(authority.nickname, {
        authority: authority.nickname,
        fetchedAt: Date.now(),
        listed: router !== undefined,
        running: router?.flags.has('Running') ?? false,
        stable: router?.flags.has('Stable') ?? false,
        mtbf: router?.stats?.mtbf,
        wfu: router?.stats?.wfu,
        timeKnown: router?.stats?.timeKnown,
        stableUptime: threshold('stable-uptime'),
        stableMtbf: threshold('stable-mtbf'),
      })
    } catch (error) {
      this.#log.debug(`the vote of ${authority.nickname} was not had: ${(error as Error).name}`)
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#busy
  }
}

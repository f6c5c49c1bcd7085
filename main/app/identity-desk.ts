import type { CallArgument, CallResult } from '../../shared/ipc.ts'
import type { IdentityFacts } from '../../shared/safety.ts'
import type { AppState } from '../../shared/state.ts'
import type { ScryptCost } from '../crypto/password-box.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Sequence } from '../lib/sequence.ts'
import { KeyFileError } from '../relay/keys.ts'
import { AppStartError } from './app-start-error.ts'
import { dayOf } from './contribution-book.ts'
import { type IdentityContents, IdentityFileError, openIdentity, sealIdentity } from './identity-file.ts'
import type { IdentityKeeper } from './identity-keeper.ts'

export interface IdentityDeskOptions {
  readonly keeper: IdentityKeeper
  readonly network: AppState['network']['kind']
  nickname(): string
  /** When the network saw this relay publish last, ms. */
  seenAt(fingerprint: string): number | undefined
  isRunning(): boolean
  /** Ends the relay, whatever the owner wants; settles when its ports are closed. */
  stopRelay(): Promise<void>
  /** Starts it again, if the owner wants it. */
  startRelay(): Promise<void>
  readonly log: ScopedLog
  /** For tests, which do not want to wait. */
  readonly cost?: ScryptCost
}

/** What an old installation may still publish after the file was written, before it has stopped; and clocks differ. */
const SEEN_TOLERANCE_MS = 10 * 60_000

/** Answers the calls about the relay's identity: written to a file, taken from one, locked after a move. One at a time. */
export class IdentityDesk {
  readonly #o: IdentityDeskOptions
  readonly #steps = new Sequence()

  constructor(options: IdentityDeskOptions) {
    this.#o = options
  }

  /** What keeps the relay from starting. */
  get problem(): AppStartError | undefined {
    const { movedAt, fingerprint } = this.#o.keeper
    if (movedAt === undefined) return undefined
    return new AppStartError('identity-moved', fingerprint === undefined ? {} : { fingerprint })
  }

  export({ password, move }: CallArgument<'identity.export'>, now: number): Promise<CallResult<'identity.export'>> {
    return this.#steps.run(async () => {
      const { keeper, network, nickname, cost } = this.#o
      const { fingerprint } = keeper
      if (fingerprint === undefined) throw new AppStartError('identity-missing')
      // A second file that says "moved" could bring the relay to life in two places.
      if (keeper.movedAt !== undefined && !move) throw this.problem!
      const files = await keeper.read().catch(error => {
        if (error instanceof KeyFileError) throw new AppStartError('key-file-damaged', { file: error.file }, { cause: error })
        throw error
      })
      const text = await sealIdentity({ exportedAt: now, moved: move, network, nickname: nickname(), fingerprint, files }, password, cost)
      if (move) {
        // Locked before it stops, so that nothing can start it again between the two.
        await keeper.markMoved(now)
        await this.#o.stopRelay()
        // It is refused, and the journey says why.
        await this.#o.startRelay()
      }
      return { name: `vantage-identity-${dayOf(now)}.txt`, text }
    })
  }

  /** In its turn too: a guess takes a quarter of a gigabyte, and several at once would keep every file of the program waiting. */
  inspect({ text, password }: CallArgument<'identity.inspect'>): Promise<IdentityFacts> {
    return this.#steps.run(async () => this.#facts(await opened(text, password)))
  }

  #facts({ exportedAt, moved, network, nickname, fingerprint }: IdentityContents): IdentityFacts {
    const { keeper } = this.#o
    const { fingerprint: existing } = keeper
    const isOurs = existing === fingerprint && keeper.movedAt === undefined
    const seenAt = isOurs ? undefined : this.#o.seenAt(fingerprint)
    const runsElsewhere = seenAt !== undefined && seenAt > exportedAt + SEEN_TOLERANCE_MS
    return { fingerprint, nickname, network, exportedAt, moved, existing, ...(runsElsewhere ? { seenAt } : {}) }
  }

  import(argument: CallArgument<'identity.import'>, now: number): Promise<CallResult<'identity.import'>> {
    return this.#steps.run(async () => {
      const { keeper, network, log } = this.#o
      const contents = await opened(argument.text, argument.password)
      const { fingerprint } = contents
      if (contents.network !== network) throw new AppStartError('identity-other-network', { expected: network, found: contents.network })
      const { existing, seenAt } = this.#facts(contents)
      if (existing !== undefined && !argument.replace) throw new AppStartError('identity-exists', { fingerprint: existing })
      if (seenAt !== undefined && !argument.stoppedElsewhere) throw new AppStartError('identity-runs-elsewhere', { fingerprint })
      const wasRunning = this.#o.isRunning()
      const wasLocked = keeper.movedAt !== undefined
      await this.#o.stopRelay()
      try {
        const keptAs = await keeper.install(contents.files, fingerprint, now, log)
        return { fingerprint, keptAs }
      } catch (error) {
        if (error instanceof IdentityFileError) throw new AppStartError('identity-file-damaged', {}, { cause: error })
        throw error
      } finally {
        if (wasRunning || wasLocked) await this.#o.startRelay()
      }
    })
  }

  keep(): Promise<void> {
    return this.#steps.run(async () => {
      await this.#o.keeper.keep()
      await this.#o.startRelay()
    })
  }
}

const FAULT_CODES = { damaged: 'identity-file-damaged', newer: 'identity-file-newer', password: 'password-wrong' } as const

async function opened(text: string, password: string): Promise<IdentityContents> {
  try {
    return await openIdentity(text, password)
  } catch (error) {
    if (error instanceof IdentityFileError) throw new AppStartError(FAULT_CODES[error.fault], {}, { cause: error })
    throw error
  }
}

import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { Publisher, PublishResult } from '../directory/publisher.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import type { OwnDescriptor, RelayFacts } from './own-descriptor.ts'

export interface PublicationLoopOptions {
  readonly own: OwnDescriptor
  readonly publisher: Publisher
  readonly directory: NetworkDirectory
  /** What to publish now; `undefined` while we must not (ports unproved, address unknown, stopping). */
  facts(): RelayFacts | undefined
  /** How often it is asked whether a new descriptor is due. */
  readonly checkMs: number
  readonly log: ScopedLog
}

/** Publishes our descriptor whenever one is due (tor-facts 3.5), one upload at a time. */
export class PublicationLoop {
  readonly onResult = new Listeners<[result: PublishResult]>()
  readonly onPublished = new Listeners<[results: readonly PublishResult[]]>()
  readonly #options: PublicationLoopOptions
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #busy: Promise<void> | undefined

  constructor(options: PublicationLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => this.check(), this.#options.checkMs)
    this.check()
  }

  /** Publishes if something is due and nothing is being published. */
  check(): void {
    if (this.#busy || this.#abort.signal.aborted) return
    const { own, directory, facts, log } = this.#options
    const now = facts()
    if (!now) return
    const entry = own.current && directory.consensus?.byFingerprint.get(own.current.fingerprint)
    const consensus = directory.consensus
    const reason = own.due(
      now,
      consensus && {
        live: directory.liveness() === 'live',
        listed: entry !== undefined,
        stale: entry?.flags.has('StaleDesc') ?? false,
        validAfter: consensus.validAfter,
      },
    )
    if (reason === undefined) return
    this.#busy = this.#publish(now, reason)
      .catch(error => log.error(`publishing failed: ${error instanceof Error ? error.message : error}`))
      .finally(() => {
        this.#busy = undefined
      })
  }

  async #publish(facts: RelayFacts, reason: string): Promise<void> {
    const { own, publisher, log } = this.#options
    const built = own.build(facts, reason)
    log.info(`publishing our descriptor: ${reason}`)
    const results = await publisher.publish(built, { signal: this.#abort.signal, onResult: result => this.onResult.emit(result) })
    own.note(results)
    if (!this.#abort.signal.aborted) this.onPublished.emit(results)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#abort.abort()
    await this.#busy
  }
}

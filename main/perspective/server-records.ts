import { join } from 'node:path'
import type { ScopedLog } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { AccessLog, type AccessLogSettings } from './access-log.ts'
import { BlockBook } from './block-book.ts'
import { FileKeyKeeper, type KeyKeeper } from './key-keeper.ts'
import { UsefulnessBook } from './usefulness.ts'

const SAVE_MS = 10 * 60_000

/** What the server's side keeps on disk, whether the relay runs or not: the block list, the access log, and what we know of peers. */
export class ServerRecords implements Service {
  readonly blocks: BlockBook
  readonly usefulness: UsefulnessBook
  /** `undefined`: there is no folder, nothing is logged. */
  readonly accessLog: AccessLog | undefined
  readonly #settings: () => AccessLogSettings
  readonly #log: ScopedLog
  #timer: NodeJS.Timeout | undefined

  /**
   * `folder`: left out, everything is in memory only. `keyKeeper`: seals the keys of the access log, where the system has one; else a file in the
   * folder does.
   */
  constructor(options: { folder?: string; log: ScopedLog; accessLog?: () => AccessLogSettings; keyKeeper?: KeyKeeper }) {
    const { folder, log, keyKeeper } = options
    this.#log = log
    this.#settings = options.accessLog ?? (() => ({ hours: 0, truncate: false }))
    this.blocks = new BlockBook({ file: folder && join(folder, 'blocklist.txt'), log })
    this.usefulness = new UsefulnessBook({ file: folder && join(folder, 'peers') })
    if (folder === undefined) return
    const keepers = [...(keyKeeper ? [keyKeeper] : []), new FileKeyKeeper(join(folder, 'access-log.key'))]
    this.accessLog = new AccessLog({ folder: join(folder, 'access-log'), keepers, log })
  }

  /** Rejects with the system's error when something there cannot be read, with MalformedError when the block list is too large. */
  async start(): Promise<void> {
    await Promise.all([this.blocks.load(), this.usefulness.load()])
    await this.accessLog?.configure(this.#settings())
    await this.accessLog?.start()
    this.#timer = setInterval(() => void this.#save(), SAVE_MS)
    this.#timer.unref()
  }

  /** The owner decided otherwise about the access log. */
  async configure(): Promise<void> {
    await this.accessLog?.configure(this.#settings())
  }

  async #save(): Promise<void> {
    await this.usefulness.save().catch(error => this.#log.warn(`what we know of peers was not saved: ${error.message}`))
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([this.accessLog?.stop(), this.blocks.close(), this.#save()])
  }
}

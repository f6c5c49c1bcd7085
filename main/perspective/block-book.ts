import { readFileIfPresent, writeFileAtomically } from '../lib/files.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Sequence } from '../lib/sequence.ts'
import { Listeners } from '../lib/service.ts'
import type { BlockEntry } from './block-entry.ts'
import { BlockList, type BlockListError, type BlockSubject, MAX_BLOCK_FILE_BYTES } from './block-list.ts'

export interface BlockBookOptions {
  /** Left out: kept in memory only. */
  readonly file?: string
  readonly now?: () => number
  readonly log: ScopedLog
}

/** The block list in use and its file. Every change is told at once, so that live sessions of the blocked end. */
export class BlockBook {
  readonly onChange = new Listeners<[]>()
  readonly #o: BlockBookOptions
  #list = new BlockList()
  readonly #writes = new Sequence()

  constructor(options: BlockBookOptions) {
    this.#o = options
  }

  get #now(): number {
    return (this.#o.now ?? Date.now)()
  }

  get entries(): BlockEntry[] {
    return this.#list.entries
  }

  /** Reads the file. What cannot be understood in it is passed over with a warning; a file that is too large is rejected with MalformedError. */
  async load(): Promise<void> {
    if (this.#o.file === undefined) return
    const bytes = await readFileIfPresent(this.#o.file)
    if (!bytes) return
    const { list, errors } = BlockList.parse(bytes.toString('utf8'), MAX_BLOCK_FILE_BYTES)
    if (errors[0]) this.#o.log.warn(`block list, line ${errors[0].line}: ${errors[0].reason} (${errors.length} lines passed over)`)
    this.#list = list
    this.#list.prune(this.#now)
    this.onChange.emit()
  }

  match(subject: BlockSubject): BlockEntry | undefined {
    return this.#list.match(subject, this.#now)
  }

  /** Adds or replaces one entry. In force when this returns; settles when it is on disk. */
  add(entry: BlockEntry): Promise<void> {
    this.#list.add(entry)
    return this.#changed()
  }

  /** Puts a whole list in the place of this one; answers with what was passed over. @throws MalformedError */
  async replace(text: string): Promise<readonly BlockListError[]> {
    const { list, errors } = BlockList.parse(text)
    this.#list = list
    await this.#changed()
    return errors
  }

  /** `target` as in the text form. */
  async remove(target: string): Promise<boolean> {
    if (!this.#list.remove(target)) return false
    await this.#changed()
    return true
  }

  /** The text form, without what has expired. */
  export(): string {
    this.#list.prune(this.#now)
    return this.#list.toString()
  }

  #changed(): Promise<void> {
    const text = this.export()
    this.onChange.emit()
    const { file } = this.#o
    if (file === undefined) return Promise.resolve()
    const write = this.#writes.run(() => writeFileAtomically(file, text))
    write.catch(error => this.#o.log.warn(`the block list was not saved: ${(error as Error).message}`))
    return write
  }

  /** Waits until everything is on disk. */
  close(): Promise<void> {
    return this.#writes.idle()
  }
}

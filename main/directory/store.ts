import { join } from 'node:path'
import type { Flavor } from '../document/consensus.ts'
import { ensurePrivateFolder, readFileIfPresent, writeFileAtomically } from '../lib/files.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Sequence } from '../lib/sequence.ts'

/** What is kept on disk between runs. Nothing read back is trusted: the reader verifies it like an answer from the network. */
export type StoredDocuments = 'consensus' | 'consensus-microdesc' | 'certificates' | 'descriptors' | 'microdescriptors'

/** valid-after (ms) of the newest consensus ever taken, for each flavour; 0: none. */
export type NewestSeen = Record<Flavor, number>

const PIECE_LENGTH = 512 * 1024

/** The directory cache on disk. Failures cost the cache, never the service: they are logged and passed over. */
export class DirectoryStore {
  readonly #folder: string
  readonly #log: ScopedLog
  /** One write after the other, so that an older text cannot overwrite a newer one. */
  readonly #writes = new Sequence()

  constructor(folder: string, log: ScopedLog) {
    this.#folder = folder
    this.#log = log
  }

  async open(): Promise<void> {
    try {
      await ensurePrivateFolder(this.#folder)
    } catch (error) {
      this.#complain('cannot make the directory cache', error)
    }
  }

  async read(name: StoredDocuments): Promise<string | undefined> {
    return (await this.#read(name))?.toString('utf8')
  }

  write(name: StoredDocuments, texts: readonly string[]): Promise<void> {
    return this.#write(name, inPieces(texts))
  }

  /** The guard against being shown an older network again after a restart. */
  async readNewest(): Promise<NewestSeen> {
    const seen: NewestSeen = { ns: 0, microdesc: 0 }
    const content = await this.#read('newest.json')
    if (!content) return seen
    try {
      const value = JSON.parse(content.toString('utf8')) as Partial<Record<Flavor, unknown>> | null
      for (const flavor of ['ns', 'microdesc'] as const) {
        const time = value?.[flavor]
        if (typeof time === 'number' && Number.isFinite(time)) seen[flavor] = time
      }
    } catch (error) {
      this.#complain('newest.json is damaged', error)
    }
    return seen
  }

  writeNewest(seen: NewestSeen): Promise<void> {
    return this.#write('newest.json', JSON.stringify(seen))
  }

  /** Resolves when everything written so far is on disk. */
  flush(): Promise<void> {
    return this.#writes.idle()
  }

  async #read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFileIfPresent(join(this.#folder, name))
    } catch (error) {
      this.#complain(`cannot read ${name}`, error)
      return undefined
    }
  }

  #write(name: string, text: string | Iterable<string>): Promise<void> {
    return this.#writes
      .run(() => writeFileAtomically(join(this.#folder, name), text))
      .catch(error => this.#complain(`cannot write ${name}`, error))
  }

  #complain(what: string, error: unknown): void {
    this.#log.warn(`directory cache: ${what}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Megabytes of documents for writes of about {@link PIECE_LENGTH} characters: as one text they would take the event loop for long. */
function* inPieces(texts: readonly string[]): Generator<string, void> {
  let piece = ''
  for (const text of texts) {
    for (let at = 0; at < text.length; at += PIECE_LENGTH) {
      piece += text.slice(at, at + PIECE_LENGTH)
      if (piece.length < PIECE_LENGTH) continue
      yield piece
      piece = ''
    }
  }
  yield piece
}

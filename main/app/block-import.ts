import type { CallArgument, CallResult } from '../../shared/ipc.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { BlockBook } from '../perspective/block-book.ts'
import { BlockList, MAX_BLOCK_LIST_BYTES } from '../perspective/block-list.ts'
import { AppStartError } from './app-start-error.ts'

/**
 * Takes a block list in parts, as windows send it, and puts it in force and on disk as a whole with the last one: whoever goes away midway leaves the
 * list as it was.
 */
export class BlockImport {
  readonly #blocks: BlockBook
  #staged: { readonly id: string; readonly parts: string[]; bytes: number } | undefined

  constructor(blocks: BlockBook) {
    this.#blocks = blocks
  }

  /** Rejects with {@link AppStartError} when a part is missing before this one, or the list is too large; what was staged is dropped then. */
  async take({ id, text, part, last, replace }: CallArgument<'blocks.import'>): Promise<CallResult<'blocks.import'>> {
    if (part === 0) this.#staged = { id, parts: [], bytes: 0 }
    const staged = this.#staged
    if (staged?.id !== id || staged.parts.length !== part) throw this.#refuse('another part is missing')
    staged.parts.push(text)
    staged.bytes += Buffer.byteLength(text)
    if (staged.bytes > MAX_BLOCK_LIST_BYTES) throw this.#refuse('a block list has at most 1 MB')
    if (last) {
      this.#staged = undefined
      await this.#put((replace ? '' : this.#blocks.export()) + staged.parts.join(''))
    }
    return { errors: [...BlockList.parse(text).errors] }
  }

  async #put(text: string): Promise<void> {
    try {
      await this.#blocks.replace(text)
    } catch (error) {
      if (error instanceof MalformedError) throw this.#refuse(error.message)
      throw error
    }
  }

  #refuse(reason: string): AppStartError {
    this.#staged = undefined
    return new AppStartError('bad-request', { option: 'text', reason })
  }
}

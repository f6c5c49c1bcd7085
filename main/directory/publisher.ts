import { setTimeout as sleep } from 'node:timers/promises'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import type { DirAuthority } from './authorities.ts'
import { type DirectoryClient, DirectoryError, type DirectorySource } from './client.ts'

/** What one authority made of our descriptor. */
export interface PublishResult {
  readonly authority: DirAuthority
  /** accepted: taken · not-new: it keeps the one it has (cosmetic change or the same again) · rejected · unreachable. */
  readonly outcome: 'accepted' | 'not-new' | 'rejected' | 'unreachable'
  /** What it said (reason phrase or our words), at most 200 printable characters. */
  readonly answer: string
  /** It serves our descriptor back byte for byte. */
  readonly confirmed: boolean
}

export interface Publication {
  readonly fingerprint: string
  readonly descriptor: string
  readonly extraInfo?: string
  /** Sent as X-Desc-Gen-Reason. */
  readonly reason: string
}

export interface PublisherOptions {
  readonly authorities: readonly DirAuthority[]
  readonly client: DirectoryClient
  readonly log?: ScopedLog
  /** Before the second attempt at an authority that cannot be reached; doubled, with chance, for each one after it. Default 2 s. */
  readonly retryDelayMs?: number
  /** Default 3. */
  readonly attempts?: number
}

export interface PublishOptions {
  readonly signal?: AbortSignal
  /** Told of each authority's result as it comes. */
  onResult?(result: PublishResult): void
}

const MAX_ANSWER_LENGTH = 200
const MAX_ANSWER_BYTES = 64 * 1024
const TIMEOUT_MS = 30_000

/**
 * Uploads our descriptor to every authority (dir-spec 4.1) and reads it back: "200" alone does not mean that it was taken, since a document
 * that does not parse gets the same answer (tor-facts 0.5).
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #log: ScopedLog

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#log = options.log ?? silentLog
  }

  /** Resolves when every authority answered or was given up; one result an authority, in their order. */
  publish(publication: Publication, options: PublishOptions = {}): Promise<PublishResult[]> {
    return Promise.all(
      this.#options.authorities.map(async authority => {
        const result = await this.#publishTo(authority, publication, options.signal)
        this.#log.info(`${authority.nickname}: ${result.outcome}${result.confirmed ? ', confirmed' : ''} (${result.answer})`)
        options.onResult?.(result)
        return result
      }),
    )
  }

  async #publishTo(authority: DirAuthority, publication: Publication, signal?: AbortSignal): Promise<PublishResult> {
    const { attempts = 3, retryDelayMs = 2000 } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(authority, publication, signal)
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error
        if (attempt >= attempts || signal?.aborted)
          return { authority, outcome: 'unreachable', answer: printable(error.message), confirmed: false }
      }
      await sleep(retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal }).catch(() => {})
    }
  }

  /** One upload and its confirmation; rejects with DirectoryError when the authority does not answer. */
  async #attempt(authority: DirAuthority, publication: Publication, signal?: AbortSignal): Promise<PublishResult> {
    const { client } = this.#options
    const source: DirectorySource = { kind: 'dirport', address: authority.address, port: authority.dirPort }
    const { fingerprint, descriptor, extraInfo = '' } = publication
    const options = { signal, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES }
    const headers = { 'X-Desc-Gen-Reason': printable(publication.reason) }
    const response = await client.post(source, '/tor/', descriptor + extraInfo, { ...options, headers })
    const answer = printable(`${response.status} ${response.reason}`)
    // Busy: worth another try.
    if (response.status >= 500) throw new DirectoryError('unreachable', answer)
    if (response.status !== 200) return { authority, outcome: 'rejected', answer, confirmed: false }
    const back = await client.get(source, `/tor/server/fp/${fingerprint}`, options)
    const confirmed = back.status === 200 && back.body.equals(Buffer.from(descriptor))
    if (response.headers.get('X-Descriptor-Not-New') !== undefined) return { authority, outcome: 'not-new', answer, confirmed }
    if (confirmed) return { authority, outcome: 'accepted', answer, confirmed }
    return { authority, outcome: 'rejected', answer: 'it was answered with 200 but not kept', confirmed }
  }
}

/** Foreign text made fit for a log line and a window. */
function printable(text: string): string {
  return text.replace(/[^ -~]+/g, ' ').slice(0, MAX_ANSWER_LENGTH)
}

import type { Flavor } from '../document/consensus.ts'
import type { DirAuthority } from './authorities.ts'
import { type DirectoryClient, DirectoryError, type DirectorySource } from './client.ts'
import type { CertificateName } from './consensus-keeper.ts'
import type { DirectoryResponse } from './http.ts'

/** What a DirPort takes in one URL (C tor's `max_dl_per_request`). */
const DESCRIPTORS_PER_REQUEST = 96
const MICRODESCRIPTORS_PER_REQUEST = 90
const PARALLEL_REQUESTS = 4
const MAX_CONSENSUS_BYTES = 16 * 1024 * 1024
const MAX_CERTIFICATES_BYTES = 1024 * 1024
const MAX_BATCH_BYTES = 4 * 1024 * 1024

export interface FetcherOptions {
  readonly authorities: readonly DirAuthority[]
  readonly client: DirectoryClient
  readonly extraSources?: () => readonly DirectorySource[]
  readonly random: () => number
}

/** What one source said, or why it said nothing. */
export interface Fetched {
  readonly source: DirectorySource
  readonly response: DirectoryResponse | undefined
  readonly error: DirectoryError | undefined
}

/** Asks the authorities in random order, then the extra sources. Knows the URLs of dir-spec 4; judges nothing. */
export class Fetcher {
  readonly #options: FetcherOptions

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  static dirPortOf(authority: DirAuthority): DirectorySource {
    return { kind: 'dirport', address: authority.address, port: authority.dirPort }
  }

  /** Where to ask, in this order. */
  sources(): DirectorySource[] {
    const { authorities, extraSources } = this.#options
    return [...this.#shuffled(authorities.map(Fetcher.dirPortOf)), ...this.#shuffled([...(extraSources?.() ?? [])])]
  }

  #shuffled<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(this.#options.random() * (i + 1))
      ;[items[i], items[j]] = [items[j]!, items[i]!]
    }
    return items
  }

  /** One consensus from one source, only if it is newer than `than` (ms). Servers that have none signed by our authorities say 404. */
  consensus(source: DirectorySource, flavor: Flavor, than: number | undefined, timeoutMs: number, signal: AbortSignal): Promise<Fetched> {
    const prefixes = this.#options.authorities.map(authority => authority.v3ident.slice(0, 6)).sort()
    const path = `/tor/status-vote/current/consensus${flavor === 'ns' ? '' : `-${flavor}`}/${prefixes.join('+')}`
    const headers = than === undefined ? undefined : { 'If-Modified-Since': new Date(than + 1000).toUTCString() }
    return this.#get(source, path, { maxBytes: MAX_CONSENSUS_BYTES, headers, timeoutMs, signal })
  }

  async certificates(source: DirectorySource, names: readonly CertificateName[], timeoutMs: number, signal: AbortSignal): Promise<Fetched> {
    const path = `/tor/keys/fp-sk/${names.map(name => `${name.identity}-${name.signingKeyDigest}`).join('+')}`
    return this.#get(source, path, { maxBytes: MAX_CERTIFICATES_BYTES, timeoutMs, signal })
  }

  /** All descriptors with these digests that the sources have; `take` gets each reply as it comes and gives how many it could use. */
  descriptors(digests: readonly string[], take: (reply: string) => Promise<number>, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#inBatches('/tor/server/d/', '+', digests, DESCRIPTORS_PER_REQUEST, take, timeoutMs, signal)
  }

  microdescriptors(
    digests: readonly string[],
    take: (reply: string) => Promise<number>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#inBatches('/tor/micro/d/', '-', digests, MICRODESCRIPTORS_PER_REQUEST, take, timeoutMs, signal)
  }

  async #inBatches(
    path: string,
    separator: string,
    digests: readonly string[],
    size: number,
    take: (reply: string) => Promise<number>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const batches: string[][] = []
    for (let i = 0; i < digests.length; i += size) batches.push(digests.slice(i, i + size))
    const sources = this.sources()
    let next = 0
    const work = async (): Promise<void> => {
      for (let index = next++; index < batches.length && !signal.aborted; index = next++) {
        // Each batch starts at another source; a source that fails or has nothing hands it on to the next, but not through the whole list.
        for (let attempt = 0; attempt < Math.min(3, sources.length) && !signal.aborted; attempt++) {
          const source = sources[(index + attempt) % sources.length]!
          const fetched = await this.#get(source, path + batches[index]!.join(separator), { maxBytes: MAX_BATCH_BYTES, timeoutMs, signal })
          if (fetched.response?.status !== 200) continue
          if ((await take(fetched.response.body.toString('utf8'))) > 0) break
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(PARALLEL_REQUESTS, batches.length) }, work))
  }

  async #get(source: DirectorySource, path: string, options: Parameters<DirectoryClient['get']>[2]): Promise<Fetched> {
    try {
      return { source, response: await this.#options.client.get(source, path, options), error: undefined }
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error
      return { source, response: undefined, error }
    }
  }
}

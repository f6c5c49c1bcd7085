import type { Consensus, Flavor } from '../document/consensus.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import type { ServerDescriptor } from '../document/server-descriptor.ts'
import type { Vote } from '../document/vote.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import type { DirectoryView } from './answers.ts'
import type { DirAuthority } from './authorities.ts'
import type { DirectoryClient, DirectorySource } from './client.ts'
import { type DirectoryProblem, fetchConsensus, graver } from './consensus-fetch.ts'
import { type CertificateName, ConsensusKeeper } from './consensus-keeper.ts'
import { DescriptorCache } from './descriptor-cache.ts'
import { Fetcher } from './fetcher.ts'
import { Rounds } from './rounds.ts'
import { type Router, RouterList } from './router-list.ts'
import { isCompressed, nextConsensusFetch, retryBackoff } from './schedule.ts'
import { DirectoryStore } from './store.ts'
import { fetchVote } from './vote-fetch.ts'

export type { DirectoryProblem } from './consensus-fetch.ts'
export type { Router } from './router-list.ts'

export type Liveness = 'none' | 'live' | 'expired'

export interface NetworkDirectoryOptions {
  readonly authorities: readonly DirAuthority[]
  /** Cache on disk; made when it is missing. */
  readonly folder: string
  readonly client: DirectoryClient
  readonly now?: () => number
  readonly log?: ScopedLog
  /** Compressed networks (intervals of seconds): fetch at once after fresh-until, retry in seconds. Default: what the consensus' interval says. */
  readonly schedule?: { readonly compressed: boolean }
  /** More places to ask once there are any, e.g. caches by BEGIN_DIR. Asked after the authorities failed. */
  readonly extraSources?: () => readonly DirectorySource[]
  /** Fetch microdescriptors too (needed to serve them). Default true. */
  readonly microdescriptors?: boolean
  /** 0 ≤ x < 1, for jitter. */
  readonly random?: () => number
}

/** What is still missing of the newest consensus. */
export interface NeededDocuments {
  readonly certificates: readonly CertificateName[]
  /** SHA-1 digests, upper-case hex. */
  readonly descriptors: readonly string[]
  /** SHA-256 digests, base64 without '='. */
  readonly microdescriptors: readonly string[]
}

const FLAVORS: readonly Flavor[] = ['ns', 'microdesc']
const FILES = { ns: 'consensus', microdesc: 'consensus-microdesc' } as const
const TIMEOUT_MS = 60_000
const COMPRESSED_TIMEOUT_MS = 5000
/** The descriptor files are large and change little: they are written this rarely, and at the end. */
const DESCRIPTORS_WRITTEN_EVERY_MS = 30 * 60_000

/** What the computer has too little of. */
export interface Shortage {
  readonly disk: boolean
  readonly memory: boolean
}

/** Our verified view of the network: fetched, checked, kept on disk and kept fresh as a directory cache does (dir-spec 5). */
export class NetworkDirectory implements Service, DirectoryView {
  /** Emitted after a newer ns consensus was verified and taken. */
  readonly onConsensus = new Listeners<[Consensus]>()
  /** Emitted when more descriptors or microdescriptors arrived, and when more of them have been parsed. */
  readonly onDescriptors = new Listeners<[]>()
  readonly onProblem = new Listeners<[DirectoryProblem]>()
  /** Set by the owner: then descriptors, the bulk of the cache, are not written, and little is held to be served. */
  short: Shortage = { disk: false, memory: false }
  readonly #options: NetworkDirectoryOptions
  readonly #now: () => number
  readonly #random: () => number
  readonly #log: ScopedLog
  readonly #keeper: ConsensusKeeper
  readonly #cache = new DescriptorCache()
  readonly #list: RouterList
  readonly #store: DirectoryStore
  readonly #fetcher: Fetcher
  readonly #abort = new AbortController()
  #problem: DirectoryProblem | undefined
  readonly #consensuses: Rounds
  readonly #documents: Rounds
  #parsing: Promise<void> | undefined
  #descriptorsWrittenAt = 0
  #descriptorsDirty = false

  constructor(options: NetworkDirectoryOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    this.#log = options.log ?? silentLog
    this.#keeper = new ConsensusKeeper(options.authorities.map(authority => authority.v3ident))
    this.#list = new RouterList(this.#cache, options.microdescriptors !== false)
    this.#store = new DirectoryStore(options.folder, this.#log)
    this.#fetcher = new Fetcher({ ...options, random: this.#random })
    const common = {
      backoff: () => retryBackoff(this.consensus, this.#compressed),
      random: this.#random,
      signal: this.#abort.signal,
      onError: (error: unknown) => this.#failed(error),
    }
    this.#consensuses = new Rounds({
      ...common,
      work: force => this.#fetchConsensuses(force),
      // Still stale: nobody had a newer one.
      isDone: () => !FLAVORS.some(flavor => this.#isStale(flavor)),
      rest: () => this.#untilNextConsensus(),
    })
    const isComplete = () => this.#cache.missingDescriptors().length + this.#cache.missingMicrodescriptors().length === 0
    this.#documents = new Rounds({
      ...common,
      work: () => this.#fetchDocuments(),
      isDone: isComplete,
      rest: () => (isComplete() ? undefined : 0),
    })
  }

  /** The newest verified ns consensus; it may have expired, see {@link liveness}. */
  get consensus(): Consensus | undefined {
    return this.#keeper.current('ns')
  }
  get microdescConsensus(): Consensus | undefined {
    return this.#keeper.current('microdesc')
  }
  /** What is wrong now; `undefined` when the newest attempt went well. */
  get problem(): DirectoryProblem | undefined {
    return this.#problem
  }
  get certificates(): readonly KeyCertificate[] {
    return this.#keeper.certificates
  }

  get memoryShort(): boolean {
    return this.short.memory
  }

  liveness(now: number = this.#now()): Liveness {
    const consensus = this.consensus
    if (!consensus) return 'none'
    return now <= consensus.validUntil ? 'live' : 'expired'
  }

  /** The descriptor that the consensus names for this relay (40 upper-case hex digits), or until that has arrived the one before. */
  descriptor(fingerprint: string): ServerDescriptor | undefined {
    return this.#list.descriptor(fingerprint)
  }

  /**
   * As {@link descriptor}, but at no cost: `undefined` also while it has not been parsed, which happens in the background. For whoever looks through
   * all relays; {@link onDescriptors} tells when there are more.
   */
  parsedDescriptor(fingerprint: string): ServerDescriptor | undefined {
    return this.#list.parsedDescriptor(fingerprint)
  }

  /** The listed relay with this Ed25519 identity, going by the descriptors we have. */
  findByEd25519(identity: Uint8Array): Router | undefined {
    return this.#list.findByEd25519(identity)
  }

  router(fingerprint: string): Router | undefined {
    return this.#list.router(fingerprint)
  }

  /** All relays of the newest consensus. */
  routers(): IterableIterator<Router> {
    return this.#list.routers()
  }

  needed(): NeededDocuments {
    return {
      certificates: this.#keeper.missingCertificates(this.#now()),
      descriptors: this.#cache.missingDescriptors(),
      microdescriptors: this.#cache.missingMicrodescriptors(),
    }
  }

  descriptorByDigest(digest: string): string | undefined {
    return this.#cache.descriptorText(digest)
  }
  descriptorByFingerprint(fingerprint: string): string | undefined {
    return this.#list.text(fingerprint)
  }
  descriptorTexts(): Iterable<string> {
    return this.#cache.descriptorTexts()
  }
  microdescriptor(digest: string): string | undefined {
    return this.#cache.microdescriptorText(digest)
  }

  /** Reads the cache, then fetches in the background; resolves when the cache was read. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#store.open()
    await this.#load()
    if (signal?.aborted || this.#abort.signal.aborted) return
    this.#consensuses.plan()
    this.#documents.plan()
  }

  /** Gives up what is under way and writes the cache. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.allSettled([this.#consensuses.stop(), this.#documents.stop(), this.#parsing])
    if (this.#descriptorsDirty) this.#writeDescriptors()
    await this.#store.flush()
  }

  /** Asks now for anything newer or missing; resolves when that round is over, whether or not it brought anything. */
  async refreshNow(): Promise<void> {
    await this.#consensuses.run(true)
    await this.#documents.run()
  }

  /** Somebody set the clock: what was planned by the old one is planned anew. */
  noteClock(): void {
    this.#consensuses.plan()
  }

  /** See {@link fetchVote}. */
  fetchVote(authority: DirAuthority, only?: string, signal: AbortSignal = this.#abort.signal): Promise<Vote> {
    return fetchVote(this.#options.client, authority, { only, signal })
  }

  async #load(): Promise<void> {
    this.#keeper.newest = await this.#store.readNewest()
    const certificates = await this.#store.read('certificates')
    if (certificates) this.#keeper.addCertificates(certificates, this.#now())
    for (const flavor of FLAVORS) {
      const text = await this.#store.read(FILES[flavor])
      if (text === undefined) continue
      const offer = await this.#keeper.offer(flavor, text, this.#now(), this.#abort.signal)
      if (offer.kind === 'taken') this.#list.take(flavor, offer.consensus)
      else if ('detail' in offer) this.#log.warn(`the cached ${flavor} consensus is refused: ${offer.detail}`)
    }
    const descriptors = await this.#store.read('descriptors')
    if (descriptors !== undefined) await this.#cache.addDescriptors(descriptors)
    const microdescriptors = await this.#store.read('microdescriptors')
    if (microdescriptors !== undefined) await this.#cache.addMicrodescriptors(microdescriptors)
    this.#documentsArrived()
    this.#descriptorsDirty = false
    this.#descriptorsWrittenAt = this.#now()
    if (this.consensus) this.onConsensus.emit(this.consensus)
  }

  get #compressed(): boolean {
    return this.#options.schedule?.compressed ?? (this.consensus !== undefined && isCompressed(this.consensus))
  }

  get #timeoutMs(): number {
    return this.#compressed ? COMPRESSED_TIMEOUT_MS : TIMEOUT_MS
  }

  /** The flavour is missing, or authorities should have a newer one by now. */
  #isStale(flavor: Flavor): boolean {
    const consensus = this.#keeper.current(flavor)
    return !consensus || this.#now() >= consensus.freshUntil
  }

  /** ms until the authorities should have a newer one, of whichever flavour is the first. */
  #untilNextConsensus(): number {
    const now = this.#now()
    const times = FLAVORS.map(flavor => this.#keeper.current(flavor)).map(consensus =>
      consensus && now <= consensus.validUntil ? nextConsensusFetch(consensus, this.#random(), this.#compressed) : now,
    )
    return Math.max(0, Math.min(...times) - now)
  }

  #failed(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#log.error(`fetching failed: ${error instanceof Error ? error.message : error}`)
  }

  async #fetchConsensuses(force: boolean): Promise<void> {
    const options = {
      fetcher: this.#fetcher,
      keeper: this.#keeper,
      now: this.#now,
      log: this.#log,
      onCertificates: () => void this.#store.write('certificates', textsOf(this.certificates)),
    }
    let problem: DirectoryProblem | undefined
    for (const flavor of FLAVORS) {
      if (!force && !this.#isStale(flavor)) continue
      const outcome = await fetchConsensus(options, flavor, this.#timeoutMs, this.#abort.signal)
      if (this.#abort.signal.aborted) return
      if (outcome.taken) this.#takenFromNetwork(flavor)
      problem = graver(problem, outcome.problem)
    }
    const before = this.#problem?.code
    this.#problem = problem
    if (problem && problem.code !== before) this.onProblem.emit(problem)
  }

  #takenFromNetwork(flavor: Flavor): void {
    const consensus = this.#keeper.current(flavor)!
    void this.#store.writeNewest(this.#keeper.newest)
    void this.#store.write(FILES[flavor], [consensus.text])
    this.#log.info(`took the ${flavor} consensus of ${new Date(consensus.validAfter).toISOString()}, ${consensus.routers.length} relays`)
    this.#list.take(flavor, consensus)
    if (flavor === 'ns') this.onConsensus.emit(consensus)
    this.#documents.hurry()
  }

  async #fetchDocuments(): Promise<void> {
    const [cache, fetcher, timeoutMs, signal] = [this.#cache, this.#fetcher, this.#timeoutMs, this.#abort.signal]
    const noted = async (adding: Promise<number>): Promise<number> => {
      const added = await adding
      if (added > 0) this.#documentsArrived()
      return added
    }
    await fetcher.descriptors(cache.missingDescriptors(), reply => noted(cache.addDescriptors(reply)), timeoutMs, signal)
    await fetcher.microdescriptors(cache.missingMicrodescriptors(), reply => noted(cache.addMicrodescriptors(reply)), timeoutMs, signal)
    if (this.#descriptorsDirty && Math.abs(this.#now() - this.#descriptorsWrittenAt) > DESCRIPTORS_WRITTEN_EVERY_MS)
      this.#writeDescriptors()
  }

  #documentsArrived(): void {
    this.#descriptorsDirty = true
    this.#list.changed()
    this.onDescriptors.emit()
    this.#parsing ??= this.#cache
      .parseAll(this.#abort.signal, () => this.onDescriptors.emit())
      .finally(() => {
        this.#parsing = undefined
      })
  }

  #writeDescriptors(): void {
    // They stay dirty: what can be fetched again is written when there is room.
    if (this.short.disk) return
    this.#descriptorsDirty = false
    this.#descriptorsWrittenAt = this.#now()
    void this.#store.write('descriptors', [...this.#cache.descriptorTexts()])
    void this.#store.write('microdescriptors', [...this.#cache.microdescriptorTexts()])
  }
}

function textsOf(certificates: readonly KeyCertificate[]): string[] {
  return certificates.map(certificate => certificate.text)
}

import type { DirAuthority } from '../directory/authorities.ts'
import type { DirectoryClient } from '../directory/client.ts'
import type { DirectoryAnswer, DirectoryServerOptions, DirectoryView } from '../directory/server.ts'
import { type Consensus, type Flavor, parseConsensus } from '../document/consensus.ts'
import { verifyConsensus } from '../document/consensus-signature.ts'
import type { KeyCertificate } from '../document/key-certificate.ts'
import { formatVote, type Vote } from '../document/vote.ts'
import { MalformedError } from '../lib/bytes.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import { AuthorityEndpoints } from './authority-endpoints.ts'
import type { AuthorityKeys } from './authority-keys.ts'
import { makeBallot } from './ballot.ts'
import type { RelayOpinion } from './flags.ts'
import { Gate } from './gate.ts'
import { PeerAuthorities } from './peer-authorities.ts'
import { type ReachabilityProbe, ReachabilityTests } from './reachability.ts'
import { RelayHistory } from './relay-history.ts'
import type { PracticeTiming } from './timing.ts'
import { DescriptorRegistry } from './uploads.ts'
import { type SignedConsensus, type VotingAnswer, VotingRound } from './voting-round.ts'

export interface DirectoryAuthorityOptions {
  readonly keys: AuthorityKeys
  /** All authorities of the network, this one included. */
  readonly authorities: readonly DirAuthority[]
  readonly timing: PracticeTiming
  readonly client: DirectoryClient
  readonly probe: ReachabilityProbe
  /** Consensus parameters it votes for. */
  readonly params?: ReadonlyMap<string, number>
  readonly now?: () => number
  readonly log: ScopedLog
}

/** How long (ms) one round may wait for the other authorities. */
export interface RoundPatience {
  readonly votes: number
  readonly signatures: number
}

/** A microdescriptor that no vote of ours named for so long (ms) is forgotten. */
const MICRODESCRIPTOR_LIFETIME = 10 * 60_000

/** How long (ms) after valid-after the other authorities may need to serve the new consensus. */
const PUBLISHING_SLACK = 200

/**
 * A directory authority (dir-spec 3): takes descriptors, tests their relays, votes, and makes the consensus with the other authorities.
 * It is no server itself: its relay's directory server asks it through {@link extra} and serves it as its {@link DirectoryView}.
 */
export class DirectoryAuthority implements Service, DirectoryView {
  /** A consensus of a majority was made and is now served. */
  readonly onConsensus = new Listeners<[SignedConsensus]>()
  readonly identity: DirAuthority
  readonly registry: DescriptorRegistry
  readonly history: RelayHistory
  readonly #options: DirectoryAuthorityOptions
  readonly #now: () => number
  readonly #tests: ReachabilityTests
  readonly #peers: PeerAuthorities
  readonly #endpoints = new AuthorityEndpoints(this)
  readonly #certificates = new Map<string, KeyCertificate>()
  readonly #microdescriptors = new Map<string, { readonly text: string; namedAt: number }>()
  /** Something was posted to us. */
  readonly #posted = new Gate()
  #rounds = new Map<number, VotingRound>()
  #nextRound: VotingRound | undefined
  #current: SignedConsensus | undefined
  #currentVotes: ReadonlyMap<string, Vote> = new Map()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<unknown> | undefined
  readonly #stopped = new AbortController()

  constructor(options: DirectoryAuthorityOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    const { timing, keys, log } = options
    const own = options.authorities.find(authority => authority.v3ident === keys.certificate.identity)
    if (!own) throw new Error('the authority is not in the list of authorities')
    this.identity = own
    this.#certificates.set(keys.certificate.identity, keys.certificate)
    this.registry = new DescriptorRegistry({ now: this.#now, allowPrivate: true, ownFingerprint: own.fingerprint })
    this.history = new RelayHistory({
      downrateInterval: timing.downrateInterval,
      addressChangePenalty: (timing.freshFor + timing.validFor) / 2,
    })
    this.#tests = new ReachabilityTests({
      relays: () => this.registry.relays,
      ownFingerprint: own.fingerprint,
      history: this.history,
      probe: options.probe,
      cycle: timing.reachabilityCycle,
      timeout: timing.reachabilityTimeout,
      reachableFor: timing.reachableFor,
      now: this.#now,
      log,
    })
    this.#peers = new PeerAuthorities({
      peers: options.authorities.filter(authority => authority !== own),
      client: options.client,
      timeoutMs: timing.voteWait,
      log,
    })
    this.registry.onAccepted.add((descriptor, previous) => {
      const moved = previous && (previous.address !== descriptor.address || previous.orPort !== descriptor.orPort)
      if (!previous || moved || (previous.hibernating && !descriptor.hibernating)) void this.#tests.test(descriptor)
    })
  }

  // What it serves, as a DirectoryView.

  get consensus(): Consensus | undefined {
    return this.#current?.ns
  }
  get microdescConsensus(): Consensus | undefined {
    return this.#current?.microdesc
  }
  get certificates(): readonly KeyCertificate[] {
    return [...this.#certificates.values()]
  }
  descriptorByDigest(digest: string): string | undefined {
    return this.registry.byDigest(digest)?.text
  }
  descriptorByFingerprint(fingerprint: string): string | undefined {
    return this.registry.get(fingerprint)?.text
  }
  *descriptorTexts(): IterableIterator<string> {
    for (const descriptor of this.registry.relays) yield descriptor.text
  }
  microdescriptor(digest: string): string | undefined {
    return this.#microdescriptors.get(digest)?.text
  }
  extraInfoByDigest(digest: string): string | undefined {
    return this.registry.extraInfo(digest)?.text
  }
  extraInfoByFingerprint(fingerprint: string): string | undefined {
    const digest = this.registry.get(fingerprint)?.extraInfoDigest?.sha1
    return digest === undefined ? undefined : this.extraInfoByDigest(digest)
  }

  /** Hook for the directory server of its relay: uploads, votes and signatures. */
  readonly extra: NonNullable<DirectoryServerOptions['extra']> = (path, request): DirectoryAnswer | undefined =>
    this.#endpoints.answer(path, request)

  /** The votes the served consensus was made of, by v3ident. */
  get currentVotes(): ReadonlyMap<string, Vote> {
    return this.#currentVotes
  }
  /** The round we are voting in. */
  get nextRound(): VotingRound | undefined {
    return this.#nextRound
  }

  // What the other authorities send.

  receiveVote(text: string): VotingAnswer {
    const round = this.#roundOf(text)
    const answer = round?.addVote(text) ?? { status: 400, reason: 'Bad valid-after time' }
    this.#posted.open()
    return answer
  }

  receiveSignatures(text: string): VotingAnswer {
    const round = this.#roundOf(text)
    const answer = round?.addSignatures(text) ?? {
      status: 400,
      reason: 'Valid-after times do not match when trying to add detached signatures',
    }
    this.#posted.open()
    return answer
  }

  /** The round a document is for, begun if its time has come: the others' clocks may be a little ahead of ours. */
  #roundOf(text: string): VotingRound | undefined {
    const match = /^valid-after (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/m.exec(text.slice(0, 2000))
    const validAfter = match ? Date.parse(`${match[1]}T${match[2]}Z`) : Number.NaN
    const isNext =
      validAfter > (this.#current?.ns.validAfter ?? 0) && Math.abs(validAfter - this.#now()) <= this.#options.timing.votingInterval
    return isNext ? this.#round(validAfter) : undefined
  }

  #round(validAfter: number): VotingRound {
    let round = this.#rounds.get(validAfter)
    if (!round) {
      const { keys, authorities } = this.#options
      round = new VotingRound({
        validAfter,
        authorities: authorities.map(authority => authority.v3ident),
        signer: { identity: this.identity.v3ident, key: keys.signing },
      })
      this.#rounds.set(validAfter, round)
    }
    return round
  }

  // Voting.

  /** Begins to test relays and to vote at every voting interval. */
  async start(): Promise<void> {
    this.startTests()
    this.#schedule()
  }

  /** Begins to test relays only; a first round can then be held with {@link vote} before {@link start}. */
  startTests(): void {
    this.#tests.start()
  }

  #schedule(): void {
    const { votingInterval, exchangeTime, voteWait, signatureWait } = this.#options.timing
    const now = this.#now()
    const validAfter = Math.ceil((now + exchangeTime + 1) / votingInterval) * votingInterval
    this.#timer = setTimeout(
      () => {
        // The computer slept: that consensus would be of the past.
        if (this.#now() - validAfter > votingInterval / 2) return this.#schedule()
        this.#running = this.vote(validAfter, { votes: voteWait, signatures: signatureWait })
          .catch(error => this.#options.log.error(`voting failed: ${error instanceof Error ? error.message : error}`))
          .finally(() => {
            if (!this.#stopped.signal.aborted) this.#schedule()
          })
      },
      validAfter - exchangeTime - now,
    )
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stopped.abort()
    this.#posted.open()
    await this.#tests.stop()
    await this.#running
  }

  /** Waits until every relay now known has been tested once. */
  async testAll(): Promise<void> {
    await Promise.all([...this.registry.relays].map(descriptor => this.#tests.test(descriptor)))
  }

  #opinions(): RelayOpinion[] {
    const now = this.#now()
    this.history.downrate(now)
    const authorities = new Set(this.#options.authorities.map(authority => authority.fingerprint))
    return [...this.registry.relays].map(descriptor => ({
      descriptor,
      reachable: this.#tests.judge(descriptor.fingerprint),
      record: this.history.record(descriptor.fingerprint, now),
      isAuthority: authorities.has(descriptor.fingerprint),
    }))
  }

  #makeVote(validAfter: number): string {
    const { timing, keys, params } = this.#options
    const now = this.#now()
    const { fields, microdescriptors } = makeBallot(
      {
        published: Math.floor(now / 1000) * 1000,
        validAfter,
        freshUntil: validAfter + timing.freshFor,
        validUntil: validAfter + timing.validFor,
        voteSeconds: timing.voteSeconds,
        distSeconds: timing.distSeconds,
        params: params ?? new Map(),
        authority: { ...this.identity, identity: this.identity.v3ident, hostname: this.identity.address, contact: 'practice network' },
        certificate: keys.certificate,
      },
      this.#opinions(),
      {
        now,
        stableGuarantee: timing.stableGuarantee,
        guardTimeKnown: timing.guardTimeKnown,
        hsDirUptime: timing.hsDirUptime,
        enoughHistory: this.history.watchedFor(now) >= timing.enoughHistory,
      },
    )
    for (const [digest, text] of microdescriptors) this.#microdescriptors.set(digest, { text, namedAt: now })
    for (const [digest, { namedAt }] of this.#microdescriptors)
      if (namedAt < now - MICRODESCRIPTOR_LIFETIME) this.#microdescriptors.delete(digest)
    return formatVote(fields, keys.signing)
  }

  /** The consensus that the others made of other votes than ours, if they are the majority. */
  async #fetchConsensus(round: VotingRound): Promise<SignedConsensus | undefined> {
    // Their timers run with ours: give them time to publish it.
    await this.#posted.until(() => this.#stopped.signal.aborted, PUBLISHING_SLACK)
    const identities = this.#options.authorities.map(authority => authority.v3ident)
    const pick = async (flavor: Flavor): Promise<Consensus | undefined> => {
      for (const text of await this.#peers.fetchConsensus(flavor)) {
        try {
          const consensus = parseConsensus(text)
          const isOurs = consensus.flavor === flavor && consensus.validAfter === round.validAfter
          if (isOurs && verifyConsensus(consensus, this.certificates, identities).accepted) return consensus
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error
        }
      }
      return undefined
    }
    const [ns, microdesc] = await Promise.all([pick('ns'), pick('microdesc')])
    return ns && microdesc && { ns, microdesc }
  }

  /**
   * One round of voting for a consensus valid after `validAfter` (a whole second): our vote to the others and theirs to us, the consensus,
   * the signatures. Takes and serves the consensus at that time, or when it is ready if that is later; false when no majority came about.
   */
  async vote(validAfter: number, patience: RoundPatience): Promise<boolean> {
    const { log } = this.#options
    const round = this.#round(validAfter)
    this.#nextRound = round
    const ownVote = this.#makeVote(validAfter)
    const stored = round.addVote(ownVote)
    if (stored.status !== 200) throw new Error(`our own vote was not taken: ${stored.reason}`)
    const posting = this.#peers.postVote(ownVote)
    await this.#posted.until(() => round.missingVotes.length === 0 || this.#stopped.signal.aborted, patience.votes)
    for (const text of await this.#peers.fetchVotes(round.missingVotes)) round.addVote(text)
    try {
      round.compute()
    } catch (error) {
      this.#rounds.delete(validAfter)
      if (!(error instanceof MalformedError)) throw error
      log.warn(`no consensus from ${round.votes.size} votes: ${error.message}`)
      return false
    }
    for (const vote of round.votes.values()) this.#certificates.set(vote.authority.identity, vote.certificate)
    const postingSignatures = this.#peers.postSignatures(round.detachedSignatures()!)
    await this.#posted.until(() => round.missingSignatures.length === 0 || this.#stopped.signal.aborted, patience.signatures)
    if (!round.result()) for (const text of await this.#peers.fetchSignatures()) round.addSignatures(text)
    await this.#posted.until(() => this.#stopped.signal.aborted, validAfter - this.#now())
    await Promise.all([posting, postingSignatures])
    const result = round.result() ?? (await this.#fetchConsensus(round))
    this.#nextRound = undefined
    for (const time of this.#rounds.keys()) if (time <= validAfter) this.#rounds.delete(time)
    if (this.#stopped.signal.aborted) return false
    if (!result) {
      log.warn('the consensus was not signed by a majority')
      return false
    }
    this.#current = result
    this.#currentVotes = round.votes
    this.onConsensus.emit(result)
    return true
  }
}

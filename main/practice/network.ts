import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebAuthority } from '../crypto/web-authority.ts'
import { type DirAuthority, formatDirAuthorityLine } from '../directory/authorities.ts'
import type { IpAddress } from '../lib/ip.ts'
import { type ScopedLog, silentLog } from '../lib/log.ts'
import { Listeners, type Service } from '../lib/service.ts'
import type { Resolver } from '../net/resolver.ts'
import type { DirectoryAuthority } from './authority.ts'
import { Gate } from './gate.ts'
import { PracticeGeography, practiceAddress, practicePlace } from './geography.ts'
import { Imposter } from './imposter.ts'
import { hasLoopbackAliases } from './loopback.ts'
import { describeAuthority, Member, prepareMember } from './member.ts'
import {
  HOME_COUNTRY,
  IMPOSTER_NUMBER,
  MEMBERS,
  type MemberPlan,
  RELAY_NUMBER,
  SITE_COUNTRY,
  SITE_NAME,
  SITE_NUMBER,
  TAMPERED_NAME,
} from './members.ts'
import { PracticeResolver } from './practice-resolver.ts'
import { PracticeSite } from './site.ts'
import type { Visitor } from './site-page.ts'
import { PRACTICE_TIMING, type PracticeTiming } from './timing.ts'

/** How far the start of the practice network is. */
export interface PracticeProgress {
  readonly step: 'keys' | 'relays' | 'descriptors' | 'voting' | 'ready'
  readonly done: number
  readonly total: number
}

/** The practice network could not be started. */
export class PracticeStartError extends Error {
  override name = 'PracticeStartError'
}

const SHARED_ADDRESS = '127.0.0.1'
/** ms until all descriptors must have arrived at all authorities, and for the parts of the first round of voting. */
const DESCRIPTORS_WAIT = 20_000
const FIRST_ROUND = { votes: 5_000, signatures: 5_000 }
/** So often they begin again when a machine with too much to do brought no majority together in time, as they would at every later interval. */
const FIRST_ROUNDS = 4
/** Ports below are never dialled at addresses of unknown newcomers: system services that listen on every address live there. */
const FIRST_UNPRIVILEGED_PORT = 1024

export interface PracticeNetworkOptions {
  readonly log?: ScopedLog
  readonly timing?: PracticeTiming
  /** Who takes part; at least three authorities. Default: members.ts. */
  readonly members?: readonly MemberPlan[]
  /** Where the relays keep keys and caches: emptied by start, removed by stop. Default: a new temporary folder, which a killed process leaves behind. */
  readonly folder?: string
  /** Have all relays share 127.0.0.1. Default: only where the machine gives them no addresses of their own. */
  readonly singleAddress?: boolean
}

/** A whole small Tor network on this machine's loopback addresses, inside this program: authorities, relays in several countries, a web site. */
export class PracticeNetwork implements Service {
  readonly geography = new PracticeGeography()
  readonly onProgress = new Listeners<[PracticeProgress]>()
  /** A new consensus is to be had from the authorities. */
  readonly onConsensus = new Listeners<[]>()
  readonly #log: ScopedLog
  readonly #timing: PracticeTiming
  readonly #plans: readonly MemberPlan[]
  #members: Member[] = []
  #authorities: readonly DirAuthority[] = []
  #site: PracticeSite | undefined
  #imposter: Imposter | undefined
  #webAuthority: WebAuthority | undefined
  #resolver: Resolver | undefined
  readonly #wantSingleAddress: boolean | undefined
  #singleAddress = false
  readonly #wantFolder: string | undefined
  #folder: string | undefined
  readonly #uses = new Set<string>()

  constructor(options: PracticeNetworkOptions = {}) {
    this.#log = options.log ?? silentLog
    this.#timing = options.timing ?? PRACTICE_TIMING
    this.#plans = options.members ?? MEMBERS
    this.#wantSingleAddress = options.singleAddress
    this.#wantFolder = options.folder
  }

  get members(): readonly Member[] {
    return this.#members
  }
  get authorities(): readonly DirAuthority[] {
    return this.#authorities
  }
  /** torrc lines ("TestingTorNetwork 1", "DirAuthority …") that stock tor accepts too. */
  get dirAuthorityLines(): string {
    return ['TestingTorNetwork 1', ...this.#authorities.map(formatDirAuthorityLine), ''].join('\n')
  }
  /** "http://127.44.0.80:12345/" */
  get siteUrl(): string {
    return this.#started(this.#site).url
  }
  /** The same site over https, by its name. */
  get secureSiteUrl(): string {
    return `https://${SITE_NAME}:${this.#started(this.#site).securePort}/`
  }
  /** The same again; but a relay that tampers leads somewhere else. Absent where all relays share one address. */
  get tamperedSiteUrl(): string | undefined {
    return this.#imposter && `https://${TAMPERED_NAME}:${this.#started(this.#site).securePort}/`
  }
  /** The ports of the site. */
  get sitePorts(): readonly number[] {
    const { port, securePort } = this.#started(this.#site)
    return [port, securePort!]
  }
  /** Roots of the web certificates of the practice world, in PEM; trusted by nobody else. */
  get webRoots(): readonly string[] {
    return [this.#started(this.#webAuthority).certPem]
  }
  /** Knows the practice site by name and asks nobody outside. */
  get resolver(): Resolver {
    return this.#started(this.#resolver)
  }
  /** True when aliases of 127.0.0.1 cannot be bound on this machine, so that all relays share it. */
  get singleAddress(): boolean {
    return this.#singleAddress
  }
  /** The address the user's own relay should have in the practice world, in a country of its own. */
  get homeAddress(): IpAddress {
    return this.#addressIn(HOME_COUNTRY, RELAY_NUMBER)
  }

  #started<T>(value: T | undefined): T {
    if (value === undefined) throw new Error('the practice network is not started')
    return value
  }

  #addressIn(country: string, number: number): IpAddress {
    const address = this.#singleAddress ? SHARED_ADDRESS : practiceAddress(country, number)
    if (!address) throw new PracticeStartError(`the practice world has no country ${country}`)
    return address
  }

  /**
   * The only private destinations that may be dialled: the practice site, the ports of the practice relays, and unprivileged ports at other
   * addresses of the practice world, where newcomers test themselves. Never 127.0.0.1 itself, unless registered there.
   */
  allowPrivate(address: IpAddress, port: number): boolean {
    if (this.#uses.has(`${address} ${port}`)) return true
    return practicePlace(address) !== undefined && port >= FIRST_UNPRIVILEGED_PORT
  }

  /** Makes the ports of a relay known that shares 127.0.0.1 with the others (see {@link singleAddress}); not needed where it has its own address. */
  registerRelay(address: IpAddress, ports: readonly number[], country = HOME_COUNTRY): void {
    for (const port of ports) {
      this.#uses.add(`${address} ${port}`)
      this.geography.register(address, port, country)
    }
  }

  /** Resolves when the first consensus is there; rejects, with nothing left running, when that fails. */
  async start(signal?: AbortSignal): Promise<void> {
    try {
      await this.#start(signal)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    const total = this.#plans.length
    const progress = (step: PracticeProgress['step'], done: number) => this.onProgress.emit({ step, done, total })
    progress('keys', 0)
    if (this.#wantFolder) await rm(this.#wantFolder, { recursive: true, force: true })
    this.#folder = this.#wantFolder ?? (await mkdtemp(join(tmpdir(), 'vantage-practice-')))
    this.#singleAddress = this.#wantSingleAddress ?? !(await hasLoopbackAliases())
    if (this.#singleAddress) this.#log.warn('the practice relays share 127.0.0.1: this machine has no further loopback addresses')
    let made = 0
    const prepared = await Promise.all(
      this.#plans.map(async plan => {
        const member = await prepareMember(plan, this.#addressIn(plan.country, RELAY_NUMBER), this.#folder!, this.#log)
        progress('keys', ++made)
        return member
      }),
    )
    signal?.throwIfAborted()
    this.#authorities = prepared.map(describeAuthority).filter(authority => authority !== undefined)
    await this.#startSite()
    const { address: siteAddress } = this.#site!
    this.#resolver = new PracticeResolver(siteAddress)
    const surroundings = {
      authorities: this.#authorities,
      sitePorts: this.sitePorts,
      resolver: this.#resolver,
      lyingResolver: new PracticeResolver(siteAddress, this.#imposter && this.#addressIn(SITE_COUNTRY, IMPOSTER_NUMBER)),
      timing: this.#timing,
      allowPrivate: (address: IpAddress, port: number) => this.allowPrivate(address, port),
      log: this.#log,
    }
    this.#members = prepared.map(member => new Member(member, surroundings))
    await this.#startMembers(progress, signal)
  }

  async #startSite(): Promise<void> {
    const host = this.#addressIn(SITE_COUNTRY, SITE_NUMBER)
    const now = Date.now()
    this.#webAuthority = new WebAuthority('Vantage practice network', 'Practice web authority', now)
    const certificate = this.#webAuthority.issue('Practice site', [SITE_NAME, TAMPERED_NAME, host], now)
    const site = new PracticeSite({ host, certificate, visitor: address => this.#visitor(address) })
    this.#site = site
    await site.start()
    this.registerRelay(host, this.sitePorts, SITE_COUNTRY)
    if (this.#singleAddress || !this.#plans.some(({ tampers }) => tampers)) return
    this.#imposter = new Imposter(this.#addressIn(SITE_COUNTRY, IMPOSTER_NUMBER), site.securePort!)
    await this.#imposter.start()
  }

  async #startMembers(progress: (step: PracticeProgress['step'], done: number) => void, signal: AbortSignal | undefined): Promise<void> {
    const voters = this.#voters
    const arrived = new Gate()
    const count = () => Math.min(...voters.map(voter => voter.registry.size))
    for (const voter of voters) voter.registry.onAccepted.add(() => arrived.open())
    signal?.addEventListener('abort', () => arrived.open(), { once: true })
    // Authorities first: the others publish as soon as they run.
    let running = 0
    for (const isAuthority of [true, false]) {
      await Promise.all(
        this.#members
          .filter(member => member.plan.isAuthority === isAuthority)
          .map(async member => {
            await member.start()
            this.registerRelay(member.address, member.ports, member.plan.country)
            progress('relays', ++running)
          }),
      )
      signal?.throwIfAborted()
    }
    progress('descriptors', count())
    const complete = await arrived.until(() => signal?.aborted || count() >= this.#members.length, DESCRIPTORS_WAIT)
    signal?.throwIfAborted()
    if (!complete) throw new PracticeStartError(`only ${count()} of ${this.#members.length} descriptors arrived`)
    progress('voting', 0)
    await Promise.all(voters.map(voter => voter.testAll()))
    const now = Date.now()
    for (const voter of voters)
      for (const { fingerprint } of this.#members) voter.history.assumeUpSince(fingerprint, now - this.#timing.pastUptime)
    let validAfter = 0
    for (let round = 1, agreed = false; !agreed; round++) {
      if (round > FIRST_ROUNDS) throw new PracticeStartError('the authorities came to no consensus')
      validAfter = Math.max(Math.floor(Date.now() / 1000) * 1000, validAfter + 1000)
      const results = await Promise.all(voters.map(voter => voter.vote(validAfter, FIRST_ROUND)))
      signal?.throwIfAborted()
      agreed = results.every(result => result)
    }
    await Promise.all(voters.map(voter => voter.start()))
    await Promise.all(this.#members.map(member => member.directory.start()))
    voters[0]!.onConsensus.add(() => {
      for (const member of this.#members) void member.directory.refreshNow()
      this.onConsensus.emit()
    })
    progress('ready', this.#members.length)
  }

  get #voters(): DirectoryAuthority[] {
    return this.#members.map(member => member.authority).filter(authority => authority !== undefined)
  }

  #visitor(address: IpAddress): Visitor {
    const member = this.#singleAddress ? undefined : this.#members.find(candidate => candidate.address === address)
    const others = this.#singleAddress ? [] : [...(this.#voters[0]?.registry.relays ?? [])]
    const relay = member?.plan.nickname ?? others.find(descriptor => descriptor.address === address)?.nickname
    return { address, place: this.geography.place(address), relay }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map(member => member.stop()))
    this.#members = []
    await this.#site?.stop()
    this.#site = undefined
    await this.#imposter?.stop()
    this.#imposter = undefined
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }
}

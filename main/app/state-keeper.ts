import type { Standing } from '../../shared/background.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import { PAC_PATH } from '../perspective/pac.ts'
import type { AppOptions } from './app-options.ts'
import { realClocks } from './background.ts'
import { hindranceOf } from './conditions.ts'
import type { ContributionBook } from './contribution-book.ts'
import type { EventVoice } from './event-voice.ts'
import { initialState } from './initial-state.ts'
import type { JoinedNetwork } from './joined-network.ts'
import { type JourneyFacts, type Lock, nextJourney } from './journey.ts'
import { ownFlags, ownLocks } from './own-standing.ts'
import { ProblemBook } from './problem-book.ts'
import { recordFactsOf } from './record-facts.ts'
import type { RelaySwitch } from './relay-switch.ts'
import type { Resources } from './resources.ts'
import type { Conditions } from './standing-conditions.ts'
import { networkSection, perspectiveSection, portsSection, relaySection, serverSection } from './state-sections.ts'
import { StateStore } from './state-store.ts'

/** How often the contribution book is written up, ms. */
const SAMPLE_MS = 5000

interface StateKeeperOptions {
  readonly options: AppOptions
  readonly voice: EventVoice
  readonly relay: RelaySwitch
  /** The password of the local proxies. */
  readonly proxySecret: string
  choice(): Choice
}

/** Keeps AppState true: asks everything that it shows, and says as events what has changed. */
export class StateKeeper {
  readonly store: StateStore
  readonly #o: StateKeeperOptions
  readonly #problems = new ProblemBook()
  /** What leaves in one hop had to end. */
  #ended = true
  #sampledAt = 0

  constructor(options: StateKeeperOptions) {
    this.#o = options
    this.store = new StateStore(initialState(options.options))
  }

  get #state(): AppState {
    return this.store.state
  }

  /** Something happened that the owner should know. */
  problem(problem: Problem): void {
    this.#problems.tell(problem, Date.now())
    this.#showProblems()
    this.#say(problem)
  }

  dismissProblem(code: ProblemCode, at: number): void {
    this.#problems.dismiss(code, at)
    this.#showProblems()
  }

  /** A network has been joined. */
  network({ practice, countryData, systemData }: JoinedNetwork): void {
    this.store.set('product', { ...this.#state.product, countryData, systemData })
    if (!practice) return
    this.#o.voice.event('practice', { site: practice.siteUrl })
    if (practice.singleAddress) this.problem({ code: 'practice-single-address', detail: {} })
  }

  /** The contribution book was emptied: what it shows is not to wait for its turn. */
  forgetSample(): void {
    this.#sampledAt = 0
  }

  /** Brings every section up to date. `standing`: whether the relay may run now. */
  refresh(running: Resources, conditions: Conditions | undefined, standing: Standing | undefined): void {
    const { store } = this
    const { voice } = this.#o
    const { run, watch } = this.#o.relay
    const { network, directory, settings, consents } = running
    const locks = ownLocks(run, running)
    const flags = ownFlags(run, running)
    const { paPort, orPort, dirPort } = settings.current
    store.set('network', networkSection(network, directory))
    store.set('consents', consents.section)
    store.set('settings', settings.current)
    store.set('ports', portsSection(run, { or: orPort, dir: dirPort, pa: paPort }))
    const nickname = this.#o.options.overrides.nickname ?? settings.current.nickname
    store.set('relay', relaySection(run, { nickname, directory, publications: watch.publications }))
    store.set('votes', run?.votes.votes ?? { entries: [], needed: Math.floor(network.authorities.length / 2) + 1 })
    this.#showPerspective(running, locks)
    this.#writeBook(running.book)
    store.set('identity', running.safety.section)
    store.set('server', serverSection(run, running.records, watch.alarms))
    const hindrance = this.#stand(conditions)
    if (standing) store.set('background', running.background.section(standing))
    const facts = this.#journeyFacts(running, { locks, flags, standing, hindrance })
    store.set('journey', nextJourney(this.#state.journey, facts, Date.now()))
    running.record.look(recordFactsOf(this.#state, this.#o.relay.retired), realClocks())
    store.set('record', running.record.section(Date.now()))
    voice.listed(run?.node.options.keys.fingerprint, flags)
    voice.locks(locks)
    // A directory that is out of date lets nothing new begin, but says nothing against what is open: it may be the clock that was set.
    const mustEnd = locks.some(lock => lock !== 'directory-not-live')
    if (mustEnd && !this.#ended) run?.client.lock()
    this.#ended = mustEnd
  }

  #showPerspective({ proxies, settings, recents, directory }: Resources, locks: Lock[]): void {
    const [socks, http] = proxies.map(({ host, port }) => ({ host, port }))
    const { excluded, proxySecret } = settings.current
    const section = perspectiveSection(this.#o.relay.run, {
      locks,
      choice: this.#o.choice(),
      recents: [...recents.choices],
      socks,
      http,
      pac: http && `http://${http.host}:${http.port}${PAC_PATH}`,
      secret: proxySecret ? this.#o.proxySecret : undefined,
      directory,
      excluded,
    })
    this.store.set('perspective', section)
  }

  #journeyFacts(
    { consents, directory }: Resources,
    now: Pick<JourneyFacts, 'locks' | 'hindrance'> & { flags: ReadonlySet<string>; standing: Standing | undefined },
  ): JourneyFacts {
    const { run, watch, wanted, blocked } = this.#o.relay
    const { locks, flags, standing, hindrance } = now
    return {
      consented: consents.current.relay !== undefined,
      wanted,
      listening: run !== undefined,
      directoryLive: directory.liveness() === 'live',
      orProved: run?.node.selfTest.proofs.or.state === 'proved',
      publishedAt: watch.publishedAt,
      publishing: run !== undefined,
      running: flags.has('Running'),
      stable: flags.has('Stable'),
      listedSince: this.#state.record.listedSince,
      locks,
      paused: standing?.state === 'paused' ? { causes: standing.causes, until: standing.until } : undefined,
      blocked,
      hindrance,
    }
  }

  /** Takes over what stands now; answers with what of it keeps the relay from its next step. */
  #stand(conditions: Conditions | undefined): Problem | undefined {
    const standing = conditions?.standing(this.#state.ports, this.#o.relay.watch.publications) ?? []
    for (const problem of this.#problems.stand(standing, Date.now())) this.#say(problem)
    this.#showProblems()
    return hindranceOf(standing)
  }

  #writeBook(book: ContributionBook): void {
    const now = Date.now()
    if (now - this.#sampledAt < SAMPLE_MS && this.#sampledAt <= now) return
    this.#sampledAt = now
    const { run } = this.#o.relay
    if (run) book.sample(run.counters, now)
    this.store.set('contribution', { today: book.today(now), total: book.total, since: book.since })
  }

  #showProblems(): void {
    this.store.set('problems', this.#problems.entries)
  }

  #say({ code, detail }: Problem): void {
    this.#o.voice.event('problem', { code, ...detail })
  }
}

import type { Notice } from '../../shared/background.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import type { Settings } from '../../shared/settings.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import { cryptoSelfTest } from '../crypto/self-test.ts'
import type { Log } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import { PAC_PATH } from '../perspective/pac.ts'
import { newProxySecret } from '../perspective/proxy-secret.ts'
import type { AnsweringApp } from './answers.ts'
import type { AppEvent, AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import type { HostFacts } from './background.ts'
import { checkedCall } from './checked-call.ts'
import { hindranceOf } from './conditions.ts'
import type { ContributionBook } from './contribution-book.ts'
import { EventVoice } from './event-voice.ts'
import type { CallAnswer, HostedApp, PerspectiveProxy } from './hosted-app.ts'
import { initialState } from './initial-state.ts'
import type { JoinedNetwork } from './joined-network.ts'
import { type JourneyFacts, type Lock, locksOf, nextJourney } from './journey.ts'
import { LocalProxies } from './local-proxies.ts'
import { ProblemBook } from './problem-book.ts'
import { RelayRest, weatherFactsOf } from './relay-rest.ts'
import { type PORT_NAMES, RelayRun } from './relay-run.ts'
import { openResources, type Resources } from './resources.ts'
import { RunWatch } from './run-watch.ts'
import { effectOf } from './settings-effect.ts'
import { Conditions } from './standing-conditions.ts'
import { networkSection, perspectiveSection, portsSection, relaySection, serverSection } from './state-sections.ts'
import { StateStore } from './state-store.ts'

const REFRESH_MS = 500
/** How often the contribution book is written up, ms. */
const SAMPLE_MS = 5000
/** The composition root: puts the services together, keeps AppState true, and answers the contract. */
export class App implements HostedApp, AnsweringApp {
  readonly onEvent = new Listeners<[AppEvent]>()
  readonly onNotice = new Listeners<[Notice]>()
  readonly whenStopped: Promise<void>
  readonly #options: AppOptions
  readonly #log: Log
  readonly #store: StateStore
  #stopped!: () => void
  #running: Resources | undefined
  #rest: RelayRest | undefined
  #hostFacts: HostFacts = {}
  #timer: NodeJS.Timeout | undefined
  run: RelayRun | undefined
  /** Starting and stopping the relay never overlap. */
  #change: Promise<unknown> = Promise.resolve()
  #stopping: Promise<void> | undefined
  wanted = true
  blocked: Problem | undefined
  choice: Choice = { kind: 'off' }
  #uiAddress: string | undefined
  #conditions: Conditions | undefined
  #sampledAt = 0
  readonly #secret = newProxySecret()
  readonly #problems = new ProblemBook()
  readonly #voice = new EventVoice(event => this.onEvent.emit(event))
  readonly #watch = new RunWatch({ voice: this.#voice, onChange: () => this.refresh() })
  readonly proxyHandler = new LocalProxies(() => this.run?.client)

  constructor(options: AppOptions & { log: Log }) {
    this.#options = options
    this.#log = options.log
    this.#store = new StateStore(initialState(options))
    this.whenStopped = new Promise(resolve => {
      this.#stopped = resolve
    })
  }

  get state(): AppState {
    return this.#store.state
  }

  get onPatch() {
    return this.#store.onPatch
  }

  get running(): Resources {
    if (!this.#running) throw new AppStartError('internal', { reason: 'not started' })
    return this.#running
  }

  setUiAddress(url: string): void {
    this.#uiAddress = url
    this.#sayListening()
  }

  #problem(problem: Problem): void {
    this.#problems.tell(problem, Date.now())
    this.#store.set('problems', this.#problems.entries)
    this.#voice.event('problem', { code: problem.code, ...problem.detail })
  }

  async start(): Promise<void> {
    try {
      cryptoSelfTest()
    } catch (error) {
      throw new AppStartError('crypto-self-test-failed', { reason: (error as Error).message.slice(0, 200) }, { cause: error })
    }
    const resources = await openResources({
      options: this.#options,
      log: this.#log,
      proxySecret: this.#secret,
      proxyHandler: this.proxyHandler,
      state: () => this.state,
      run: () => this.run,
      stopRelay: () => this.stopRelay(),
      startRelay: () => (this.wanted ? this.startRelay() : Promise.resolve()),
      onSettings: (settings, consents) => {
        this.#store.set('settings', settings.current)
        this.#store.set('consents', consents.current)
      },
      onNetwork: network => this.#sayNetwork(network),
      onConsensus: () => this.#afterConsensus(),
      onDescriptors: () => this.refresh(),
      onProblem: problem => this.#problem(problem),
      onCompare: compare => this.#store.set('compare', compare),
    })
    this.#running = resources
    this.choice = resources.lastChoice.value
    this.#conditions = new Conditions({
      folder: this.#options.dataFolder,
      network: resources.network,
      directory: resources.directory,
      run: () => this.run,
      onHappened: problem => this.#problem(problem),
      onAwake: () => this.testPorts(),
    })
    this.#watchBackground(resources)
    this.#timer = setInterval(() => this.refresh(), REFRESH_MS)
    this.refresh()
    if (resources.consents.current.relay) await this.startRelay()
    else this.#sayListening()
  }

  #watchBackground({ background, settings, consents }: Resources): void {
    background.setHostFacts(this.#hostFacts)
    this.#rest = new RelayRest({
      relay: {
        run: () => this.run,
        wanted: () => this.wanted && consents.current.relay !== undefined,
        startRelay: () => this.startRelay(),
        stopRelay: () => this.stopRelay(),
      },
      background,
      settings: () => settings.current,
      log: this.#log.scoped('rest'),
      onChange: standing => {
        if (standing.state !== 'paused') return this.#voice.event('resumed')
        this.#voice.event('paused', { causes: standing.causes.map(({ reason }) => reason), until: standing.until })
      },
    })
    background.onNotice.add(notice => {
      this.#voice.event('notice', { kind: notice.kind, what: notice.what })
      this.onNotice.emit(notice)
    })
  }

  setHostFacts(facts: HostFacts): void {
    this.#hostFacts = { ...this.#hostFacts, ...facts }
    this.#running?.background.setHostFacts(this.#hostFacts)
    this.refresh()
  }

  setAsleep(asleep: boolean): void {
    this.#running?.background.setAsleep(asleep)
    this.refresh()
  }

  /** Starts the relay; what prevents it becomes the journey's `blocked`, not an exception. */
  startRelay(): Promise<void> {
    return this.#serial(async () => {
      const running = this.#running
      if (!running || this.run || this.#stopping || !running.consents.current.relay) return
      this.wanted = true
      this.blocked = undefined
      // It is started when the rest is over.
      if (this.#rest?.mustRest()) return this.refresh()
      try {
        const moved = running.safety.identity.problem
        if (moved) throw moved
        const run = await RelayRun.start({
          options: this.#options,
          settings: running.settings.current,
          network: running.network,
          directory: running.directory,
          records: running.records,
          perspective: running.consents.current.perspective !== undefined,
          log: this.#log,
          client: {
            unlocked: () => this.#locks().length === 0,
            ownFlags: () => this.#ownFlags(),
            choice: () => (this.choice.kind === 'off' ? undefined : this.choice),
            preferences: () => running.settings.current,
            corrections: () => running.settings.current.countryCorrections,
          },
        })
        this.run = run
        await running.safety.keeper.refresh()
        running.book.begin(Date.now())
        running.background.accounting.begin()
        this.#watch.watch(run)
        this.#sayListening()
      } catch (error) {
        const problem =
          error instanceof AppStartError
            ? error.problem
            : { code: 'internal' as const, detail: { reason: String((error as Error)?.message).slice(0, 200) } }
        if (!(error instanceof AppStartError))
          this.#log.write('error', 'app', `the relay did not start: ${(error as Error)?.stack ?? error}`)
        this.blocked = problem
        this.#voice.event('problem', { code: problem.code, ...problem.detail })
      }
      this.refresh()
    })
  }

  stopRelay(): Promise<void> {
    return this.#serial(async () => {
      const run = this.run
      this.run = undefined
      this.#watch.forget()
      this.refresh()
      if (run) await this.#endRun(run)
      this.refresh()
    })
  }

  /** What the last streams carried counts too, so the book is written up after they have ended. */
  async #endRun(run: RelayRun): Promise<void> {
    await run.stop()
    const { book, background } = this.#running ?? {}
    background?.accounting.count(run.carried, Date.now())
    book?.sample(run.counters, Date.now())
    book?.end()
    await book?.save(Date.now()).catch(() => this.#log.write('warn', 'app', 'the contribution book was not saved'))
  }

  #serial(step: () => Promise<void>): Promise<void> {
    const next = this.#change.then(step, step)
    this.#change = next.catch(() => {})
    return next
  }

  #sayNetwork({ practice, countryData, systemData }: JoinedNetwork): void {
    this.#store.set('product', { ...this.state.product, countryData, systemData })
    if (!practice) return
    this.#voice.event('practice', { site: practice.siteUrl })
    if (practice.singleAddress) this.#problem({ code: 'practice-single-address', detail: {} })
  }

  #afterConsensus(): void {
    const run = this.run
    run?.votes.poll(() => this.refresh())
    this.refresh()
  }

  #ownFlags(): ReadonlySet<string> {
    const fingerprint = this.run?.node.options.keys.fingerprint
    return (fingerprint && this.#running?.directory.consensus?.byFingerprint.get(fingerprint)?.flags) || new Set()
  }

  #locks(): Lock[] {
    const run = this.run
    const running = this.#running
    const proofs = run?.node.selfTest.proofs
    const listed = run !== undefined && (running?.directory.consensus?.byFingerprint.has(run.node.options.keys.fingerprint) ?? false)
    return locksOf({
      consented: running?.consents.current.perspective !== undefined,
      relayRunning: run !== undefined,
      offered: run
        ? run.node.server.door !== 'off' || running?.consents.current.perspective === undefined
        : this.state.settings.paPort !== 'off',
      virtual: run?.node.server.door === 'virtual',
      proved: { or: proofs?.or.state === 'proved', dir: proofs?.dir.state === 'proved', pa: proofs?.pa.state === 'proved' },
      directoryLive: running?.directory.liveness() === 'live',
      listed,
      flags: this.#ownFlags(),
      someoneAdmitsRunning: run?.someoneAdmitsRunning ?? false,
    })
  }

  /** Brings AppState up to date with everything it shows, and says what changed as events. */
  refresh(): void {
    const running = this.#running
    if (!running) return
    const { network, directory, settings, consents, proxies } = running
    this.#rest?.look()
    const standing = this.#rest?.standing
    const run = this.run
    const locks = this.#locks()
    const flags = this.#ownFlags()
    const { paPort, orPort, dirPort } = settings.current
    this.#store.set('network', networkSection(network, directory))
    this.#store.set('consents', consents.current)
    this.#store.set('settings', settings.current)
    this.#store.set('ports', portsSection(run, { or: orPort, dir: dirPort, pa: paPort }))
    this.#store.set(
      'relay',
      relaySection(run, {
        nickname: this.#options.overrides.nickname ?? settings.current.nickname,
        directory,
        publications: this.#watch.publications,
      }),
    )
    this.#store.set('votes', run?.votes.votes ?? { entries: [], needed: Math.floor(network.authorities.length / 2) + 1 })
    const [socks, http] = proxies.map(({ host, port }) => ({ host, port }))
    const pac = http && `http://${http.host}:${http.port}${PAC_PATH}`
    const { excluded, proxySecret } = settings.current
    const secret = proxySecret ? this.#secret : undefined
    const recents = [...running.recents.choices]
    this.#store.set(
      'perspective',
      perspectiveSection(run, { locks, choice: this.choice, recents, socks, http, pac, secret, directory, excluded }),
    )
    this.#writeBook(running.book)
    this.#store.set('identity', running.safety.section)
    this.#store.set('server', serverSection(run, running.records, this.#watch.alarms))
    const hindrance = this.#stand()
    if (standing) this.#store.set('background', running.background.section(standing))
    const facts: JourneyFacts = {
      consented: consents.current.relay !== undefined,
      wanted: this.wanted,
      listening: run !== undefined,
      directoryLive: directory.liveness() === 'live',
      orProved: run?.node.selfTest.proofs.or.state === 'proved',
      publishedAt: this.#watch.publishedAt,
      publishing: run !== undefined,
      running: flags.has('Running'),
      stable: flags.has('Stable'),
      nextConsensusAt: directory.consensus?.freshUntil,
      locks,
      paused: standing?.state === 'paused' ? { causes: standing.causes, until: standing.until } : undefined,
      blocked: this.blocked,
      hindrance,
    }
    this.#store.set('journey', nextJourney(this.state.journey, facts, Date.now()))
    this.#voice.listed(run?.node.options.keys.fingerprint, flags)
    if (this.#voice.locks(locks)) run?.client.lock()
    running.background.tell(weatherFactsOf(this.state, directory.consensus?.requiredRelayProtocols))
  }

  /** Takes over what stands now; answers with what of it keeps the relay from its next step. */
  #stand(): Problem | undefined {
    const standing = this.#conditions?.standing(this.state.ports, this.#watch.publications) ?? []
    for (const problem of this.#problems.stand(standing, Date.now()))
      this.#voice.event('problem', { code: problem.code, ...problem.detail })
    this.#store.set('problems', this.#problems.entries)
    return hindranceOf(standing)
  }

  dismissProblem(code: ProblemCode, at: number): void {
    this.#problems.dismiss(code, at)
    this.#store.set('problems', this.#problems.entries)
  }

  /** Maps and proves all ports again. */
  testPorts(): void {
    this.run?.mapper?.refresh()
    void this.run?.node.retestAll()
  }

  async ownerStops(): Promise<void> {
    this.wanted = false
    this.blocked = undefined
    await this.stopRelay()
  }

  async clearBook(): Promise<void> {
    await this.running.book.clear(Date.now())
    this.#sampledAt = 0
    this.refresh()
  }

  #writeBook(book: ContributionBook): void {
    const now = Date.now()
    if (now - this.#sampledAt < SAMPLE_MS && this.#sampledAt <= now) return
    this.#sampledAt = now
    if (this.run) book.sample(this.run.counters, now)
    this.#store.set('contribution', { today: book.today(now), total: book.total, since: book.since })
  }

  #sayListening(): void {
    const address = (name: (typeof PORT_NAMES)[number]) => {
      const at = this.run?.portState(name).listening
      return at && { address: at.address, port: at.port }
    }
    const [socks, http] = this.#running?.proxies.map(proxy => proxy.port) ?? []
    this.#voice.listening({ or: address('or'), dir: address('dir'), pa: address('pa'), socks, http, ui: this.#uiAddress })
  }

  openPerspectiveProxy(choice: PerspectiveChoice): Promise<PerspectiveProxy> {
    return this.proxyHandler.openTab(choice)
  }

  call(name: string, argument: unknown): Promise<CallAnswer> {
    return checkedCall(this, { started: this.#running !== undefined, log: this.#log }, name, argument)
  }

  choose(choice: Choice): void {
    if (JSON.stringify(this.choice) !== JSON.stringify(choice)) {
      this.choice = choice
      this.run?.client.choiceChanged()
      const { recents, lastChoice } = this.running
      Promise.all([recents.note(choice), lastChoice.note(choice)]).catch(() =>
        this.#log.write('warn', 'app', 'the last choices were not saved'),
      )
    }
    this.refresh()
  }

  /** Settings that shape the running relay take effect by starting it anew; its keys and its place in the network stay. */
  async updateSettings(patch: Partial<Settings>): Promise<Settings> {
    const running = this.#running!
    const before = running.settings.current
    RelayRun.checkSettings({ ...before, ...patch })
    const after = await running.settings.update(patch)
    if (before.accessLogHours !== after.accessLogHours || before.accessLogTruncate !== after.accessLogTruncate)
      await running.records.configure()
    if (!after.keepRecents) await Promise.all([running.recents.clear(), running.lastChoice.note(this.choice)])
    const effect = effectOf(before, after)
    if (effect === 'start' || (effect === 'perspective' && this.blocked)) {
      if (this.run || this.blocked) {
        await this.stopRelay()
        await this.startRelay()
      }
    } else if (effect === 'perspective' && this.run) await this.#applyPerspective(after)
    this.refresh()
    return after
  }

  #applyPerspective(settings: Settings): Promise<void> {
    return this.#serial(async () => {
      const { network, consents } = this.#running!
      const perspective = consents.current.perspective !== undefined
      await this.run?.applyPerspective({ options: this.#options, settings, network, perspective })
      this.#sayListening()
    })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    const running = this.#running
    if (running) {
      clearInterval(this.#timer)
      this.#conditions?.stop()
      await Promise.all(running.proxies.map(proxy => proxy.close()))
      await this.stopRelay()
      this.#running = undefined
      await running.close()
    }
    this.#store.close()
    this.#voice.event('stopped')
    this.#stopped()
  }
}

import { join } from 'node:path'
import type { ContributionDay, ContributionPeer } from '../../shared/contribution.ts'
import { type CallArgument, type CallName, calls } from '../../shared/ipc.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import type { Settings } from '../../shared/settings.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import { cryptoSelfTest } from '../crypto/self-test.ts'
import { DirectoryClient } from '../directory/client.ts'
import { NetworkDirectory } from '../directory/network-directory.ts'
import type { Log } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import { PAC_PATH, pacFile } from '../perspective/pac.ts'
import { listenProxy, type ProxyListener, type ProxyListenerOptions } from '../perspective/proxy-listener.ts'
import { newProxySecret } from '../perspective/proxy-secret.ts'
import { type ProxyConnection, type ProxyHandler, ProxyRefused, type ProxyRequest } from '../perspective/proxy-target.ts'
import { ServerRecords } from '../perspective/server-records.ts'
import type { AppEvent, AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import { Consents } from './consents.ts'
import { ContributionBook, dayOf, EMPTY_SUM } from './contribution-book.ts'
import { contributionCsv } from './contribution-csv.ts'
import type { CallAnswer, HostedApp, PerspectiveProxy } from './hosted-app.ts'
import { FolderInUseError, InstanceLock } from './instance-lock.ts'
import { type JoinedNetwork, joinNetwork } from './joined-network.ts'
import { type JourneyFacts, type Lock, locksOf, nextJourney } from './journey.ts'
import { type PORT_NAMES, RelayRun } from './relay-run.ts'
import { isSafetyCall, keepDamagedBlockList, Safety } from './safety.ts'
import { ServerDesk } from './server-desk.ts'
import { SettingsStore } from './settings-store.ts'
import { networkSection, perspectiveSection, portsSection, publicationOf, relaySection, serverSection } from './state-sections.ts'
import { StateStore } from './state-store.ts'
import { whereAmI } from './where-am-i.ts'

const REFRESH_MS = 500
/** How often the contribution book is written up, ms. */
const SAMPLE_MS = 5000
const MAX_PROBLEMS = 20
/** What takes effect while the relay runs; every other setting that shapes it starts it anew. */
const PERSPECTIVE_SETTINGS: ReadonlySet<keyof Settings> = new Set([
  'paPort',
  'perspectivePolicy',
  'perspectiveAdmits',
  'perspectiveShare',
  'perspectiveReserve',
  'perspectivePeerRate',
  'perspectivePeerDay',
  'accessLogHours',
  'accessLogTruncate',
])

/** Everything that lives from the app's start to its stop. */
interface Running {
  readonly lock: InstanceLock
  readonly settings: SettingsStore
  readonly consents: Consents
  readonly network: JoinedNetwork
  readonly directory: NetworkDirectory
  readonly proxies: ProxyListener[]
  readonly book: ContributionBook
  readonly records: ServerRecords
  readonly desk: ServerDesk
  readonly safety: Safety
  readonly timer: NodeJS.Timeout
}

/** The composition root: puts the services together, keeps AppState true, and answers the contract. */
export class App implements HostedApp {
  readonly onEvent = new Listeners<[AppEvent]>()
  readonly whenStopped: Promise<void>
  readonly #options: AppOptions
  readonly #log: Log
  readonly #store: StateStore
  #stopped!: () => void
  #running: Running | undefined
  #run: RelayRun | undefined
  /** Starting and stopping the relay never overlap. */
  #change: Promise<unknown> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #wanted = true
  #blocked: Problem | undefined
  #choice: Choice = { kind: 'off' }
  #publications: AppState['relay']['publications'] = []
  #publishedAt: number | undefined
  #alarms: AppState['server']['alarms'] = []
  #uiAddress: string | undefined
  #sampledAt = 0
  /** Windows that have a proxy port of their own, counted, so that no two share a Tor circuit. */
  #windows = 0
  readonly #secret = newProxySecret()
  #said: { listening?: string; flags?: string; unlocked?: boolean } = {}

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

  setUiAddress(url: string): void {
    this.#uiAddress = url
    this.#sayListening()
  }

  #event(event: AppEvent['event'], facts: Record<string, unknown> = {}): void {
    this.onEvent.emit({ event, time: new Date().toISOString(), ...facts })
  }

  #problem(problem: Problem): void {
    this.#store.set('problems', [...this.state.problems, { ...problem, at: Date.now() }].slice(-MAX_PROBLEMS))
    this.#event('problem', { code: problem.code, ...problem.detail })
  }

  async start(): Promise<void> {
    const { dataFolder, overrides, acceptConsent } = this.#options
    try {
      cryptoSelfTest()
    } catch (error) {
      throw new AppStartError('crypto-self-test-failed', { reason: (error as Error).message.slice(0, 200) }, { cause: error })
    }
    const lock = await InstanceLock.acquire(dataFolder).catch(error => {
      if (error instanceof FolderInUseError)
        throw new AppStartError('data-folder-in-use', { folder: dataFolder, pid: error.pid ?? 0 }, { cause: error })
      throw new AppStartError(
        'data-folder-unreadable',
        { folder: dataFolder, reason: (error as Error).message.slice(0, 200) },
        { cause: error },
      )
    })
    const undo: (() => unknown)[] = [() => lock.release()]
    try {
      const now = Date.now()
      const settings = await SettingsStore.load(dataFolder, now)
      if (settings.problem) this.#problem(settings.problem)
      const consents = await Consents.load(dataFolder, now)
      if (acceptConsent.relay) await consents.set({ relay: true, perspective: acceptConsent.perspective }, now)
      this.#store.set('settings', settings.current)
      this.#store.set('consents', consents.current)
      const book = await ContributionBook.load(dataFolder, { now, retentionDays: () => settings.current.contributionDays })
      if (book.problem) this.#problem(book.problem)
      const damaged = await keepDamagedBlockList(join(dataFolder, 'perspective'), now)
      if (damaged) this.#problem(damaged)
      const records = new ServerRecords({
        folder: join(dataFolder, 'perspective'),
        log: this.#log.scoped('perspective'),
        accessLog: () => ({ hours: settings.current.accessLogHours, truncate: settings.current.accessLogTruncate }),
      })
      undo.unshift(() => records.stop())
      await records.start().catch(error => {
        throw new AppStartError(
          'data-folder-unreadable',
          { folder: dataFolder, reason: (error as Error).message.slice(0, 200) },
          { cause: error },
        )
      })
      const proxies: ProxyListener[] = []
      undo.unshift(() => Promise.all(proxies.map(proxy => proxy.close())))
      const wantedPorts = [
        ['socks5', overrides.socksPort ?? settings.current.socksPort] as const,
        ['http', overrides.httpPort ?? settings.current.httpPort] as const,
      ]
      for (const [protocol, port] of wantedPorts) {
        const rules: ProxyListenerOptions['rules'] = ({ port: at }) => {
          const [socks] = proxies
          const secret = settings.current.proxySecret ? this.#secret : undefined
          if (protocol !== 'http' || !socks) return { secret }
          const text = pacFile({ http: { host: '127.0.0.1', port: at }, socks }, { secret: secret !== undefined })
          return { secret, pac: { hosts: [`127.0.0.1:${at}`, `localhost:${at}`], text } }
        }
        const proxy = await listenProxy({ protocol, port, handler: this.#handler, rules }).catch(error => {
          throw new AppStartError('proxy-port-in-use', { port, reason: String((error as NodeJS.ErrnoException).code) }, { cause: error })
        })
        proxies.push(proxy)
      }
      const network = await joinNetwork(this.#options, this.#log)
      undo.unshift(() => network.stop())
      this.#store.set('product', { ...this.state.product, countryData: network.countryData })
      if (network.practice) {
        this.#event('practice', { site: network.practice.siteUrl })
        if (network.practice.singleAddress) this.#problem({ code: 'practice-single-address', detail: {} })
      }
      const directory = new NetworkDirectory({
        authorities: network.authorities,
        folder: join(dataFolder, 'directory'),
        client: new DirectoryClient({ localAddress: overrides.outboundAddress }),
        log: this.#log.scoped('directory'),
        schedule: { compressed: network.testing },
      })
      undo.unshift(() => directory.stop())
      directory.onConsensus.add(() => this.#afterConsensus())
      directory.onDescriptors.add(() => this.#refresh())
      // Practice authorities vote more often than a consensus goes stale; the newest one is what a newcomer waits for.
      network.practice?.onConsensus.add(() => void directory.refreshNow())
      await directory.start()
      const desk = new ServerDesk({ records, directory, run: () => this.#run })
      const safety = await Safety.load({
        dataFolder,
        network,
        directory,
        records,
        log: this.#log,
        settings: () => settings.current,
        state: () => this.state,
        run: () => this.#run,
        stopRelay: () => this.#stopRelay(),
        startRelay: () => (this.#wanted ? this.#startRelay() : Promise.resolve()),
      })
      this.#running = {
        lock,
        settings,
        consents,
        network,
        directory,
        proxies,
        book,
        records,
        desk,
        safety,
        timer: setInterval(() => this.#refresh(), REFRESH_MS),
      }
    } catch (error) {
      for (const step of undo) await step()
      throw error
    }
    this.#refresh()
    if (this.#running.consents.current.relay) await this.#startRelay()
    else this.#sayListening()
  }

  /** Starts the relay; what prevents it becomes the journey's `blocked`, not an exception. */
  #startRelay(): Promise<void> {
    return this.#serial(async () => {
      const running = this.#running
      if (!running || this.#run || this.#stopping || !running.consents.current.relay) return
      this.#wanted = true
      this.#blocked = undefined
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
            choice: () => (this.#choice.kind === 'off' ? undefined : this.#choice),
            preferences: () => running.settings.current,
          },
        })
        this.#run = run
        await running.safety.keeper.refresh()
        running.book.begin(Date.now())
        this.#watch(run)
      } catch (error) {
        const problem =
          error instanceof AppStartError
            ? error.problem
            : { code: 'internal' as const, detail: { reason: String((error as Error)?.message).slice(0, 200) } }
        if (!(error instanceof AppStartError))
          this.#log.write('error', 'app', `the relay did not start: ${(error as Error)?.stack ?? error}`)
        this.#blocked = problem
        this.#problem(problem)
      }
      this.#refresh()
    })
  }

  #stopRelay(): Promise<void> {
    return this.#serial(async () => {
      const run = this.#run
      this.#run = undefined
      this.#publications = []
      this.#publishedAt = undefined
      this.#refresh()
      if (run) await this.#endRun(run)
      this.#refresh()
    })
  }

  /** What the last streams carried counts too, so the book is written up after they have ended. */
  async #endRun(run: RelayRun): Promise<void> {
    await run.stop()
    const book = this.#running?.book
    book?.sample(run.counters, Date.now())
    book?.end()
    await book?.save(Date.now()).catch(() => this.#log.write('warn', 'app', 'the contribution book was not saved'))
  }

  #serial(step: () => Promise<void>): Promise<void> {
    const next = this.#change.then(step, step)
    this.#change = next.catch(() => {})
    return next
  }

  #watch(run: RelayRun): void {
    const { node, mapper, client } = run
    const said = new Map<string, string>()
    node.selfTest.onProof.add((port, proof) => {
      const decided = proof.state === 'proved' || proof.state === 'failed'
      if (decided && said.get(port) !== proof.state) {
        said.set(port, proof.state)
        this.#event('reachable', { port, proved: proof.state === 'proved' })
      }
      this.#refresh()
    })
    node.publication.onResult.add(result => {
      const entry = publicationOf(result, Date.now())
      this.#publications = [...this.#publications.filter(other => other.authority !== entry.authority), entry]
      if (entry.answer === 'accepted' || entry.answer === 'not-new') this.#publishedAt ??= Date.now()
      this.#event('published', { authority: entry.authority, answer: entry.answer, confirmed: entry.readBack })
      this.#refresh()
    })
    node.server.onAlarm.add(alarm => {
      this.#alarms = [...this.#alarms, { ...alarm, at: Date.now() }].slice(-MAX_PROBLEMS)
      this.#event('alarm', { kind: alarm.kind, peer: alarm.fingerprint })
      this.#refresh()
    })
    node.server.onPause.add(() => this.#refresh())
    node.server.onAdmitted.add(peer => this.#event('admitted', { peer }))
    node.server.onRefused.add((peer, status) => this.#event('refused', { peer: peer ?? null, status }))
    mapper?.onChange.add((port, state) => {
      if (state.state === 'mapped') this.#event('mapped', { port, method: state.method, external: state.externalPort })
      void node.retestAll()
      this.#refresh()
    })
    client.onChange.add(() => this.#refresh())
    this.#sayListening()
  }

  #afterConsensus(): void {
    const run = this.#run
    run?.votes.poll(() => this.#refresh())
    this.#refresh()
  }

  #ownFlags(): ReadonlySet<string> {
    const fingerprint = this.#run?.node.options.keys.fingerprint
    return (fingerprint && this.#running?.directory.consensus?.byFingerprint.get(fingerprint)?.flags) || new Set()
  }

  #locks(): Lock[] {
    const run = this.#run
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
      someoneAdmitsRunning: run?.client.offers().some(offer => offer.descriptor.perspective!.admits === 'running') ?? false,
    })
  }

  /** Brings AppState up to date with everything it shows, and says what changed as events. */
  #refresh(): void {
    const running = this.#running
    if (!running) return
    const { network, directory, settings, consents, proxies } = running
    const run = this.#run
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
        publications: this.#publications,
      }),
    )
    this.#store.set('votes', run?.votes.votes ?? { entries: [], needed: Math.floor(network.authorities.length / 2) + 1 })
    const [socks, http] = proxies.map(({ host, port }) => ({ host, port }))
    const pac = http && `http://${http.host}:${http.port}${PAC_PATH}`
    const { excluded, proxySecret } = settings.current
    const secret = proxySecret ? this.#secret : undefined
    this.#store.set('perspective', perspectiveSection(run, { locks, choice: this.#choice, socks, http, pac, secret, directory, excluded }))
    this.#writeBook(running.book)
    this.#store.set('identity', running.safety.section)
    this.#store.set('server', serverSection(run, running.records, this.#alarms))
    const facts: JourneyFacts = {
      consented: consents.current.relay !== undefined,
      wanted: this.#wanted,
      listening: run !== undefined,
      directoryLive: directory.liveness() === 'live',
      orProved: run?.node.selfTest.proofs.or.state === 'proved',
      publishedAt: this.#publishedAt,
      publishing: run !== undefined,
      running: flags.has('Running'),
      stable: flags.has('Stable'),
      nextConsensusAt: directory.consensus?.freshUntil,
      locks,
      blocked: this.#blocked,
    }
    this.#store.set('journey', nextJourney(this.state.journey, facts, Date.now()))
    this.#say(locks, flags)
  }

  #writeBook(book: ContributionBook): void {
    const now = Date.now()
    if (now - this.#sampledAt < SAMPLE_MS && this.#sampledAt <= now) return
    this.#sampledAt = now
    if (this.#run) book.sample(this.#run.counters, now)
    this.#store.set('contribution', { today: book.today(now), total: book.total, since: book.since })
  }

  #say(locks: readonly Lock[], flags: ReadonlySet<string>): void {
    const fingerprint = this.#run?.node.options.keys.fingerprint
    const flagText = [...flags].join(' ')
    if (fingerprint && flags.size > 0 && this.#said.flags !== flagText) this.#event('listed', { fingerprint, flags: [...flags] })
    this.#said.flags = flagText
    const unlocked = locks.length === 0
    if (unlocked && !this.#said.unlocked) this.#event('unlocked')
    if (!unlocked && this.#said.unlocked) {
      this.#run?.client.lock()
      this.#event('locked', { why: locks })
    }
    this.#said.unlocked = unlocked
  }

  #sayListening(): void {
    const address = (name: (typeof PORT_NAMES)[number]) => {
      const at = this.#run?.portState(name).listening
      return at && { address: at.address, port: at.port }
    }
    const [socks, http] = this.#running?.proxies.map(proxy => proxy.port) ?? []
    const facts = { or: address('or'), dir: address('dir'), pa: address('pa'), socks, http, ui: this.#uiAddress }
    const text = JSON.stringify(facts)
    if (text === this.#said.listening) return
    this.#said.listening = text
    this.#event('listening', facts)
  }

  /** What the local proxies ask: the client of the running relay, if there is one. */
  readonly #handler: ProxyHandler = {
    open: (request: ProxyRequest, signal: AbortSignal): Promise<ProxyConnection> => {
      const client = this.#run?.client
      if (!client) return Promise.reject(new ProxyRefused('locked'))
      return client.open(request, signal)
    },
    resolve: (request: ProxyRequest, signal: AbortSignal) => {
      const client = this.#run?.client
      if (!client) return Promise.reject(new ProxyRefused('locked'))
      return client.resolve(request, signal)
    },
  }

  async openPerspectiveProxy(choice: PerspectiveChoice): Promise<PerspectiveProxy> {
    this.#windows++
    const fixed = { choice, user: `window ${this.#windows}` }
    return listenProxy({ protocol: 'socks5', port: 0, handler: this.#handler, rules: () => ({ fixed }) })
  }

  async call(name: string, argument: unknown): Promise<CallAnswer> {
    const refuse = (code: ProblemCode, detail: Problem['detail'] = {}): CallAnswer => ({ ok: false, problem: { code, detail } })
    if (!Object.hasOwn(calls, name)) return refuse('bad-request', { call: name.slice(0, 50) })
    const contract = calls[name as CallName]
    const parsed = contract.argument.safeParse(argument)
    if (!parsed.success) return refuse('bad-request', { call: name })
    if (!this.#running && name !== 'state.get' && name !== 'quit') return refuse('internal', { reason: 'not started' })
    try {
      return { ok: true, result: await this.#answer(name as CallName, parsed.data) }
    } catch (error) {
      if (error instanceof AppStartError) return { ok: false, problem: error.problem }
      if (error instanceof ProxyRefused) return refuse('perspective-refused', { reason: error.code })
      this.#log.write('error', 'app', `${name} failed: ${(error as Error)?.stack ?? error}`)
      return refuse('internal')
    }
  }

  async #answer(name: CallName, argument: unknown): Promise<unknown> {
    const running = this.#running!
    const desk = running?.desk
    if (isSafetyCall(name)) return running.safety.answer(name, argument).finally(() => this.#refresh())
    switch (name) {
      case 'state.get':
        return this.state
      case 'consent.set': {
        const before = running.consents.current
        await running.consents.set(argument as { relay: boolean; perspective: boolean }, Date.now())
        const after = running.consents.current
        // Withdrawing takes effect at once; agreeing to share opens a port more, so the relay is started anew with its keys.
        if (this.#run && (!after.relay || Boolean(before.perspective) !== Boolean(after.perspective))) await this.#stopRelay()
        if (after.relay && this.#wanted) await this.#startRelay()
        this.#refresh()
        return undefined
      }
      case 'settings.update':
        return this.#updateSettings(argument as Partial<Settings>)
      case 'relay.start':
        if (!running.consents.current.relay) throw new AppStartError('consent-missing')
        await this.#startRelay()
        if (this.#blocked) throw new AppStartError(this.#blocked.code, this.#blocked.detail)
        return undefined
      case 'relay.stop':
        this.#wanted = false
        this.#blocked = undefined
        await this.#stopRelay()
        return undefined
      case 'ports.retest':
        this.#run?.mapper?.refresh()
        void this.#run?.node.retestAll()
        return undefined
      case 'perspective.choose':
        return this.#choose(argument as Choice)
      case 'perspective.failover': {
        const { take } = argument as { take?: Choice }
        if (take) return this.#choose(take)
        this.#run?.client.declineFailover()
        return this.#refresh()
      }
      case 'perspective.open':
        return { opened: false }
      case 'perspective.whereAmI':
        return whereAmI({
          handler: this.#handler,
          choice: this.#choice,
          site: running.network.practice?.siteUrl,
          relays: running.directory.consensus?.routers ?? [],
          own: this.#run?.node.options.keys.fingerprint,
          servers: this.#choice.kind === 'off' ? [] : (this.#run?.client.candidates(this.#choice, undefined) ?? []),
        })
      case 'contribution.get': {
        const { from, to } = (argument as { from?: string; to?: string } | undefined) ?? {}
        return { days: this.#bookDays(from, to) }
      }
      case 'contribution.csv':
        return { name: `vantage-contribution-${dayOf(Date.now())}.csv`, text: contributionCsv(this.#bookDays()) }
      case 'contribution.clear':
        await running.book.clear(Date.now())
        this.#sampledAt = 0
        return this.#refresh()
      case 'blocks.get':
        return desk.blocks()
      case 'blocks.add':
        return desk.addBlock(argument as CallArgument<'blocks.add'>)
      case 'blocks.remove':
        return desk.removeBlock((argument as CallArgument<'blocks.remove'>).target)
      case 'blocks.import':
        return desk.importBlocks(argument as CallArgument<'blocks.import'>)
      case 'blocks.export':
        return desk.exportBlocks()
      case 'accessLog.search':
        return desk.search(argument as CallArgument<'accessLog.search'>)
      case 'accessLog.csv':
        return desk.csv(argument as CallArgument<'accessLog.csv'>)
      case 'accessLog.clear':
        return desk.clearLog()
      case 'abuse.find':
        return desk.findAbuse(argument as CallArgument<'abuse.find'>)
      case 'quit':
        void this.stop()
        return undefined
      default:
        return name satisfies never
    }
  }

  #choose(choice: Choice): void {
    if (JSON.stringify(this.#choice) !== JSON.stringify(choice)) {
      this.#choice = choice
      this.#run?.client.choiceChanged()
    }
    this.#refresh()
  }

  /** The days of the book, with the names that relays have in the newest consensus. */
  #bookDays(from?: string, to?: string): ContributionDay[] {
    const { book, directory } = this.#running!
    if (this.#run) book.sample(this.#run.counters, Date.now())
    const named = (peer: ContributionPeer) => ({ ...peer, nickname: directory.consensus?.byFingerprint.get(peer.fingerprint)?.nickname })
    return book.days(from, to).map(day => ({ ...day, servedPeers: day.servedPeers.map(named), usedPeers: day.usedPeers.map(named) }))
  }

  /** Settings that shape the running relay take effect by starting it anew; its keys and its place in the network stay. */
  async #updateSettings(patch: Partial<Settings>): Promise<Settings> {
    const running = this.#running!
    const before = running.settings.current
    RelayRun.checkSettings({ ...before, ...patch })
    const after = await running.settings.update(patch)
    const cosmetic = new Set<keyof Settings>([
      'theme',
      'language',
      'habit',
      'socksPort',
      'httpPort',
      'favourites',
      'excluded',
      'proxySecret',
      'contributionDays',
    ])
    const changed = (Object.keys(patch) as (keyof Settings)[]).filter(key => !cosmetic.has(key) && before[key] !== after[key])
    if (changed.some(key => key.startsWith('accessLog'))) await running.records.configure()
    if (changed.every(key => PERSPECTIVE_SETTINGS.has(key)) && this.#run) {
      if (changed.length > 0) await this.#applyPerspective(after)
    } else if (changed.length > 0 && (this.#run || this.#blocked)) {
      await this.#stopRelay()
      await this.#startRelay()
    }
    this.#refresh()
    return after
  }

  #applyPerspective(settings: Settings): Promise<void> {
    return this.#serial(async () => {
      const { network, consents } = this.#running!
      const perspective = consents.current.perspective !== undefined
      await this.#run?.applyPerspective({ options: this.#options, settings, network, perspective })
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
      clearInterval(running.timer)
      await Promise.all(running.proxies.map(proxy => proxy.close()))
      await this.#stopRelay()
      await running.records.stop()
      this.#running = undefined
      await running.directory.stop()
      await running.network.stop()
      running.lock.release()
    }
    this.#store.close()
    this.#event('stopped')
    this.#stopped()
  }
}

function initialState(options: AppOptions): AppState {
  const port = { wanted: 0, mapping: { state: 'off' as const }, proof: { state: 'untested' as const } }
  const none = { read: 0, written: 0 }
  return {
    revision: 0,
    product: { version: options.version, host: options.host, startedAt: Date.now() },
    network: { kind: options.network.kind },
    consents: {},
    journey: { step: 'starting' },
    ports: { or: port, dir: port, pa: port },
    relay: {
      running: false,
      nickname: '',
      flags: [],
      publications: [],
      channels: 0,
      circuits: 0,
      carried: none,
      rate: none,
      perspectiveServed: { ...none, streams: 0, peers: 0, refused: 0 },
    },
    votes: { entries: [], needed: 0 },
    perspective: {
      locks: [],
      choice: { kind: 'off' },
      countries: [],
      relays: [],
      torFallback: [],
      used: { ...none, streams: 0 },
      active: [],
    },
    contribution: { today: EMPTY_SUM, total: EMPTY_SUM },
    identity: {},
    server: { door: 'off', sessions: [], blocked: 0, accessLogBytes: 0, alarms: [] },
    problems: [],
    settings: calls['settings.update'].result.parse({}),
  }
}

import type { Notice } from '../../shared/background.ts'
import type { CallArgument, CallResult } from '../../shared/ipc.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import type { Settings } from '../../shared/settings.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import { randomInt } from '../crypto/random.ts'
import { cryptoSelfTest } from '../crypto/self-test.ts'
import type { Log } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import { isPortFree } from '../net/free-port.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import { newProxySecret } from '../perspective/proxy-secret.ts'
import type { AnsweringApp } from './answers.ts'
import type { AppEvent } from './app-event.ts'
import type { AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import type { HostFacts } from './background.ts'
import { checkedCall } from './checked-call.ts'
import { EventVoice } from './event-voice.ts'
import type { CallAnswer, HostedApp, PerspectiveProxy } from './hosted-app.ts'
import { LocalProxies } from './local-proxies.ts'
import { otherPorts } from './other-port.ts'
import { RelayRest, weatherFactsOf } from './relay-rest.ts'
import { type PortName, RelayRun } from './relay-run.ts'
import { RelaySwitch } from './relay-switch.ts'
import { openResources, type Resources } from './resources.ts'
import { effectOf } from './settings-effect.ts'
import { Conditions } from './standing-conditions.ts'
import { StateKeeper } from './state-keeper.ts'

/** How often everything is looked at anew, ms. */
const REFRESH_MS = 500

/** The composition root: puts the services together, and does what its owner and its host ask. */
export class App implements HostedApp, AnsweringApp {
  readonly onEvent = new Listeners<[AppEvent]>()
  readonly onNotice = new Listeners<[Notice]>()
  readonly whenStopped: Promise<void>
  choice: Choice = { kind: 'off' }
  readonly proxyHandler = new LocalProxies(() => this.run?.client)
  readonly #options: AppOptions
  readonly #log: Log
  readonly #voice = new EventVoice(event => this.onEvent.emit(event))
  readonly #secret = newProxySecret()
  readonly #relay: RelaySwitch
  readonly #keeper: StateKeeper
  #running: Resources | undefined
  #rest: RelayRest | undefined
  #conditions: Conditions | undefined
  #hostFacts: HostFacts = {}
  #uiAddress: string | undefined
  #timer: NodeJS.Timeout | undefined
  #stopping: Promise<void> | undefined
  #stopped!: () => void

  constructor(options: AppOptions & { log: Log }) {
    this.#options = options
    this.#log = options.log
    const [voice, choice] = [this.#voice, () => this.choice]
    this.#relay = new RelaySwitch({
      options,
      log: options.log,
      voice,
      choice,
      resources: () => this.#running,
      mustRest: () => this.#rest?.mustRest() ?? false,
      mayPublish: () => this.#conditions?.mayPublish ?? true,
      onPorts: () => this.#sayListening(),
      onChange: () => this.refresh(),
    })
    this.#keeper = new StateKeeper({ options, voice, choice, relay: this.#relay, proxySecret: this.#secret })
    this.whenStopped = new Promise(resolve => {
      this.#stopped = resolve
    })
  }

  get state(): AppState {
    return this.#keeper.store.state
  }

  get onPatch() {
    return this.#keeper.store.onPatch
  }

  get running(): Resources {
    if (!this.#running) throw new AppStartError('internal', { reason: 'not started' })
    return this.#running
  }

  get run(): RelayRun | undefined {
    return this.#relay.run
  }

  get wanted(): boolean {
    return this.#relay.wanted
  }

  get blocked(): Problem | undefined {
    return this.#relay.blocked
  }

  setUiAddress(url: string): void {
    this.#uiAddress = url
    this.#sayListening()
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
        this.#keeper.store.set('settings', settings.current)
        this.#keeper.store.set('consents', consents.section)
      },
      onNetwork: network => this.#keeper.network(network),
      onConsensus: () => this.#afterConsensus(),
      onDescriptors: () => this.refresh(),
      onProblem: problem => this.#keeper.problem(problem),
      onCompare: compare => this.#keeper.store.set('compare', compare),
    })
    this.#running = resources
    this.choice = resources.lastChoice.value
    this.#conditions = new Conditions({
      folder: this.#options.dataFolder,
      network: resources.network,
      directory: resources.directory,
      run: () => this.run,
      onHappened: problem => this.#keeper.problem(problem),
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

  /** What prevents it becomes the journey's `blocked`, not an exception. */
  startRelay(): Promise<void> {
    return this.#relay.start()
  }

  stopRelay(): Promise<void> {
    return this.#relay.stop()
  }

  ownerStops(): Promise<void> {
    return this.#relay.ownerStops()
  }

  /** Looks at everything anew: what must rest rests, and AppState says what is so. */
  refresh(): void {
    const running = this.#running
    if (!running) return
    this.#rest?.look()
    this.#keeper.refresh(running, this.#conditions, this.#rest?.standing)
    running.background.tell(weatherFactsOf(this.state, running.directory.consensus?.requiredRelayProtocols))
  }

  #afterConsensus(): void {
    this.run?.votes.poll(() => this.refresh())
    this.refresh()
  }

  dismissProblem(code: ProblemCode, at: number): void {
    this.#keeper.dismissProblem(code, at)
  }

  /** Maps and proves all ports again. */
  testPorts(): void {
    this.run?.mapper?.refresh()
    void this.run?.node.retestAll()
  }

  async movePorts(doors: CallArgument<'ports.move'>['doors']): Promise<CallResult<'ports.move'>> {
    const { overrides } = this.#options
    const isFree = (port: number) => isPortFree(port, '0.0.0.0')
    const patch = await otherPorts(doors, { settings: this.running.settings.current, overrides, isFree, randomInt })
    const { orPort, dirPort, paPort } = await this.updateSettings(patch)
    if (this.blocked) throw new AppStartError(this.blocked.code, this.blocked.detail)
    const all = { or: orPort, dir: dirPort, pa: paPort as number }
    return Object.fromEntries(doors.map(door => [door, all[door]]))
  }

  async clearBook(): Promise<void> {
    await this.running.book.clear(Date.now())
    this.#keeper.forgetSample()
    this.refresh()
  }

  #sayListening(): void {
    const address = (name: PortName) => {
      const at = this.run?.portState(name).listening
      return at && { address: at.address, port: at.port }
    }
    const [socks, http] = this.#running?.proxies.map(proxy => proxy.port) ?? []
    this.#voice.listening({ or: address('or'), dir: address('dir'), pa: address('pa'), socks, http, ui: this.#uiAddress })
  }

  openPerspectiveProxy(choice: PerspectiveChoice): Promise<PerspectiveProxy> {
    return this.proxyHandler.openTab(choice)
  }

  /** What a call has made of the state is told before its answer: whoever has the answer does not go on from what was before. */
  async call(name: string, argument: unknown): Promise<CallAnswer> {
    const answer = await checkedCall(this, { started: this.#running !== undefined, log: this.#log }, name, argument)
    this.#keeper.store.flush()
    return answer
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
    if (patch.accessLogHours !== undefined || patch.accessLogTruncate !== undefined) await running.records.configure()
    if (!after.keepRecents) await Promise.all([running.recents.clear(), running.lastChoice.note(this.choice)])
    const effect = effectOf(before, after)
    if (effect === 'start' || (effect === 'perspective' && this.blocked)) await this.#relay.restart()
    else if (effect === 'perspective' && this.run) await this.#relay.applyPerspective(running)
    this.refresh()
    return after
  }

  stop(): Promise<void> {
    this.#relay.retire()
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
    this.#keeper.store.close()
    this.#voice.event('stopped')
    this.#stopped()
  }
}

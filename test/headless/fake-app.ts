import { once } from 'node:events'
import { connect } from 'node:net'
import type { AppEvent } from '../../main/app/app-event.ts'
import type { HostFacts } from '../../main/app/background.ts'
import type { CallAnswer, HostedApp, PerspectiveProxy } from '../../main/app/hosted-app.ts'
import { openTabProxy } from '../../main/app/tab-proxy.ts'
import { Listeners } from '../../main/lib/service.ts'
import type { PerspectiveChoice } from '../../main/perspective/choice-name.ts'
import { duplexConnection, type ProxyRefusal, ProxyRefused, type ProxyRequest } from '../../main/perspective/proxy-target.ts'
import type { Notice } from '../../shared/background.ts'
import { type CallName, calls } from '../../shared/ipc.ts'
import type { AppState, Choice, StatePatch } from '../../shared/state.ts'
import { sampleState } from '../renderer/sample-state.ts'

/** An app with the real one's interface and nothing behind it: for tests of hosts. */
export class FakeApp implements HostedApp {
  state: AppState
  readonly onPatch = new Listeners<[StatePatch]>()
  readonly onEvent = new Listeners<[AppEvent]>()
  readonly onNotice = new Listeners<[Notice]>()
  /** What the host told, the newest last. */
  readonly told: (HostFacts | { asleep: boolean })[] = []
  readonly asked: [name: string, argument: unknown][] = []
  /** What came through the perspective proxies, with the choice of each. */
  readonly proxied: (ProxyRequest & { through: PerspectiveChoice })[] = []
  /** Where the proxies lead, whatever was asked for; port 443 may be another's. */
  sitePort = 0
  tlsPort = 0
  /** Hosts where nobody listens on port 443. */
  readonly plainHosts = new Set<string>()
  /** Hosts that are refused. */
  readonly refusals = new Map<string, ProxyRefusal>()
  /** The relay that it all leaves from. */
  through: string | undefined
  tabs = 0
  /** Every one that was opened. */
  readonly openProxies = new Set<PerspectiveProxy>()
  uiAddress: string | undefined
  starts = 0
  stops = 0
  startError: Error | undefined
  whenStopped: Promise<void>
  #stopped!: () => void

  constructor(host: 'electron' | 'headless' = 'headless') {
    this.state = sampleState('consent', { revision: 0, product: { version: '0.1.0', host, startedAt: Date.now() } })
    this.whenStopped = new Promise(resolve => {
      this.#stopped = resolve
    })
  }

  async start(): Promise<void> {
    this.starts++
    if (this.startError) throw this.startError
    this.onEvent.emit({ event: 'listening', time: '2026-11-22T00:00:00.000Z', ui: this.uiAddress })
  }

  async stop(): Promise<void> {
    if (this.stops++ === 0) this.onEvent.emit({ event: 'stopped', time: '2026-11-22T00:00:01.000Z' })
    this.#stopped()
  }

  async call(name: string, argument: unknown): Promise<CallAnswer> {
    this.asked.push([name, argument])
    if (!Object.hasOwn(calls, name)) return { ok: false, problem: { code: 'bad-request', detail: {} } }
    const parsed = calls[name as CallName].argument.safeParse(argument)
    if (!parsed.success) return { ok: false, problem: { code: 'bad-request', detail: { call: name } } }
    if (name === 'state.get') return { ok: true, result: this.state }
    if (name === 'quit') void this.stop()
    if (name === 'perspective.choose') {
      const perspective = { ...this.state.perspective, choice: parsed.data as Choice, locks: [] }
      this.change({ perspective })
    }
    return { ok: true, result: undefined }
  }

  /** Stands at a step of the journey, with everything that belongs to it. */
  become(step: AppState['journey']['step']): void {
    const { revision: _, product: __, background, ...sections } = sampleState(step)
    const { login, awake } = this.state.background
    this.change({ ...sections, background: { ...background, login, awake } })
  }

  change(sections: Partial<Omit<AppState, 'revision'>>): void {
    const revision = this.state.revision + 1
    this.state = { ...this.state, ...sections, revision }
    this.onPatch.emit({ revision, sections })
  }

  setUiAddress(url: string): void {
    this.uiAddress = url
  }

  setHostFacts(facts: HostFacts): void {
    this.told.push(facts)
    const { login, awake, power } = facts
    const { background } = this.state
    this.change({
      background: { ...background, login: login ?? background.login, awake: awake ?? background.awake, power: power ?? background.power },
    })
  }

  setAsleep(asleep: boolean): void {
    this.told.push({ asleep })
  }

  async openPerspectiveProxy(choice: PerspectiveChoice): Promise<PerspectiveProxy> {
    const proxy = await openTabProxy(
      {
        open: async request => {
          this.proxied.push({ ...request, through: choice })
          const refused = this.plainHosts.has(request.host) && request.port === 443 ? 'connection-refused' : undefined
          const refusal = this.refusals.get(request.host) ?? refused
          if (refusal) throw new ProxyRefused(refusal)
          const socket = connect({ port: request.port === 443 ? this.tlsPort : this.sitePort, host: '127.0.0.1', allowHalfOpen: true })
          await once(socket, 'connect').catch(() => {
            throw new ProxyRefused('connection-refused')
          })
          return { ...duplexConnection(socket), through: this.through }
        },
      },
      choice,
      `tab ${++this.tabs}`,
    )
    this.openProxies.add(proxy)
    return proxy
  }
}

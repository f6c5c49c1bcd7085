import type { Notice } from '../../shared/background.ts'
import type { Problem } from '../../shared/problem.ts'
import type { AppState, StatePatch } from '../../shared/state.ts'
import type { Listeners } from '../lib/service.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import type { ProxyRefusal } from '../perspective/proxy-target.ts'
import type { AppEvent } from './app-event.ts'
import type { HostFacts } from './background.ts'

/** The answer to a call of the contract. */
export type CallAnswer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly problem: Problem }

/** A loopback SOCKS5 port that leads through one perspective, for one tab. */
export interface PerspectiveProxy {
  readonly host: string
  readonly port: number
  /** Fingerprint of the relay that its newest connection left from. */
  readonly through: string | undefined
  /** Why a host could not be reached when that was asked for last; `undefined` when it was reached, or never asked for. */
  refusal(host: string): ProxyRefusal | undefined
  /** Another relay is the newest. */
  readonly onThrough: Listeners<[]>
  close(): Promise<void>
}

/** What a host (Electron, headless) needs of the app; `App` is one, tests bring their own. */
export interface HostedApp {
  /** The current snapshot. */
  readonly state: AppState
  /** At most four times a second. */
  readonly onPatch: Listeners<[StatePatch]>
  readonly onEvent: Listeners<[AppEvent]>
  /** Something worth telling the person, and not muted. */
  readonly onNotice: Listeners<[Notice]>
  /** Settles when the app has stopped, by whatever wish. */
  readonly whenStopped: Promise<void>
  /** Rejects with an `AppStartError`, whose `problem` says why. */
  start(): Promise<void>
  /** Orderly, within 5 s; may be called more than once. */
  stop(): Promise<void>
  /** Validates the argument by the contract; never throws. */
  call(name: string, argument: unknown): Promise<CallAnswer>
  /** Where the UI is served, with its one-time token, so that `listening` can carry it. */
  setUiAddress(url: string): void
  /** What only the host knows of the computer. */
  setHostFacts(facts: HostFacts): void
  /** The computer goes to sleep (the relay rests, so that nobody waits for it), or is awake again. */
  setAsleep(asleep: boolean): void
  /** Opens a proxy port of its own for a tab; no two of them share a Tor circuit. Rejects when there is none to be had. */
  openPerspectiveProxy(choice: PerspectiveChoice): Promise<PerspectiveProxy>
}

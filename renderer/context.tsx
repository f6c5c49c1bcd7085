import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { CallArgument, CallName, CallResult } from '../shared/ipc.ts'
import type { AppState } from '../shared/state.ts'
import { announce } from './announcer.ts'
import { CallError, type CallFailure, type HostBridge } from './bridge.ts'
import { failureWords } from './i18n/words.ts'
import type { AppStore, UiState } from './store.ts'

interface Services {
  readonly bridge: HostBridge
  readonly store: AppStore
}

const ServicesContext = createContext<Services | undefined>(undefined)

/** Gives the bridge and the store to everything below. */
export function ServicesProvider({ bridge, store, children }: Services & { children: ReactNode }) {
  const services = useMemo(() => ({ bridge, store }), [bridge, store])
  return <ServicesContext value={services}>{children}</ServicesContext>
}

function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('No ServicesProvider above this component')
  return services
}

/** Part of what the store knows. */
export function useUi<T>(select: (ui: UiState) => T): T {
  return useStore(useServices().store, useShallow(select))
}

/** Part of the host's snapshot; only for components shown once there is one. */
export function useApp<T>(select: (app: AppState) => T): T {
  return useUi(ui => select(snapshotOf(ui)))
}

/** Gives the newest snapshot, for what happens when a person presses something. */
export function useLatestApp(): () => AppState {
  const { store } = useServices()
  return useCallback(() => snapshotOf(store.getState()), [store])
}

function snapshotOf({ app }: UiState): AppState {
  if (!app) throw new Error('No snapshot yet')
  return app
}

/** The contract itself, for calls that belong to no control. */
export function useBridge(): HostBridge {
  return useServices().bridge
}

/** What a call is made with: known now, or found out from the newest snapshot when its turn has come. */
type Wish<N extends CallName> = CallArgument<N> | ((app: AppState) => CallArgument<N>)

/** A call's life beside the control that made it. */
export interface CallControl<N extends CallName> {
  readonly busy: boolean
  readonly failure: CallFailure | undefined
  dismiss(): void
  run(wish: Wish<N>): Promise<{ ok: true; result: CallResult<N> } | { ok: false }>
}

/**
 * One call of the contract: never twice at once; what is pressed while it is under way is not lost, but comes after it. Its failure is kept and
 * announced; not announced when `quiet`, for what nobody pressed a button for.
 */
export function useCall<N extends CallName>(name: N, { quiet = false } = {}): CallControl<N> {
  const { bridge, store } = useServices()
  const [open, setOpen] = useState(0)
  const [failure, setFailure] = useState<CallFailure>()
  const newest = useRef<Promise<void>>(undefined)
  const run = useCallback(
    async (wish: Wish<N>): Promise<{ ok: true; result: CallResult<N> } | { ok: false }> => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>()
      const before = newest.current
      newest.current = ended
      setOpen(count => count + 1)
      // The first one begins in the turn of the event.
      if (before) await before
      setFailure(undefined)
      try {
        const argument = typeof wish === 'function' ? wish(snapshotOf(store.getState())) : wish
        return { ok: true, result: await bridge.call(name, argument) }
      } catch (error) {
        const failed: CallFailure = error instanceof CallError ? error.failure : { kind: 'bad-answer' }
        setFailure(failed)
        const { title, text } = failureWords(failed)
        if (!quiet) announce(`${title}. ${text}`)
        return { ok: false }
      } finally {
        if (newest.current === ended) newest.current = undefined
        setOpen(count => count - 1)
        end()
      }
    },
    [bridge, store, name, quiet],
  )
  const dismiss = useCallback(() => setFailure(undefined), [])
  return { busy: open > 0, failure, dismiss, run }
}

/** One clock for all: what shows ages is drawn anew together, not each part at a moment of its own. */
const clock = {
  now: 0,
  timer: undefined as ReturnType<typeof setInterval> | undefined,
  listeners: new Set<() => void>(),
}
const SECOND_MS = 1000

function watchClock(listener: () => void): () => void {
  clock.listeners.add(listener)
  clock.now = Date.now()
  clock.timer ??= setInterval(() => {
    clock.now = Date.now()
    for (const one of [...clock.listeners]) one()
  }, SECOND_MS)
  return () => {
    clock.listeners.delete(listener)
    if (clock.listeners.size > 0) return
    clearInterval(clock.timer)
    clock.timer = undefined
  }
}

const clockNow = () => (clock.timer === undefined ? Date.now() : clock.now)

/** The time in milliseconds, rounded up to so many seconds and renewed as often while shown: nothing is older than it is said to be. */
export function useNow(seconds = 1): number {
  const step = seconds * SECOND_MS
  return useSyncExternalStore(watchClock, () => Math.ceil(clockNow() / step) * step)
}

/**
 * Part of what the store knows, as it was at the last tick of the clock: for figures that change all the time by themselves, such as bytes. All of
 * them are drawn anew together, once a second, however often the host tells of them.
 */
export function useFigures<T>(select: (app: AppState, ui: UiState) => T): T {
  const { store } = useServices()
  const tick = useNow()
  // biome-ignore lint/correctness/useExhaustiveDependencies: anew at each tick, and only then
  const ui = useMemo(() => store.getState(), [store, tick])
  return select(snapshotOf(ui), ui)
}

import { calls } from '../../shared/ipc.ts'
import type { AppState } from '../../shared/state.ts'
import type { AppOptions } from './app-options.ts'
import { builtAt } from './build-date.ts'
import { EMPTY_SUM } from './contribution-book.ts'

/** AppState before anything has started. */
export function initialState(options: AppOptions): AppState {
  const port = { wanted: 0, mapping: { state: 'off' as const }, proof: { state: 'untested' as const } }
  const none = { read: 0, written: 0 }
  return {
    revision: 0,
    product: { version: options.version, host: options.host, startedAt: Date.now(), builtAt },
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
      observed: 0,
      perspectiveServed: { ...none, streams: 0, peers: 0, refused: 0 },
    },
    votes: { entries: [], needed: 0 },
    perspective: {
      locks: [],
      choice: { kind: 'off' },
      recents: [],
      countries: [],
      relays: [],
      torFallback: [],
      used: { ...none, streams: 0 },
      active: [],
    },
    contribution: { today: EMPTY_SUM, total: EMPTY_SUM },
    record: { milestones: {}, breaks: [] },
    identity: {},
    background: {
      standing: { state: 'running' },
      share: 1,
      power: 'unknown',
      volume: { used: 0, since: 0, resetsAt: 0 },
      login: 'unavailable',
      awake: false,
      notices: [],
    },
    compare: null,
    server: { door: 'off', sessions: [], blocked: 0, accessLogBytes: 0, alarms: [] },
    problems: [],
    settings: calls['settings.update'].result.parse({}),
  }
}

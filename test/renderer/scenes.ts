import type { View } from '../../renderer/navigation.ts'
import type { Problem } from '../../shared/problem.ts'
import type { AppState } from '../../shared/state.ts'
import { comparison } from './compare-samples.ts'
import {
  asking,
  clockProblem,
  failedPorts,
  looking,
  nobody,
  planned,
  refusedPublications,
  restingAtCap,
  sampleState,
} from './sample-state.ts'

/** One picture of the window: a page and the state it shows. */
export interface Scene {
  readonly name: string
  readonly view: View
  readonly state: () => AppState
}

const unlocked = () => sampleState('unlocked')

/** Each problem as the owner meets it at a step of the journey: those that stand, and those that happened. */
function withProblems(step: 'starting' | 'ports' | 'unlocked', standing: readonly Problem[], happened: readonly Problem[] = []): AppState {
  const at = Date.now() - 4 * 60_000
  return sampleState(step, {
    problems: [...standing.map(problem => ({ ...problem, at, standing: true })), ...happened.map(problem => ({ ...problem, at }))],
  })
}
const blockedBy = (problem: Problem) => {
  const state = sampleState('blocked')
  return { ...state, relay: { ...state.relay, running: false }, journey: { step: 'blocked' as const, problem } }
}

/** Every screen of the window, with its failures and its empty states. */
export const SCENES: readonly Scene[] = [
  { name: 'welcome', view: 'home', state: () => sampleState('consent') },
  {
    name: 'welcome-practice',
    view: 'home',
    state: () => sampleState('consent', { network: { kind: 'practice', site: 'http://127.0.0.2:8080/' } }),
  },
  {
    name: 'sharing-asked-again',
    view: 'home',
    state: () => {
      const state = sampleState('relaying')
      return {
        ...state,
        consents: { relay: state.consents.relay, outdated: { perspective: { version: 1, at: Date.now() - 40 * 86_400_000 } } },
      }
    },
  },
  {
    name: 'sharing-elsewhere',
    view: 'home',
    state: () => ({
      ...unlocked(),
      consents: { ...unlocked().consents, elsewhere: { agreed: ['192.168.178.0/24'], now: ['10.20.0.0/16'] } },
    }),
  },
  { name: 'starting', view: 'home', state: () => sampleState('starting') },
  { name: 'ports', view: 'home', state: () => sampleState('ports') },
  { name: 'ports-failed', view: 'home', state: () => sampleState('ports', { ports: failedPorts(), problems: [clockProblem()] }) },
  {
    name: 'ports-virtual',
    view: 'home',
    state: () => {
      const state = sampleState('publishing')
      return {
        ...state,
        journey: { step: 'ports' },
        ports: { ...state.ports, dir: { ...state.ports.dir, wanted: 'off' }, pa: { ...state.ports.pa, wanted: 'virtual' } },
      }
    },
  },
  { name: 'publishing', view: 'home', state: () => sampleState('publishing') },
  {
    name: 'publishing-refused',
    view: 'home',
    state: () => {
      const state = sampleState('publishing')
      return { ...state, relay: { ...state.relay, publications: refusedPublications() } }
    },
  },
  { name: 'waiting-listing', view: 'home', state: () => sampleState('waiting-for-listing') },
  { name: 'waiting-stable', view: 'home', state: () => sampleState('waiting-for-stable') },
  { name: 'relaying', view: 'home', state: () => sampleState('relaying') },
  { name: 'unlocked', view: 'home', state: unlocked },
  { name: 'blocked', view: 'home', state: () => sampleState('blocked') },
  {
    name: 'blocked-port',
    view: 'home',
    state: () => blockedBy({ code: 'port-in-use', detail: { port: 9001, address: '0.0.0.0', program: 'tor', pid: 4711 } }),
  },
  {
    name: 'blocked-key',
    view: 'home',
    state: () =>
      blockedBy({ code: 'key-file-damaged', detail: { file: '/home/me/.local/share/vantage/tor/keys/ed25519_master_id_secret_key' } }),
  },
  {
    name: 'blocked-clock',
    view: 'home',
    state: () => {
      const state = sampleState('publishing')
      return { ...state, journey: { step: 'blocked', problem: { code: 'clock-far-off', detail: { skewSeconds: -2520 } } } }
    },
  },
  { name: 'blocked-ipv6', view: 'home', state: () => blockedBy({ code: 'ipv6-only', detail: { interface: 'wlan0' } }) },
  {
    name: 'starting-offline',
    view: 'home',
    state: () =>
      withProblems('starting', [
        { code: 'offline', detail: {} },
        { code: 'no-directory', detail: { reason: 'connect ETIMEDOUT' } },
        { code: 'directory-unverified', detail: { reason: 'no signature of an authority that is known' } },
      ]),
  },
  {
    name: 'ports-causes',
    view: 'home',
    state: () => ({
      ...withProblems('ports', [
        { code: 'vpn-active', detail: { interface: 'wg0' } },
        { code: 'double-nat', detail: { address: '192.168.0.3' } },
        { code: 'router-disagrees', detail: { port: '9001, 9040', method: 'UPnP' } },
        { code: 'firewall-on', detail: { firewall: 'ufw', port: '9001, 9040', command: 'sudo ufw allow 9001,9040/tcp' } },
        { code: 'port-blocked', detail: { closed: '443', open: '9030' } },
        { code: 'descriptor-rejected', detail: { authority: 'moria1', text: 'Suspicious relay address' } },
      ]),
      ports: failedPorts(),
    }),
  },
  {
    name: 'unlocked-problems',
    view: 'home',
    state: () =>
      withProblems(
        'unlocked',
        [
          { code: 'disk-low', detail: { free: 41_000_000 } },
          { code: 'memory-low', detail: { free: 96_000_000 } },
          { code: 'address-crowded', detail: { address: '203.0.113.7', relays: 2, limit: 2 } },
        ],
        [
          { code: 'slept', detail: { asleep: 25_380 } },
          { code: 'address-changed', detail: { before: '203.0.113.7', address: '203.0.113.42' } },
          { code: 'clock-moved', detail: { movedSeconds: -3600 } },
          {
            code: 'settings-damaged',
            detail: { file: 'settings.json', keptAs: 'settings.damaged-20261122T123005Z.json', lost: 'theme, orPort' },
          },
        ],
      ),
  },
  { name: 'stopped', view: 'home', state: () => sampleState('stopped') },
  { name: 'browse-locked', view: 'browse', state: () => sampleState('ports') },
  { name: 'browse-waiting', view: 'browse', state: () => sampleState('waiting-for-stable') },
  { name: 'browse-off', view: 'browse', state: unlocked },
  { name: 'browse-on', view: 'browse', state: () => ({ ...unlocked(), perspective: looking(unlocked()) }) },
  {
    name: 'browse-relay',
    view: 'browse',
    state: () => {
      const state = unlocked()
      return {
        ...state,
        perspective: { ...looking(state), choice: { kind: 'relay', fingerprint: state.perspective.relays[0]!.fingerprint } },
      }
    },
  },
  {
    name: 'browse-tor',
    view: 'browse',
    state: () => ({
      ...unlocked(),
      network: { ...unlocked().network, kind: 'practice', site: 'http://127.0.0.2:8080/' },
      perspective: { ...looking(unlocked()), choice: { kind: 'tor', country: 'nl' } },
    }),
  },
  {
    name: 'browse-locked-again',
    view: 'browse',
    state: () => ({ ...unlocked(), perspective: { ...unlocked().perspective, choice: { kind: 'any' }, locks: ['or-port-unproved'] } }),
  },
  { name: 'browse-asking', view: 'browse', state: () => ({ ...unlocked(), perspective: asking(unlocked()) }) },
  {
    name: 'browse-places',
    view: 'browse',
    state: () => {
      const state = unlocked()
      const { fingerprint } = state.perspective.relays[3]!
      const [first, second] = state.perspective.relays
      return {
        ...state,
        settings: { ...state.settings, favourites: ['se', fingerprint], excluded: ['br'] },
        perspective: {
          ...state.perspective,
          choice: { kind: 'relay', fingerprint },
          secret: 'k3Vw-9dTq-uPz2',
          pac: 'http://127.0.0.1:41234/proxy.pac',
          http: { host: '127.0.0.1', port: 41233 },
          relays: [{ ...first!, session: 'open', streams: 3 }, { ...second!, failing: true }, ...state.perspective.relays.slice(2)],
        },
      }
    },
  },
  {
    name: 'browse-lists',
    view: 'browse',
    state: () => {
      const state = unlocked()
      const { fingerprint } = state.perspective.relays[3]!
      const lists = [
        { id: 'nordic', name: 'Nordic news', places: ['se', 'no', 'fi'] },
        { id: 'alps', name: 'Alps', places: ['ch', 'at', fingerprint] },
        { id: 'list', name: 'قائمتي', places: [] },
      ]
      const recents: AppState['perspective']['recents'] = [
        { kind: 'list', list: 'alps' },
        { kind: 'country', country: 'nl' },
        { kind: 'relay', fingerprint },
        { kind: 'any' },
      ]
      return {
        ...state,
        settings: { ...state.settings, lists, favourites: ['se', 'jp'], countryCorrections: [{ fingerprint, country: 'at' }] },
        perspective: { ...looking(state), choice: { kind: 'list', list: 'nordic' }, recents },
      }
    },
  },
  { name: 'browse-nobody', view: 'browse', state: () => ({ ...unlocked(), perspective: nobody(unlocked()) }) },
  { name: 'compare', view: 'compare', state: unlocked },
  { name: 'compare-locked', view: 'compare', state: () => sampleState('ports') },
  { name: 'compare-running', view: 'compare', state: () => ({ ...unlocked(), compare: comparison({ running: true }) }) },
  { name: 'compare-done', view: 'compare', state: () => ({ ...unlocked(), compare: comparison({ running: false }) }) },
  { name: 'relay', view: 'relay', state: unlocked },
  { name: 'relay-stopped', view: 'relay', state: () => sampleState('consent') },
  { name: 'settings', view: 'settings', state: unlocked },
  {
    name: 'settings-places',
    view: 'settings',
    state: () => ({ ...unlocked(), settings: { ...unlocked().settings, excluded: ['br', unlocked().perspective.relays[3]!.fingerprint] } }),
  },
  { name: 'paused', view: 'home', state: () => sampleState('paused') },
  { name: 'paused-cap', view: 'home', state: () => restingAtCap() },
  { name: 'relay-limited', view: 'relay', state: () => planned() },
  { name: 'settings-planned', view: 'settings', state: () => planned() },
  { name: 'about', view: 'about', state: unlocked },
  {
    name: 'about-old',
    view: 'about',
    state: () => ({ ...unlocked(), product: { ...unlocked().product, host: 'electron', builtAt: Date.now() - 200 * 86_400_000 } }),
  },
]

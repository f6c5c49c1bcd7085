import type { AppState } from '../../shared/state.ts'
import type { LogLine } from '../lib/log.ts'
import { Scrubber, type Secret } from './scrub.ts'

/** Newest lines of the log that are told. */
const LOG_LINES = 300

export interface DiagnosticsFacts {
  readonly state: AppState
  readonly log: readonly LogLine[]
  readonly now: number
  readonly machine: {
    readonly platform: string
    readonly arch: string
    readonly node: string
    readonly electron: string | undefined
    readonly memoryBytes: number
    readonly heapBytes: number
  }
  /** What is known to be nobody's business: folders, the proxy's password, the names of files. */
  readonly secrets: readonly Secret[]
}

/**
 * What the makers of Vantage need to see when something does not work, as text that its owner reads before giving it away. It is made of states
 * and counts; then everything is scrubbed of whatever could tell who the owner or anybody else is (scrub.ts).
 */
export function diagnosticsText(facts: DiagnosticsFacts): string {
  const { state, log, now, machine } = facts
  const { settings, relay, network, perspective, server } = state
  const secrets: Secret[] = [
    ...facts.secrets,
    { text: settings.contact, as: 'contact' },
    { text: settings.address, as: 'own address' },
    { text: relay.address ?? '', as: 'own address' },
    { text: relay.fingerprint ?? '', as: 'own fingerprint' },
    { text: state.identity.fingerprint ?? '', as: 'own fingerprint' },
    { text: settings.nickname === 'Unnamed' ? '' : settings.nickname, as: 'own nickname' },
    { text: relay.nickname === 'Unnamed' ? '' : relay.nickname, as: 'own nickname' },
    { text: perspective.secret ?? '', as: 'secret' },
    // Whom this relay deals with is nobody's business either.
    ...perspective.relays.map(({ nickname }) => ({ text: nickname, as: 'a relay' })),
    ...[...perspective.active, ...server.sessions].map(({ nickname }) => ({ text: nickname, as: 'a relay' })),
  ]
  const scrubber = new Scrubber(secrets)
  const sections: [title: string, lines: readonly string[]][] = [
    [
      'Program',
      [
        `Vantage ${state.product.version}, ${state.product.host}, up ${Math.round((now - state.product.startedAt) / 1000)} s`,
        `${machine.platform} ${machine.arch}, node ${machine.node}${machine.electron ? `, electron ${machine.electron}` : ''}`,
        `memory ${mb(machine.memoryBytes)}, heap ${mb(machine.heapBytes)}`,
        `country data ${state.product.countryData ?? 'none'}`,
        `data on autonomous systems ${state.product.systemData ?? 'none'}`,
      ],
    ],
    ['Network', [network.kind, network.consensus ? JSON.stringify(withTimes(network.consensus)) : 'no consensus']],
    ['Journey', [JSON.stringify(withTimes(state.journey)), `consents ${consentsOf(state.consents)}`]],
    ['Ports', Object.entries(state.ports).map(([name, port]) => `${name} ${JSON.stringify(withTimes(port))}`)],
    [
      'Relay',
      [
        `running ${relay.running}, flags ${relay.flags.join(' ') || 'none'}`,
        `channels ${relay.channels}, circuits ${relay.circuits}`,
        `carried ${JSON.stringify(relay.carried)}, rate ${JSON.stringify(relay.rate)}`,
        `served ${JSON.stringify(relay.perspectiveServed)}`,
        ...relay.publications.map(({ authority, answer, text, readBack }) => `publication ${authority} ${answer} ${readBack} ${text}`),
        ...state.votes.entries.map(({ authority, listed, running, stable }) => `vote ${authority} ${listed} ${running} ${stable}`),
      ],
    ],
    [
      'Perspective',
      [
        `locks ${perspective.locks.join(' ') || 'none'}, choice ${perspective.choice.kind}`,
        `members ${perspective.relays.length}, refusals ${perspective.relays.flatMap(({ refusal }) => refusal?.status ?? []).join(' ') || 'none'}`,
        `used ${JSON.stringify(perspective.used)}, active ${perspective.active.length}`,
      ],
    ],
    [
      'Server',
      [
        `door ${server.door === 'off' || server.door === 'virtual' ? server.door : 'own port'}, paused for ${server.pausedFor ?? 'nothing'}`,
        `sessions ${server.sessions.length}, block list ${server.blocked}, access log ${mb(server.accessLogBytes)}`,
        ...server.alarms.map(({ kind, at }) => `alarm ${kind} ${iso(at)}`),
      ],
    ],
    ['Settings', settingsLines(settings)],
    ['Problems', state.problems.map(({ at, code, detail }) => `${iso(at)} ${code} ${JSON.stringify(detail)}`)],
    [
      'Log',
      log
        .slice(-LOG_LINES)
        .flatMap(({ time, level, scope, text }) => text.split('\n').map(part => `${iso(time)} ${level} ${scope}: ${part}`)),
    ],
  ]
  const text = sections.flatMap(([title, lines]) => [
    '',
    `== ${title}`,
    ...(lines.length > 0 ? lines.map(line => scrubber.line(line)) : ['none']),
  ])
  return [`Vantage diagnostics, ${iso(now)}`, ...text, ''].join('\n')
}

/** All but who the owner is and where they look. */
function settingsLines(settings: AppState['settings']): string[] {
  const { contact, nickname, address, favourites, excluded, lists, countryCorrections, ...rest } = settings
  const given = (text: string) => (text === '' ? 'empty' : 'given')
  return [
    ...Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
    `nickname ${nickname === 'Unnamed' ? 'default' : 'given'}, contact ${given(contact)}, address ${given(address)}`,
    `favourites ${favourites.length}, excluded ${excluded.length}, lists ${lists.length}, corrected countries ${countryCorrections.length}`,
  ]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** Times as people read them, at any depth. */
function withTimes(value: unknown): unknown {
  if (typeof value === 'number' && value > 1e12 && value < 8e15) return iso(value)
  if (Array.isArray(value)) return value.map(withTimes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTimes(inner)]))
}

/** Each consent that counts with the version of its text; networks are nobody's business. */
function consentsOf(consents: AppState['consents']): string {
  const given = (['relay', 'perspective'] as const).flatMap(which => (consents[which] ? `${which} ${consents[which].version}` : []))
  return given.join(', ') || 'none'
}

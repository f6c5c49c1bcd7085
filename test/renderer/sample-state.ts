import type { ContributionDay, ContributionSum } from '../../shared/contribution.ts'
import type { Problem } from '../../shared/problem.ts'
import type { RunBreak } from '../../shared/relay-record.ts'
import { settings } from '../../shared/settings.ts'
import { type AppState, appState, type Journey, type PerspectiveRelay, type PortState } from '../../shared/state.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const FINGERPRINT = '9695DFC35FFEB861329B9F1AB04C46397020CE31'
const AUTHORITIES = ['moria1', 'tor26', 'dizum', 'gabelmoo', 'dannenberg', 'maatuska', 'longclaw', 'bastet', 'faravahar']

const proved = (port: number, now: number): PortState => ({
  wanted: port,
  listening: { address: '192.168.1.20', port },
  mapping: { state: 'mapped', method: 'UPnP', externalAddress: '203.0.113.7', externalPort: port, until: now + 50 * MINUTE },
  proof: { state: 'proved', at: now - 4 * MINUTE, by: 3 },
})
const opening = (port: number, now: number): PortState => ({
  ...proved(port, now),
  mapping: { state: 'asking' },
  proof: { state: 'untested' },
})
const closed = (port: number, now: number, mapping: string, proof: string): PortState => ({
  ...proved(port, now),
  mapping: { state: 'failed', reason: mapping },
  proof: { state: 'failed', at: now - 20_000, reason: proof },
})

/** Who announces the addresses of the first relays. */
const NETWORKS = [
  { number: 64496, name: 'Mälardalen Fibre AB' },
  { number: 64497, name: 'Fjordnett' },
  { number: 64498, name: 'Amstel Hosting B.V.' },
  { number: 64499, name: 'Bern Energie' },
]

const relays = (now: number): PerspectiveRelay[] =>
  (
    [
      ['Midnattsol', 'se', '198.51.100.14', 9040, 'stable', 31, undefined],
      ['fjordlys', 'no', '198.51.100.77', 9040, 'running', 38, undefined],
      ['Grachtengordel', 'nl', '192.0.2.200', 'virtual', 'stable', 24, undefined],
      ['ZytgloggeBern', 'ch', '2001:db8:41::9', 443, 'stable', 44, undefined],
      ['Uppsala2', 'se', '198.51.100.15', 9040, 'stable', undefined, 4],
      ['hokusai36', 'jp', '192.0.2.81', 9040, 'stable', 247, undefined],
      ['praiadorosa', 'br', '192.0.2.55', 9040, 'running', 212, 11],
      ['Leipzig', 'de', '203.0.113.49', 9040, 'stable', 29, 14],
      ['unknownland', '??', '203.0.113.99', 9040, 'stable', undefined, undefined],
    ] as const
  ).map(([nickname, country, address, port, admits, latency, refusal], index) => ({
    fingerprint: (0xa1b2c3d4 + index * 0x1010101).toString(16).toUpperCase().padStart(8, '0').repeat(5),
    nickname,
    country,
    address,
    port,
    admits,
    policy: 'accept 80,443',
    as: NETWORKS[index],
    flags: ['Fast', 'Running', 'Stable', 'V2Dir', 'Valid'],
    bandwidth: 2_500_000 * (1 + (index % 5)),
    upSince: now - (3 + index * 5.4) * DAY,
    overloadedAt: index === 2 ? now - 5 * HOUR : undefined,
    rate: index === 0 ? { bytesPerSecond: 3_140_000, at: now - 4 * MINUTE } : undefined,
    latency: latency === undefined ? undefined : { ms: latency, at: now - 40_000 - index * 7000 },
    refusal: refusal === undefined ? undefined : { status: refusal, at: now - 3 * MINUTE },
  }))

function countriesOf(list: readonly PerspectiveRelay[]): AppState['perspective']['countries'] {
  const counts = new Map<string, number>()
  for (const { country } of list) counts.set(country, (counts.get(country) ?? 0) + 1)
  return [...counts].map(([country, count]) => ({ country, relays: count }))
}

/** Votes in which `stable` of nine authorities call us Stable and `running` of them Running. */
function votes(now: number, running: number, stable: number): AppState['votes'] {
  return {
    needed: 5,
    entries: AUTHORITIES.map((authority, index) =>
      index === 8
        ? { authority, listed: false, running: false, stable: false }
        : {
            authority,
            fetchedAt: now - (12 + index) * MINUTE,
            listed: index < running,
            running: index < running,
            stable: index < stable,
            mtbf: (6.2 + index * 0.31) * 86400,
            wfu: 0.981 + index * 0.002,
            timeKnown: (8 + index * 0.2) * 86400,
            stableUptime: (11 + index) * 86400,
            // Each votes as the published rule says from these numbers: below a threshold of less than seven days nobody waits.
            stableMtbf: (index < 2 ? 5 + index * 1.4 : 5 + index * 2.6) * 86400,
          },
    ),
  }
}

const publications = (now: number, step: 'under way' | 'done' | 'refused'): AppState['relay']['publications'] =>
  AUTHORITIES.map((authority, index) => {
    if (step === 'refused' && index === 2)
      return { authority, answer: 'rejected', text: 'Suspicious relay address', readBack: false, at: now - MINUTE }
    if (index === 7) return { authority, answer: 'unreachable', text: '', readBack: false, at: now - MINUTE }
    if (step === 'under way' && index > 4) return { authority, answer: 'waiting', text: '', readBack: false }
    return { authority, answer: index === 3 ? 'not-new' : 'accepted', text: '', readBack: step === 'done' || index < 3, at: now - MINUTE }
  })

const TOR_COUNTRIES = ['de', 'nl', 'us', 'fr', 'fi', 'se', 'ch']

/** What is in the book of a relay that has carried something, and of one that has not. */
function contributionAt(step: Journey['step']): AppState['contribution'] {
  const scale = step === 'unlocked' || step === 'relaying' ? 1 : 0
  const sum = (days: number): ContributionSum => {
    const bytes = (read: number, written: number) => ({ read: read * scale * days, written: written * scale * days })
    return {
      or: bytes(4.1e9, 4.2e9),
      dir: bytes(2e6, 91e6),
      served: { ...bytes(310e6, 22e6), streams: 1204 * scale },
      used: { ...bytes(26e6, 2e6), streams: 412 * scale },
      tor: { ...bytes(0, 0), streams: 0 },
      refused: 3 * scale,
      uptimeSeconds: Math.round(84_000 * days * scale),
      circuits: Math.round(29_400 * days * scale),
      cpuSeconds: Math.round(5100 * days * scale),
      given: 332e6 * scale * days,
      taken: 28e6 * scale * days,
    }
  }
  return { today: sum(0.4), total: sum(10), since: scale ? '2026-11-13' : undefined }
}

function journeyOf(step: Journey['step'], now: number): Journey {
  switch (step) {
    case 'publishing':
      return { step, since: now - 30_000 }
    case 'waiting-for-listing':
      return { step, publishedAt: now - 40 * MINUTE }
    case 'waiting-for-stable':
      return { step, listedSince: now - 8 * DAY }
    case 'relaying':
    case 'unlocked':
      return { step, since: now - 2 * HOUR }
    case 'blocked':
      return { step, problem: { code: 'provider-shares-address', detail: { address: '100.72.14.9', method: 'UPnP' } } }
    case 'paused':
      return { step, since: now - 12 * MINUTE, causes: [{ reason: 'person', until: now + 18 * MINUTE }], until: now + 18 * MINUTE }
    case 'consent':
    case 'starting':
    case 'ports':
    case 'stopped':
      return { step }
    default:
      return step satisfies never
  }
}

/** A laptop on the mains at home; at the step `paused` its owner has asked for half an hour. */
function backgroundAt(step: Journey['step'], now: number): AppState['background'] {
  const until = now + 18 * MINUTE
  return {
    standing: step === 'paused' ? { state: 'paused', causes: [{ reason: 'person', until }], until } : { state: 'running' },
    share: 1,
    power: 'plugged',
    network: { id: 'wlan0 192.168.1.0/24', system: 'unmetered' },
    volume: { used: 83_900_000_000, since: now - 9 * DAY, resetsAt: now + 21 * DAY },
    login: 'off',
    awake: false,
    notices: [],
  }
}

const ORDER: readonly Journey['step'][] = [
  'consent',
  'starting',
  'ports',
  'publishing',
  'waiting-for-listing',
  'waiting-for-stable',
  'relaying',
  'unlocked',
]

/** A relay of nine days, with a night's rest, an update and a new address behind it. */
function recordAt(step: Journey['step'], now: number): AppState['record'] {
  const reached = (other: Journey['step']) => ORDER.indexOf(step) >= ORDER.indexOf(other)
  const at = (ago: number, is: boolean) => (is ? now - ago : undefined)
  const waiting = reached('waiting-for-stable')
  const breaks: RunBreak[] = [
    { from: now - 6.5 * DAY, until: now - 6.2 * DAY, cause: 'sleep' },
    { from: now - 5 * DAY, until: now - 5 * DAY + 4 * MINUTE, cause: 'restart' },
    { from: now - 4.1 * DAY, until: now - 4.1 * DAY, cause: 'address' },
    { from: now - 1.9 * DAY, until: now - 1.9 * DAY + 31 * MINUTE, cause: 'cut-off' },
  ]
  return {
    milestones: Object.fromEntries(
      Object.entries({
        reachable: at(8.2 * DAY, reached('publishing')),
        published: at(8.15 * DAY, reached('waiting-for-listing')),
        running: at(8 * DAY, waiting),
        fast: at(6 * DAY, waiting),
        v2dir: at(8 * DAY, waiting),
        stable: at(2 * HOUR, reached('relaying')),
        served: at(HOUR, reached('unlocked')),
      }).filter(([, time]) => time !== undefined),
    ),
    since: at(4.1 * DAY, waiting),
    breaks: waiting ? breaks : [],
    listedSince: at(8 * DAY, waiting),
    best: waiting ? { rate: 1_640_000, at: now - 2.3 * DAY } : undefined,
  }
}

function locksAt(step: Journey['step']): AppState['perspective']['locks'] {
  switch (step) {
    case 'consent':
      return ['no-consent', 'relay-stopped']
    case 'starting':
    case 'ports':
    case 'blocked':
      return ['or-port-unproved', 'dir-port-unproved', 'pa-port-unproved', 'not-listed']
    case 'publishing':
    case 'waiting-for-listing':
      return ['not-listed']
    case 'waiting-for-stable':
      return ['not-stable']
    case 'relaying':
      return ['no-consent']
    case 'unlocked':
      return []
    case 'stopped':
    case 'paused':
      return ['relay-stopped']
    default:
      return step satisfies never
  }
}

/** A state as the host would send it at one step of the journey, with sections of one's own put over it. Checked by the contract's schema. */
export function sampleState(step: Journey['step'], own: Partial<AppState> = {}, now: number = Date.now()): AppState {
  const reached = (other: Journey['step']) => ORDER.indexOf(step) >= ORDER.indexOf(other) || step === 'stopped' || step === 'paused'
  const running = (reached('starting') || step === 'blocked') && step !== 'stopped' && step !== 'paused'
  const list = reached('publishing') || step === 'blocked' ? relays(now) : []
  const published = reached('waiting-for-listing') ? 'done' : 'under way'
  const flags = reached('waiting-for-stable')
    ? ['Fast', 'Running', 'V2Dir', 'Valid', ...(reached('relaying') ? ['Stable', 'HSDir'] : [])]
    : []
  const state: AppState = {
    revision: 1,
    product: {
      version: '0.1.0',
      host: 'headless',
      startedAt: now - 3 * HOUR,
      countryData: 'ip-location-db, 2026-06-17',
      systemData: 'ip-location-db asn, 2026-06-17 (RouteViews, NRO, https://db-ip.com; CC BY 4.0)',
    },
    network: {
      kind: 'tor',
      consensus: reached('starting')
        ? {
            validAfter: now - 40 * MINUTE,
            freshUntil: now + 20 * MINUTE,
            validUntil: now + 2 * HOUR,
            votingSeconds: 600,
            relays: 8214,
            live: true,
          }
        : undefined,
    },
    consents:
      reached('starting') || step === 'blocked'
        ? { relay: { version: 1, at: now - 9 * DAY }, perspective: { version: 1, at: now - 9 * DAY } }
        : {},
    journey: journeyOf(step, now),
    ports: reached('publishing')
      ? { or: proved(9001, now), dir: proved(9030, now), pa: proved(9040, now) }
      : step === 'blocked'
        ? {
            or: closed(9001, now, 'address-shared', 'timeout'),
            dir: closed(9030, now, 'address-shared', 'timeout'),
            pa: closed(9040, now, 'address-shared', 'timeout'),
          }
        : { or: opening(9001, now), dir: opening(9030, now), pa: opening(9040, now) },
    relay: {
      running,
      router: running ? { address: '192.168.1.1', computer: '192.168.1.20', name: 'FRITZ!Box 7590' } : undefined,
      nickname: 'Aussicht',
      fingerprint: reached('starting') ? FINGERPRINT : undefined,
      address: reached('ports') ? '203.0.113.7' : undefined,
      startedAt: running ? now - 3 * HOUR : undefined,
      flags,
      publications: reached('publishing') ? publications(now, published) : [],
      channels: running ? 214 : 0,
      circuits: running ? 1812 : 0,
      carried: reached('waiting-for-stable') ? { read: 41_200_000_000, written: 42_700_000_000 } : { read: 0, written: 0 },
      rate: running ? { read: 1_120_000, written: 1_240_000 } : { read: 0, written: 0 },
      observed: reached('waiting-for-stable') ? 1_180_000 : 0,
      perspectiveServed: reached('unlocked')
        ? { read: 310_000_000, written: 22_000_000, streams: 1204, peers: 6, refused: 3 }
        : { read: 0, written: 0, streams: 0, peers: 0, refused: 0 },
    },
    votes:
      step === 'waiting-for-stable' ? votes(now, 8, 2) : step === 'waiting-for-listing' ? votes(now, 3, 0) : { needed: 5, entries: [] },
    perspective: {
      locks: locksAt(step),
      choice: { kind: 'off' },
      recents: [],
      countries: countriesOf(list),
      relays: list,
      socks: reached('starting') ? { host: '127.0.0.1', port: 9150 } : undefined,
      used: reached('unlocked') ? { read: 92_000_000, written: 6_100_000, streams: 412 } : { read: 0, written: 0, streams: 0 },
      active: [],
      torFallback: reached('starting') ? TOR_COUNTRIES.map((country, index) => ({ country, relays: 900 - index * 130 })) : [],
    },
    contribution: contributionAt(step),
    record: recordAt(step, now),
    compare: null,
    server: { door: 9040, sessions: [], blocked: 0, accessLogBytes: 0, alarms: [] },
    background: backgroundAt(step, now),
    identity: reached('starting') ? { fingerprint: FINGERPRINT } : {},
    problems: [],
    settings: settings.parse({ nickname: 'Aussicht' }),
    ...own,
  }
  return appState.parse(state)
}

/** Ports that failed in different ways: no router answer, no connection from outside, another program. */
export function failedPorts(now: number = Date.now()): AppState['ports'] {
  return {
    or: closed(9001, now, 'no-answer', 'timeout'),
    dir: { ...proved(9030, now), proof: { state: 'testing', since: now - 5000 } },
    pa: { ...proved(9040, now), proof: { state: 'failed', at: now - 30_000, reason: 'connection-refused' } },
  }
}

/** The perspective section while browsing through Sweden. */
export function looking(state: AppState): AppState['perspective'] {
  const [first, , third] = state.perspective.relays
  return {
    ...state.perspective,
    choice: { kind: 'country', country: 'se' },
    active: [
      {
        fingerprint: first!.fingerprint,
        nickname: first!.nickname,
        country: 'se',
        streams: 6,
        carried: { read: 4_810_000, written: 212_000 },
        mode: 'one-hop',
      },
      {
        fingerprint: third!.fingerprint,
        nickname: third!.nickname,
        country: 'nl',
        streams: 1,
        carried: { read: 91_000, written: 4_000 },
        mode: 'tor',
      },
    ],
  }
}

/** Perspective unlocked, and no member anywhere. */
export function nobody(state: AppState): AppState['perspective'] {
  return { ...state.perspective, relays: [], countries: [] }
}

/** A publication section with one refusal. */
export function refusedPublications(now: number = Date.now()): AppState['relay']['publications'] {
  return publications(now, 'refused')
}

export const clockProblem = (now: number = Date.now()): Problem & { at: number; standing: boolean } => ({
  code: 'clock-skewed',
  standing: true,
  detail: { skewSeconds: 431 },
  at: now - 2 * MINUTE,
})

/** The question that stands when nobody in the chosen country can be had. */
export function asking(state: AppState): AppState['perspective'] {
  const { countries } = state.perspective
  return {
    ...state.perspective,
    choice: { kind: 'country', country: 'jp' },
    failover: {
      wanted: { kind: 'country', country: 'jp' },
      at: Date.now(),
      reason: 'unreachable',
      countries: countries.filter(({ country }) => country !== 'jp' && country !== '??'),
      tor: true,
    },
  }
}

/** A day of the contribution book. */
export function bookDay(day: string): ContributionDay {
  return { ...contributionAt('unlocked').today, day, servedPeers: [], usedPeers: [] }
}

/** A desktop with a plan, a cap, and everything that rests switched on, just now held to a limit. */
export function planned(now: number = Date.now()): AppState {
  const state = sampleState('unlocked')
  return {
    ...state,
    product: { ...state.product, host: 'electron', builtAt: now - 9 * DAY },
    background: {
      ...state.background,
      standing: { state: 'limited', rate: 312_500, by: 'person' },
      share: 0.25,
      power: 'battery',
      network: { id: 'wlan0 192.168.43.0/24', system: 'unknown' },
      login: 'on',
      awake: true,
      notices: [
        { kind: 'unlocked', what: 'unlocked', at: now - 2 * HOUR, detail: {} },
        { kind: 'ports', what: 'ports-closed', at: now - 20 * MINUTE, detail: { ports: 'pa' } },
      ],
    },
    settings: {
      ...state.settings,
      plan: [
        { days: [1, 2, 3, 4, 5], from: 23 * 60, to: 6 * 60 + 30, rate: 0 },
        { days: [0, 6], from: 18 * 60, to: 23 * 60, rate: 250_000 },
      ],
      pauseOnMetered: true,
      meteredNetworks: ['wlan0 192.168.43.0/24', 'wlan0 10.0.0.0/8'],
      monthlyCap: 500e9,
      keepAwake: true,
      mutedNotices: ['overload'],
    },
  }
}

/** The monthly cap is reached; it is night by the plan besides. */
export function restingAtCap(now: number = Date.now()): AppState {
  const until = now + 9 * DAY
  const causes = [{ reason: 'cap' as const, until }, { reason: 'plan' as const, until: now + 5 * HOUR }, { reason: 'battery' as const }]
  return { ...sampleState('paused'), journey: { step: 'paused', since: now - 2 * HOUR, causes } }
}

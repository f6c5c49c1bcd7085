import type { CallResult, Calls } from '../../shared/ipc.ts'
import type { AccessRecord, Suspect } from '../../shared/perspective-server.ts'
import type { IdentityFacts } from '../../shared/safety.ts'
import type { AppState } from '../../shared/state.ts'
import type { FakeHost } from './fake-host.ts'
import { sampleState } from './sample-state.ts'

export const PEER = 'C0FFEE00'.repeat(5)
const HOUR = 3_600_000
const now = Date.now()

/** The state of a relay whose owner keeps a log and serves a member. */
export function servingState(own: Partial<AppState['settings']> = { accessLogHours: 24 }): AppState {
  const state = sampleState('unlocked')
  return {
    ...state,
    settings: { ...state.settings, ...own },
    server: {
      ...state.server,
      door: 9040,
      sessions: [
        {
          fingerprint: PEER,
          nickname: 'Linnaeus',
          links: 1,
          circuits: 2,
          streams: 5,
          dayBytes: 4_100_000,
          bytesPerDay: 2_000_000_000,
          factor: 1,
        },
      ],
      blocked: 4,
      accessLogBytes: 48_212,
    },
  }
}

export const BLOCKS: CallResult<'blocks.get'>['entries'] = [
  { target: `$${PEER}`, expires: now + 20 * HOUR, reason: 'automatic: too many destinations' },
  {
    target: 'family:$A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4',
    reason: 'Complaint about 198.51.100.7, 20 Nov 2026',
    note: 'wrote to them',
  },
  { target: '198.51.100.0/24' },
  { target: '{br}', expires: now + 700 * HOUR },
]

export const RECORDS: AccessRecord[] = [
  {
    startedAt: now - 42_000,
    endedAt: now,
    peer: PEER,
    nickname: 'Linnaeus',
    address: '93.184.216.34',
    port: 443,
    reason: 0,
    bytesIn: 1800,
    bytesOut: 2_410_000,
  },
  {
    startedAt: now - 2 * HOUR,
    endedAt: now - 2 * HOUR + 900,
    peer: PEER,
    nickname: 'Linnaeus',
    address: '2606:2800:220:1::25',
    port: 80,
    reason: 6,
    bytesIn: 420,
    bytesOut: 18_200,
  },
  {
    startedAt: now - 3 * HOUR,
    endedAt: now - 3 * HOUR + 15_000,
    peer: 'AB'.repeat(20),
    address: '198.51.100.9',
    port: 443,
    reason: 7,
    bytesIn: 0,
    bytesOut: 0,
  },
]

export const SUSPECT: Suspect = {
  peer: PEER,
  nickname: 'Linnaeus',
  contact: 'abuse at linnaeus dot example',
  streams: 3,
  firstAt: now - 2 * HOUR,
  lastAt: now - 2 * HOUR + 42_000,
  bytesIn: 2000,
  bytesOut: 90_000,
}

export const FACTS: IdentityFacts = {
  fingerprint: '9695DFC35FFEB861329B9F1AB04C46397020CE31',
  nickname: 'Aussicht',
  network: 'tor',
  exportedAt: now - 30 * HOUR,
  moved: false,
  existing: PEER,
  seenAt: now - 2 * HOUR,
}

export const DIAGNOSTICS = `Vantage diagnostics, 2026-11-22T12:00:00.000Z

== Program
Vantage 0.1.0, headless, up 10800 s
linux x64, node 24.21.0

== Ports
or {"wanted":9001,"listening":{"address":"[address 1]","port":9001}}

== Log
2026-11-22T11:59:59.000Z warn relay: connection to [address 2] ended
${'2026-11-22T11:59:59.000Z info relay: a line of the log\n'.repeat(60)}`

type Answers = { [N in keyof Calls]?: (argument: never) => CallResult<N> }

/** Scripts the host with what a serving relay answers. */
export function answerAsServing(host: FakeHost, own: Answers = {}): void {
  const answers: Answers = {
    'blocks.get': () => ({ entries: BLOCKS }),
    'blocks.check': ({ target }: { target: string }) =>
      target.includes('?')
        ? { ok: false }
        : {
            ok: true,
            target,
            kind: target.startsWith('{') ? 'country' : 'fingerprint',
            nickname: 'Linnaeus',
            known: false,
            members: 1,
            of: 9,
            connected: 1,
          },
    'blocks.import': () => ({ errors: [{ line: 2, reason: 'not a fingerprint, Ed25519 identity, family, network or country' }] }),
    'blocks.export': () => ({ name: 'vantage-blocklist.txt', text: '{br}\n' }),
    'accessLog.search': () => ({ records: RECORDS, total: 212 }),
    'accessLog.csv': () => ({ name: 'vantage-access.csv', text: 'started\r\na\r\n', total: 1 }),
    'abuse.find': () => ({ suspects: [SUSPECT], logged: true, letter: 'Hello,\n\nthank you for your message.\n\nKind regards\n' }),
    'diagnostics.get': () => ({ name: 'vantage-diagnostics.txt', text: DIAGNOSTICS }),
    'identity.export': () => ({ name: 'vantage-identity-2026-11-22.txt', text: '-----BEGIN VANTAGE IDENTITY-----\n' }),
    'identity.inspect': () => FACTS,
    'identity.import': () => ({ fingerprint: FACTS.fingerprint, keptAs: 'keys.replaced-20261122T120000000Z' }),
    ...own,
  }
  for (const [name, answer] of Object.entries(answers)) host.on(name as keyof Calls, answer as never)
}

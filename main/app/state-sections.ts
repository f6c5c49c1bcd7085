import type { AppState } from '../../shared/state.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import type { PublishResult } from '../directory/publisher.ts'
import { isSpecialAddress } from '../lib/ip.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import type { PerspectiveClient } from '../perspective/perspective-client.ts'
import type { ServerRecords } from '../perspective/server-records.ts'
import type { JoinedNetwork } from './joined-network.ts'
import type { PortName, RelayRun } from './relay-run.ts'

/** Pure views of the running parts as sections of AppState. */

/** The consensus as the UI shows it. */
export function networkSection(network: JoinedNetwork, directory: NetworkDirectory): AppState['network'] {
  const { consensus } = directory
  return {
    kind: network.kind,
    site: network.practice?.siteUrl,
    secureSite: network.practice?.secureSiteUrl,
    tamperedSite: network.practice?.tamperedSiteUrl,
    consensus: consensus && {
      validAfter: consensus.validAfter,
      freshUntil: consensus.freshUntil,
      validUntil: consensus.validUntil,
      votingSeconds: consensus.voteSeconds + consensus.distSeconds,
      relays: consensus.routers.length,
      live: directory.liveness() === 'live',
    },
  }
}

const IDLE_PORT = { mapping: { state: 'off' }, proof: { state: 'untested' } } as const

export function portsSection(run: RelayRun | undefined, wanted: Record<PortName, AppState['ports']['or']['wanted']>): AppState['ports'] {
  const state = (name: PortName) => run?.portState(name) ?? { wanted: wanted[name], ...IDLE_PORT }
  return { or: state('or'), dir: state('dir'), pa: state('pa') }
}

export function publicationOf(result: PublishResult, at: number): AppState['relay']['publications'][number] {
  return { authority: result.authority.nickname, answer: result.outcome, text: result.answer.slice(0, 200), readBack: result.confirmed, at }
}

export function relaySection(
  run: RelayRun | undefined,
  context: { nickname: string; directory: NetworkDirectory; publications: AppState['relay']['publications'] },
): AppState['relay'] {
  const none = { read: 0, written: 0 }
  if (!run) {
    return {
      running: false,
      nickname: context.nickname,
      flags: [],
      publications: context.publications,
      channels: 0,
      circuits: 0,
      carried: none,
      rate: none,
      observed: 0,
      perspectiveServed: { ...none, streams: 0, peers: 0, refused: 0 },
    }
  }
  const { relay, server, address, startedAt, options } = run.node
  const gateway = run.mapper?.gateway
  const { fingerprint } = options.keys
  return {
    running: true,
    nickname: options.nickname,
    fingerprint,
    address,
    router:
      gateway && isSpecialAddress(gateway.address)
        ? { address: gateway.address, computer: gateway.localAddress, name: run.routerNames.of(gateway) }
        : undefined,
    startedAt,
    flags: [...(context.directory.consensus?.byFingerprint.get(fingerprint)?.flags ?? [])],
    publications: context.publications,
    channels: relay.channels.all().length,
    circuits: relay.circuits.circuits.size,
    // What members browse through us is counted apart.
    carried: { read: relay.channels.bytes.orRead, written: relay.channels.bytes.orWritten },
    rate: { read: Math.round(relay.meter.rate.read), written: Math.round(relay.meter.rate.written) },
    observed: relay.meter.observed,
    perspectiveServed: server
      ? {
          read: server.served.read,
          written: server.served.written,
          streams: server.served.streams,
          peers: server.peers.length,
          refused: server.served.refused,
        }
      : { ...none, streams: 0, peers: 0, refused: 0 },
  }
}

/** The question what to look through instead, with what there is. */
function failoverOf(client: PerspectiveClient, torFallback: AppState['perspective']['torFallback']): AppState['perspective']['failover'] {
  const { failover } = client
  if (!failover) return undefined
  const { wanted, at, reason } = failover
  const country =
    wanted.kind === 'relay'
      ? client.offers().find(({ fingerprint }) => fingerprint === wanted.fingerprint)?.country
      : countryOfChoice(wanted)
  const tor = country !== undefined && torFallback.some(entry => entry.country === country)
  return { wanted, at, reason, countries: client.reachableCountries(), tor }
}

const countryOfChoice = (choice: PerspectiveChoice) => ('country' in choice ? choice.country : undefined)

const NOBODY: AppState['perspective']['relays'] = []

export function perspectiveSection(
  run: RelayRun | undefined,
  rest: Pick<AppState['perspective'], 'locks' | 'choice' | 'recents' | 'socks' | 'http' | 'secret' | 'pac'> & {
    directory: NetworkDirectory
    excluded: readonly string[]
  },
): AppState['perspective'] {
  const { directory, excluded, ...section } = rest
  if (!run) return { ...section, countries: [], relays: NOBODY, torFallback: [], used: { read: 0, written: 0, streams: 0 }, active: [] }
  const { client } = run
  const { relays, countries } = run.rows.read()
  const torFallback = [...run.exitCountries(excluded)]
  const used = { read: 0, written: 0, streams: 0 }
  for (const { read, written, streams } of client.usage.totals()) {
    used.read += read
    used.written += written
    used.streams += streams
  }
  return {
    ...section,
    countries,
    relays,
    used,
    failover: failoverOf(client, torFallback),
    torFallback,
    active: client.usage.active().map(({ fingerprint, mode, streams, read, written }) => {
      const status = directory.consensus?.byFingerprint.get(fingerprint)
      const country = status && run.countryOf(status.address, status.orPort)
      const carried = { read, written }
      return {
        fingerprint,
        nickname: status?.nickname ?? '',
        country: country ?? '??',
        streams,
        carried,
        mode: mode === 'tor' ? 'tor' : 'one-hop',
      }
    }),
  }
}

/** What others do through us. `alarms`: the newest last. */
export function serverSection(run: RelayRun | undefined, records: ServerRecords, alarms: AppState['server']['alarms']): AppState['server'] {
  const server = run?.node.server
  const door = server?.door ?? 'off'
  return {
    door: typeof door === 'object' ? (server?.listener?.port ?? 0) : door,
    pausedFor: server?.pausedFor,
    sessions: server?.sessions ?? [],
    blocked: records.blocks.entries.length,
    accessLogBytes: records.accessLog?.bytes ?? 0,
    alarms,
  }
}

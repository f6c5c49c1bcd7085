import { join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { MOST_CONTRIBUTION_DAYS, MOST_LOG_HOURS } from '../../shared/settings.ts'
import type { AppState } from '../../shared/state.ts'
import { DirectoryClient } from '../directory/client.ts'
import { NetworkDirectory } from '../directory/network-directory.ts'
import { diskRefusal, removeUnfinished } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { pacFile } from '../perspective/pac.ts'
import { listenProxy, type ProxyListener, type ProxyListenerOptions } from '../perspective/proxy-listener.ts'
import type { ProxyHandler } from '../perspective/proxy-target.ts'
import { ServerRecords } from '../perspective/server-records.ts'
import type { AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import { Background } from './background.ts'
import { CompareDesk } from './compare/compare-desk.ts'
import { homeHandler } from './compare/home.ts'
import { Consents } from './consents.ts'
import { ContributionBook } from './contribution-book.ts'
import { FolderInUseError, InstanceLock } from './instance-lock.ts'
import { type JoinedNetwork, joinNetwork } from './joined-network.ts'
import { localNetworks } from './known-networks.ts'
import { LastChoice } from './last-choice.ts'
import { takerOf } from './port-taker.ts'
import { Recents } from './recents.ts'
import { RecordKeeper } from './record-keeper.ts'
import type { RelayRun } from './relay-run.ts'
import { keepDamagedBlockList, Safety } from './safety.ts'
import { ServerDesk } from './server-desk.ts'
import { SettingsStore } from './settings-store.ts'

/** Everything that lives from the app's start to its stop, whether or not the relay runs. */
export interface Resources {
  readonly settings: SettingsStore
  readonly consents: Consents
  readonly network: JoinedNetwork
  readonly directory: NetworkDirectory
  /** SOCKS5, then HTTP. */
  readonly proxies: readonly ProxyListener[]
  readonly book: ContributionBook
  readonly background: Background
  readonly record: RecordKeeper
  readonly records: ServerRecords
  readonly desk: ServerDesk
  readonly safety: Safety
  readonly compare: CompareDesk
  readonly recents: Recents
  readonly lastChoice: LastChoice
  /** Ends all of it, the newest first; the data folder is free afterwards. */
  close(): Promise<void>
}

export interface ResourceContext {
  readonly options: AppOptions
  readonly log: Log
  /** The password that local proxies ask for when their owner wants one. */
  readonly proxySecret: string
  readonly proxyHandler: ProxyHandler
  readonly state: () => AppState
  readonly run: () => RelayRun | undefined
  stopRelay(): Promise<void>
  startRelay(): Promise<void>
  /** Settings and consents were read; nothing that takes long has begun. */
  onSettings(settings: SettingsStore, consents: Consents): void
  onNetwork(network: JoinedNetwork): void
  onConsensus(): void
  onDescriptors(): void
  onProblem(problem: Problem): void
  onCompare(state: AppState['compare']): void
}

/** Opens the data folder, the local proxies and the network. Rejects with {@link AppStartError}, and has closed everything again then. */
export async function openResources(context: ResourceContext): Promise<Resources> {
  const { options, log } = context
  const { dataFolder, overrides, acceptConsent } = options
  const unreadable = (error: unknown) =>
    new AppStartError('data-folder-unreadable', { folder: dataFolder, reason: (error as Error).message.slice(0, 200) }, { cause: error })
  const lock = await InstanceLock.acquire(dataFolder).catch(error => {
    if (!(error instanceof FolderInUseError)) throw unreadable(error)
    throw new AppStartError('data-folder-in-use', { folder: dataFolder, pid: error.pid ?? 0 }, { cause: error })
  })
  const closing: (() => unknown)[] = [() => lock.release()]
  const close = async () => {
    for (const step of closing.splice(0)) await step()
  }
  try {
    const now = Date.now()
    for (const name of ['.', 'keys', 'directory', 'perspective']) await removeUnfinished(join(dataFolder, name))
    const settings = await SettingsStore.load(dataFolder, now)
    // Only the public network makes anything leave this computer, so only there it matters whose line it is.
    const consents = await Consents.load(dataFolder, now, options.network.kind === 'tor' ? localNetworks : undefined)
    if (acceptConsent.relay) await acceptAtStart(consents, acceptConsent.perspective, now)
    for (const name of Object.entries(consents.section.outdated ?? {}).flatMap(([name, entry]) => (entry ? [name] : [])))
      log.write(
        'warn',
        'app',
        `the text of the consent "${name}" has changed: it is asked again in the window, or given by --accept-consent`,
      )
    context.onSettings(settings, consents)
    const book = await ContributionBook.load(dataFolder, { now, retentionDays: () => keptDays(settings) })
    const recents = await Recents.load(dataFolder, now, () => settings.current.keepRecents)
    const lastChoice = await LastChoice.load(dataFolder, now, () => settings.current.keepRecents)
    // What was changed just before the end is still being written.
    closing.unshift(() => Promise.all([settings, consents, recents, lastChoice].map(one => one.idle())))
    const background = await Background.load({ dataFolder, settings: () => settings.current })
    closing.unshift(() => background.close())
    // The practice network begins anew each time, and so does whatever happened in it.
    const record = await RecordKeeper.load(options.network.kind === 'practice' ? undefined : dataFolder, now)
    closing.unshift(() => record.save(Date.now()).catch(() => {}))
    const damagedList = await keepDamagedBlockList(join(dataFolder, 'perspective'), now)
    const { problem } = background
    for (const each of [
      settings.problem,
      consents.problem,
      book.problem,
      recents.problem,
      lastChoice.problem,
      problem,
      record.problem,
      damagedList,
    ])
      if (each) context.onProblem(each)
    const records = new ServerRecords({
      folder: join(dataFolder, 'perspective'),
      log: log.scoped('perspective'),
      keyKeeper: options.keyKeeper,
      accessLog: () => ({
        hours: settings.current.accessLogHours,
        truncate: settings.current.accessLogTruncate,
        keptHours: settings.isUndecided('accessLogHours') ? MOST_LOG_HOURS : settings.current.accessLogHours,
      }),
    })
    closing.unshift(() => records.stop())
    await records.start().catch(error => {
      throw unreadable(error)
    })
    const proxies: ProxyListener[] = []
    closing.unshift(() => Promise.all(proxies.map(proxy => proxy.close())))
    await openProxies(context, settings, proxies)
    const network = await joinNetwork(options, log)
    closing.unshift(() => network.stop())
    context.onNetwork(network)
    const directory = new NetworkDirectory({
      authorities: network.authorities,
      folder: join(dataFolder, 'directory'),
      client: new DirectoryClient({ localAddress: overrides.outboundAddress }),
      log: log.scoped('directory'),
      schedule: { compressed: network.testing },
    })
    closing.unshift(() => directory.stop())
    directory.onConsensus.add(() => context.onConsensus())
    directory.onDescriptors.add(() => context.onDescriptors())
    // Practice authorities vote more often than a consensus goes stale; the newest one is what a newcomer waits for.
    network.practice?.onConsensus.add(() => void directory.refreshNow())
    await directory.start()
    const desk = new ServerDesk({ records, directory, run: context.run })
    const safety = await Safety.load({
      dataFolder,
      network,
      directory,
      records,
      log,
      settings: () => settings.current,
      state: context.state,
      run: context.run,
      stopRelay: () => context.stopRelay(),
      startRelay: () => context.startRelay(),
    })
    const compare = openCompareDesk(context, network, directory)
    closing.unshift(() => compare.stop())
    return {
      settings,
      consents,
      network,
      directory,
      proxies,
      book,
      background,
      record,
      records,
      desk,
      safety,
      recents,
      lastChoice,
      compare,
      close,
    }
  } catch (error) {
    await close()
    const refused = diskRefusal(error)
    if (refused && (error as NodeJS.ErrnoException).path === undefined)
      throw new AppStartError('not-saved', { reason: refused }, { cause: error })
    // What names a path was about one of our files.
    throw (error as NodeJS.ErrnoException)?.path === undefined ? error : unreadable(error)
  }
}

/** How long the contribution book is kept; as long as anybody may want it, while nobody knows what was wanted. */
function keptDays(settings: SettingsStore): number {
  return settings.isUndecided('contributionDays') ? MOST_CONTRIBUTION_DAYS : settings.current.contributionDays
}

/** What the command line agrees to. When it stands already, a disk that takes nothing more is no reason not to start. */
export async function acceptAtStart(consents: Consents, perspective: boolean, now: number): Promise<void> {
  await consents.set({ relay: true, perspective }, now).catch(error => {
    const { current } = consents
    if (!current.relay || Boolean(current.perspective) !== perspective) throw error
  })
}

function openCompareDesk(context: ResourceContext, network: JoinedNetwork, directory: NetworkDirectory): CompareDesk {
  const compare = new CompareDesk({
    perspective: context.proxyHandler,
    home: homeHandler({
      resolver: network.resolver,
      allowPrivate: network.allowPrivate,
      isOwnAddress: address => address === context.run()?.node.address,
      localAddress: () => context.run()?.node.options.outboundAddress,
    }),
    camera: context.options.camera,
    extraRoots: () => network.practice?.webRoots ?? [],
    relay: fingerprint => {
      const status = directory.consensus?.byFingerprint.get(fingerprint)
      return status && { nickname: status.nickname, country: network.countryOf(status.address, status.orPort) ?? '??' }
    },
    lock: () => context.state().perspective.locks[0],
  })
  compare.onChange.add(() => context.onCompare(compare.state))
  return compare
}

/** SOCKS5 and HTTP on loopback; the HTTP port also serves the PAC file. */
async function openProxies(context: ResourceContext, settings: SettingsStore, proxies: ProxyListener[]): Promise<void> {
  const { overrides } = context.options
  const wanted = [
    ['socks5', overrides.socksPort ?? settings.current.socksPort],
    ['http', overrides.httpPort ?? settings.current.httpPort],
  ] as const
  for (const [protocol, port] of wanted) {
    const rules: ProxyListenerOptions['rules'] = ({ port: at }) => {
      const [socks] = proxies
      const secret = settings.current.proxySecret ? context.proxySecret : undefined
      if (protocol !== 'http' || !socks) return { secret }
      const text = pacFile({ http: { host: '127.0.0.1', port: at }, socks }, { secret: secret !== undefined })
      return { secret, pac: { hosts: [`127.0.0.1:${at}`, `localhost:${at}`], text } }
    }
    const proxy = await listenProxy({ protocol, port, handler: context.proxyHandler, rules }).catch(async error => {
      const reason = String((error as NodeJS.ErrnoException).code)
      throw new AppStartError('proxy-port-in-use', { port, reason, ...(await takerOf(port)) }, { cause: error })
    })
    proxies.push(proxy)
  }
}

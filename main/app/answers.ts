import type { ContributionDay, ContributionPeer } from '../../shared/contribution.ts'
import type { CallArgument, CallName, CallResult } from '../../shared/ipc.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Settings, SettingsPatch } from '../../shared/settings.ts'
import type { AppState, Choice } from '../../shared/state.ts'
import type { ProxyHandler } from '../perspective/proxy-target.ts'
import { AppStartError } from './app-start-error.ts'
import { answerBackground, isBackgroundCall } from './background-calls.ts'
import { isCompareCall } from './compare/compare-desk.ts'
import { dayOf } from './contribution-book.ts'
import { contributionCsv } from './contribution-csv.ts'
import { readNotices } from './notices.ts'
import type { RelayRun } from './relay-run.ts'
import type { Resources } from './resources.ts'
import { isSafetyCall } from './safety.ts'
import { whereAmI } from './where-am-i.ts'

/** What the answers to the contract need of the running app. */
export interface AnsweringApp {
  readonly state: AppState
  readonly running: Resources
  readonly run: RelayRun | undefined
  /** The owner wants the relay to run. */
  readonly wanted: boolean
  /** Why the relay did not start. */
  readonly blocked: Problem | undefined
  readonly choice: Choice
  readonly proxyHandler: ProxyHandler
  refresh(): void
  choose(choice: Choice): void
  startRelay(): Promise<void>
  stopRelay(): Promise<void>
  /** Stops the relay until its owner starts it again. */
  ownerStops(): Promise<void>
  updateSettings(patch: SettingsPatch): Promise<Settings>
  clearBook(): Promise<void>
  testPorts(): void
  movePorts(doors: CallArgument<'ports.move'>['doors']): Promise<CallResult<'ports.move'>>
  dismissProblem(code: Problem['code'], at: number): void
  stop(): Promise<void>
}

/**
 * Answers one call of the contract, whose argument has been checked against its schema. Rejects with AppStartError or ProxyRefused, whose codes
 * go to the UI; anything else is a fault of ours.
 */
export async function answerCall(app: AnsweringApp, name: CallName, argument: unknown): Promise<unknown> {
  if (isSafetyCall(name)) return app.running.safety.answer(name, argument).finally(() => app.refresh())
  if (isBackgroundCall(name)) return answerBackground(app.running, name, argument).finally(() => app.refresh())
  if (isCompareCall(name)) return app.running.compare.answer(name, argument)
  switch (name) {
    case 'state.get':
      return app.state
    case 'consent.set': {
      const { consents } = app.running
      const before = await consents.set(argument as CallArgument<'consent.set'>, Date.now())
      const after = consents.current
      // Withdrawing takes effect at once, also on a relay that is just about to start; agreeing to share opens a port more, so it is started anew with its keys.
      if (!after.relay || Boolean(before.perspective) !== Boolean(after.perspective)) await app.stopRelay()
      if (after.relay && app.wanted) await app.startRelay()
      return app.refresh()
    }
    case 'settings.update':
      return app.updateSettings(argument as CallArgument<'settings.update'>)
    case 'relay.start':
      if (!app.running.consents.current.relay) throw new AppStartError('consent-missing')
      // Whoever starts it by hand does not want to wait for the plan.
      app.running.background.endPause()
      app.refresh()
      await app.startRelay()
      if (app.blocked) throw new AppStartError(app.blocked.code, app.blocked.detail)
      return undefined
    case 'relay.stop':
      return app.ownerStops()
    case 'ports.retest':
      return app.testPorts()
    case 'ports.move':
      return app.movePorts((argument as CallArgument<'ports.move'>).doors)
    case 'perspective.choose':
      return app.choose(argument as CallArgument<'perspective.choose'>)
    case 'recents.clear':
      await app.running.recents.clear()
      return app.refresh()
    case 'perspective.failover': {
      const { take } = argument as CallArgument<'perspective.failover'>
      if (take) return app.choose(take)
      app.run?.client.declineFailover()
      return app.refresh()
    }
    case 'perspective.open':
      return { opened: false }
    case 'perspective.whereAmI': {
      const seen = await whereAmI({
        handler: app.proxyHandler,
        choice: app.choice,
        site: app.running.network.practice?.siteUrl,
        relays: app.running.directory.consensus?.routers ?? [],
        own: app.run?.node.options.keys.fingerprint,
        servers: app.choice.kind === 'off' ? [] : (app.run?.client.candidates(app.choice, undefined) ?? []),
      })
      return { ...seen, country: app.running.network.countryOf(seen.address, 0) }
    }
    case 'contribution.get': {
      const { from, to } = (argument as CallArgument<'contribution.get'>) ?? {}
      return { days: bookDays(app, from, to) }
    }
    case 'contribution.csv':
      return { name: `vantage-contribution-${dayOf(Date.now())}.csv`, text: contributionCsv(bookDays(app), app.state.settings.coreWatts) }
    case 'contribution.clear':
      return app.clearBook()
    case 'blocks.get':
      return app.running.desk.blocks()
    case 'blocks.add':
      return app.running.desk.addBlock(argument as CallArgument<'blocks.add'>)
    case 'blocks.remove':
      return app.running.desk.removeBlock((argument as CallArgument<'blocks.remove'>).target)
    case 'blocks.import':
      return app.running.desk.importBlocks(argument as CallArgument<'blocks.import'>)
    case 'blocks.export':
      return app.running.desk.exportBlocks()
    case 'accessLog.search':
      return app.running.desk.search(argument as CallArgument<'accessLog.search'>)
    case 'accessLog.csv':
      return app.running.desk.csv(argument as CallArgument<'accessLog.csv'>)
    case 'accessLog.clear':
      return app.running.desk.clearLog()
    case 'abuse.find':
      return app.running.desk.findAbuse(argument as CallArgument<'abuse.find'>)
    case 'about.licences':
      return readNotices()
    case 'problems.dismiss': {
      const { code, at } = argument as CallArgument<'problems.dismiss'>
      return app.dismissProblem(code, at)
    }
    case 'quit':
      void app.stop()
      return undefined
    default:
      return name satisfies never
  }
}

/** The days of the book, with the names that relays have in the newest consensus. */
function bookDays(app: AnsweringApp, from?: string, to?: string): ContributionDay[] {
  const { book, directory } = app.running
  if (app.run) book.sample(app.run.counters, Date.now())
  const named = (peer: ContributionPeer) => ({ ...peer, nickname: directory.consensus?.byFingerprint.get(peer.fingerprint)?.nickname })
  return book.days(from, to).map(day => ({ ...day, servedPeers: day.servedPeers.map(named), usedPeers: day.usedPeers.map(named) }))
}

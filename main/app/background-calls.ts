import { backgroundCalls } from '../../shared/background.ts'
import type { CallArgument, CallName } from '../../shared/ipc.ts'
import { AppStartError } from './app-start-error.ts'
import type { Background } from './background.ts'
import type { SettingsStore } from './settings-store.ts'

export type BackgroundCallName = keyof typeof backgroundCalls

export function isBackgroundCall(name: CallName): name is BackgroundCallName {
  return Object.hasOwn(backgroundCalls, name)
}

/** Answers the calls of shared/background.ts. */
export async function answerBackground(
  { background, settings }: { background: Background; settings: SettingsStore },
  name: BackgroundCallName,
  argument: unknown,
): Promise<void> {
  switch (name) {
    case 'pause.begin':
      return background.pause((argument as CallArgument<'pause.begin'>).span)
    case 'pause.end':
      return background.endPause()
    case 'limit.share':
      return background.setShare((argument as CallArgument<'limit.share'>).share)
    case 'login.set':
      // Hosts that can start themselves answer this call before it comes here.
      throw new AppStartError('bad-request', { reason: 'this host does not start by itself' })
    case 'network.metered': {
      const { id, metered } = argument as CallArgument<'network.metered'>
      const others = settings.current.meteredNetworks.filter(other => other !== id)
      // The newest last; the oldest of very many make room.
      await settings.update({ meteredNetworks: (metered ? [...others, id] : others).slice(-50) })
      return
    }
    default:
      return name satisfies never
  }
}

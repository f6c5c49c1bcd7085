import { powerSaveBlocker } from 'electron'
import type { AppState } from '../../shared/state.ts'
import type { HostedApp } from '../app/hosted-app.ts'

/** Whether the computer should be kept from falling asleep by itself: its owner wants so, the relay runs, and no battery is drained by it. */
function shouldKeepAwake({ settings, relay, background }: AppState): boolean {
  return settings.keepAwake && relay.running && background.power !== 'battery'
}

/** Keeps the computer awake while that is wanted; the screen may go dark. Answers with the end of it. */
export function keepAwake(app: HostedApp): () => void {
  let blocker: number | undefined
  const follow = () => {
    const wanted = shouldKeepAwake(app.state)
    if (wanted === (blocker !== undefined)) return
    if (blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension')
    else {
      powerSaveBlocker.stop(blocker)
      blocker = undefined
    }
    app.setHostFacts({ awake: blocker !== undefined })
  }
  const end = app.onPatch.add(follow)
  follow()
  return () => {
    end()
    if (blocker !== undefined) powerSaveBlocker.stop(blocker)
  }
}

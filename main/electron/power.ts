import { powerMonitor } from 'electron'
import type { HostedApp } from '../app/hosted-app.ts'
import type { ScopedLog } from '../lib/log.ts'

/**
 * Tells the app what the system does with the computer's power: before a sleep the relay closes its links, so that nobody waits for answers that
 * will not come; awake again it starts anew, with its ports mapped and proved afresh. Chromium knows the power supply on macOS and
 * Windows; on Linux the app looks itself. `shutdown`: the session ends.
 */
export function followPower(app: HostedApp, log: ScopedLog, shutdown: () => void): () => void {
  const onSuspend = () => {
    log.info('the machine goes to sleep')
    app.setAsleep(true)
  }
  const onResume = () => {
    log.info('the machine is awake again')
    app.setAsleep(false)
  }
  const onBattery = () => app.setHostFacts({ power: 'battery' })
  const onAc = () => app.setHostFacts({ power: 'plugged' })
  const onShutdown = (event?: { preventDefault(): void }) => {
    // A moment for an orderly end; the system waits some seconds and no longer.
    event?.preventDefault()
    shutdown()
  }
  powerMonitor.on('suspend', onSuspend)
  powerMonitor.on('resume', onResume)
  powerMonitor.on('shutdown', onShutdown as () => void)
  if (process.platform !== 'linux') {
    powerMonitor.on('on-battery', onBattery)
    powerMonitor.on('on-ac', onAc)
    app.setHostFacts({ power: powerMonitor.isOnBatteryPower() ? 'battery' : 'plugged' })
  }
  return () => {
    powerMonitor.off('suspend', onSuspend)
    powerMonitor.off('resume', onResume)
    powerMonitor.off('shutdown', onShutdown as () => void)
    powerMonitor.off('on-battery', onBattery)
    powerMonitor.off('on-ac', onAc)
  }
}

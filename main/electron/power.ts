import { powerMonitor } from 'electron'
import type { HostedApp } from '../app/hosted-app.ts'
import type { ScopedLog } from '../lib/log.ts'

/** After a sleep the address may be another and the router may have forgotten us: all ports are mapped and proved anew. */
export function followPower(app: HostedApp, log: ScopedLog): () => void {
  const onSuspend = () => log.info('the machine goes to sleep')
  const onResume = () => {
    log.info('the machine is awake again')
    void app.call('ports.retest', undefined)
  }
  powerMonitor.on('suspend', onSuspend)
  powerMonitor.on('resume', onResume)
  return () => {
    powerMonitor.off('suspend', onSuspend)
    powerMonitor.off('resume', onResume)
  }
}

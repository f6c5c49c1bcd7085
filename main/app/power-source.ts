import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type PowerSource = 'battery' | 'plugged' | 'unknown'

const SYSFS = '/sys/class/power_supply'

/**
 * What Linux tells of the power supply, for hosts without Electron's powerMonitor (which does not know it on Linux either): a mains or USB supply that is
 * online means plugged; none online and a battery of the machine's own means battery. Elsewhere, and on desktop computers: `unknown`.
 */
export async function readPowerSource(folder: string = SYSFS): Promise<PowerSource> {
  const names = await readdir(folder).catch(() => [])
  const supplies = await Promise.all(
    names.slice(0, 32).map(async name => {
      const read = (file: string) =>
        readFile(join(folder, name, file), 'utf8').then(
          text => text.slice(0, 40).trim(),
          () => '',
        )
      const [type, scope, online, status] = await Promise.all([read('type'), read('scope'), read('online'), read('status')])
      return { type, scope, online, status }
    }),
  )
  // Mice and headphones have batteries, too; they are of scope "Device".
  const own = supplies.filter(({ scope }) => scope !== 'Device')
  const batteries = own.filter(({ type }) => type === 'Battery')
  const mains = own.filter(({ type }) => type !== 'Battery')
  if (mains.some(({ online }) => online === '1')) return 'plugged'
  if (batteries.length === 0) return 'unknown'
  if (mains.length > 0 || batteries.some(({ status }) => status === 'Discharging')) return 'battery'
  return batteries.some(({ status }) => status === 'Charging' || status === 'Full') ? 'plugged' : 'unknown'
}

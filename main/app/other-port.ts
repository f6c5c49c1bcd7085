import type { Settings, SettingsPatch } from '../../shared/settings.ts'
import type { AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import type { PortName } from './relay-run.ts'

/** Tried first: numbers of ordinary services, which are filtered less often than 80 and 443, the ones that providers like to keep from homes. */
const LIKELY = [9443, 8443, 9101, 9130]
/** Then any of these, below those that systems give to outgoing connections. */
const ANY = { from: 20_000, below: 32_768, tries: 50 }

const SETTING = { or: 'orPort', dir: 'dirPort', pa: 'paPort' } as const

interface OtherPortOptions {
  readonly settings: Settings
  readonly overrides: Pick<AppOptions['overrides'], 'orPort' | 'dirPort' | 'paPort'>
  readonly isFree: (port: number) => Promise<boolean>
  /** A random integer, at least `from` and less than `below`. */
  readonly randomInt: (from: number, below: number) => number
}

/**
 * Another free port for each of some doors that cannot be used where they are. Throws {@link AppStartError}: a door that has no port, or whose port
 * the command line sets; no port that is free.
 */
export async function otherPorts(doors: readonly PortName[], options: OtherPortOptions): Promise<SettingsPatch> {
  const { settings, overrides, isFree, randomInt } = options
  const { orPort, dirPort, paPort, socksPort, httpPort } = settings
  const known = new Set<unknown>([orPort, dirPort, paPort, socksPort, httpPort])
  const next = async (): Promise<number> => {
    for (let i = 0; i < LIKELY.length + ANY.tries; i++) {
      const port = LIKELY[i] ?? randomInt(ANY.from, ANY.below)
      if (known.has(port)) continue
      known.add(port)
      if (await isFree(port)) return port
    }
    throw new AppStartError('port-in-use', { port: ANY.from })
  }
  const patch: SettingsPatch = {}
  for (const door of new Set(doors)) {
    const name = SETTING[door]
    if (overrides[name] !== undefined || typeof settings[name] !== 'number')
      throw new AppStartError('bad-request', {
        option: name,
        value: String(overrides[name] !== undefined ? 'command line' : settings[name]),
      })
    patch[name] = await next()
  }
  return patch
}

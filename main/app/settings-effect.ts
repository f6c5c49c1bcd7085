import type { Settings } from '../../shared/settings.ts'

/** What takes effect by starting the relay anew. */
const STARTING: ReadonlySet<keyof Settings> = new Set(['nickname', 'contact', 'address', 'orPort', 'dirPort', 'exitPolicy', 'mapPorts'])
/** What shapes perspective access, and takes effect while the relay runs. */
const PERSPECTIVE: ReadonlySet<keyof Settings> = new Set([
  'paPort',
  'perspectivePolicy',
  'perspectiveAdmits',
  'perspectiveShare',
  'perspectiveReserve',
  'perspectivePeerRate',
  'perspectivePeerDay',
  'accessLogHours',
  'accessLogTruncate',
])

/** What a change of settings asks of the running relay: a new start, other perspective access, or nothing. */
export function effectOf(before: Settings, after: Settings): 'start' | 'perspective' | 'none' {
  const changed = (Object.keys(after) as (keyof Settings)[]).filter(key => before[key] !== after[key])
  if (changed.some(key => STARTING.has(key))) return 'start'
  return changed.some(key => PERSPECTIVE.has(key)) ? 'perspective' : 'none'
}

import { capReachedAfter } from '../../../shared/plan-forecast.ts'
import type { AppState } from '../../../shared/state.ts'
import { useApp, useNow } from '../../context.tsx'
import { formatBytes, formatDay, formatDuration, words } from '../../i18n/words.ts'

/** From so much time in the contribution book on, what was carried says more than the limit, seconds. */
const ENOUGH_SECONDS = 86_400

/** What the relay carries on average, bytes per second of both directions, and whether that was measured or is the limit. */
export function carriesOf(
  total: AppState['contribution']['total'],
  rate: number,
): { readonly carries: number; readonly measured: boolean } {
  if (total.uptimeSeconds < ENOUGH_SECONDS) return { carries: 2 * rate, measured: false }
  const bytes = [total.or, total.dir, total.served].reduce((sum, { read, written }) => sum + read + written, 0)
  return { carries: bytes / total.uptimeSeconds, measured: true }
}

/** What a cap comes to: how much of it is used, and when it will be reached. `cap` and `rate` as they stand in the form. */
export function CapFacts({ cap, rate }: { cap: number; rate: number }) {
  const { volume, total } = useApp(app => ({ volume: app.background.volume, total: app.contribution.total }))
  const now = useNow()
  const text = words.background.cap
  const used = formatBytes(volume.used)
  const day = formatDay(volume.resetsAt || now)
  if (cap === 0) return <p className="hint">{text.used(used, day)}</p>
  const { carries, measured } = carriesOf(total, rate)
  const after = capReachedAfter(cap, carries)
  const says =
    after === undefined
      ? measured
        ? text.notReachedMeasured
        : text.notReached
      : (measured ? text.reachedMeasured : text.reached)(formatDuration(after))
  return (
    <>
      <meter className="meter" min={0} max={cap} value={Math.min(cap, volume.used)} aria-label={text.meter} />
      <p>{text.usedOf(used, formatBytes(cap), day)}</p>
      <p role="status">{says}</p>
    </>
  )
}

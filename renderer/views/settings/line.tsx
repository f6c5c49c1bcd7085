import { useState } from 'react'
import { LEAST_RATE } from '../../../shared/background.ts'
import type { AppState } from '../../../shared/state.ts'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/form.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatDay, formatMegabits, words } from '../../i18n/words.ts'
import { isRate, rateNumber } from './draft.ts'

/** How much of what a line can send is a good limit: the other half stays for its owner. */
const GOOD_PART = 0.5
const HOUR = 3600

/** From this part of the limit on it was the limit that held the relay back, not the line. */
const AT_LIMIT = 0.85
/** So long after its first listing the network has measured a relay, which asks all that it gives, ms. */
const MEASURED_MS = 3 * 86_400_000

/** The relay's own best seconds with their day, and half of them as a limit once the relay was measured and the limit did not hold it back. */
function Seen({ best, onTake }: { best: NonNullable<AppState['record']['best']>; onTake: (bytesPerSecond: number) => void }) {
  const { limit, listed } = useApp(app => ({ limit: app.settings.bandwidthRate, listed: app.record.milestones.running }))
  const now = useNow(HOUR)
  const text = words.background.line
  const half = Math.round(best.rate * GOOD_PART)
  const held = best.rate >= limit * AT_LIMIT
  const offered = !held && listed !== undefined && now - listed >= MEASURED_MS && half >= LEAST_RATE
  return (
    <>
      <p className="hint">
        {text.observed(formatMegabits(best.rate), formatDay(best.at))}{' '}
        {held ? text.observedLimit : offered && text.observedHalf(formatMegabits(half))}
      </p>
      {offered && (
        <div className="row">
          <Button onClick={() => onTake(half)}>{text.take(formatMegabits(half))}</Button>
        </div>
      )}
    </>
  )
}

/**
 * Helps to find a limit: what the relay itself was seen to carry, and half of what the person's line can send. We do not measure the line: an honest
 * measurement would need somebody else's server.
 */
export function LineHelp({ onTake }: { onTake: (bytesPerSecond: number) => void }) {
  const best = useApp(app => app.record.best)
  const [upload, setUpload] = useState('')
  const text = words.background.line
  const line = rateNumber(upload)
  const half = line === undefined ? undefined : Math.round(line * GOOD_PART)
  const bad = upload.trim() !== '' && (half === undefined || !isRate(half))
  return (
    <div className="line-help">
      <div className="with-button">
        <TextField
          label={text.upload}
          hint={text.uploadHint}
          error={bad ? text.bad : undefined}
          name="upload"
          inputMode="decimal"
          dir="ltr"
          value={upload}
          onChange={event => setUpload(event.currentTarget.value)}
        />
        {half !== undefined && !bad && <Button onClick={() => onTake(half)}>{text.take(formatMegabits(half))}</Button>}
      </div>
      {best ? <Seen best={best} onTake={onTake} /> : <p className="hint">{text.notMeasured}</p>}
    </div>
  )
}

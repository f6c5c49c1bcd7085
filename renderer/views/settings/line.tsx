import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { TextField } from '../../components/form.tsx'
import { useApp } from '../../context.tsx'
import { formatMegabits, formatRate, words } from '../../i18n/words.ts'
import { megabitsNumber } from './draft.ts'

/** How much of what a line can send is a good limit: the other half stays for its owner. */
const GOOD_PART = 0.5

/**
 * Helps to find a limit: what the relay itself was seen to carry, and half of what the person's line can send. We do not measure the line: an honest
 * measurement would need somebody else's server.
 */
export function LineHelp({ onTake }: { onTake: (bytesPerSecond: number) => void }) {
  const observed = useApp(app => app.relay.observed)
  const [upload, setUpload] = useState('')
  const text = words.background.line
  const line = megabitsNumber(upload)
  const half = line === undefined ? undefined : Math.round(line * GOOD_PART)
  const bad = upload.trim() !== '' && (half === undefined || megabitsNumber(String((half * 8) / 1e6)) === undefined)
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
      <p className="hint">{observed > 0 ? text.observed(formatRate(observed)) : text.notMeasured}</p>
    </div>
  )
}

import { useState } from 'react'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { SwitchField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatBytes, words } from '../../i18n/words.ts'
import { LogSearch } from './log-search.tsx'
import { hoursWords, logTimes } from './model.ts'

/** What is suggested to those who switch the log on. */
const SUGGESTED_HOURS = 24

/** Whether, how long and how exactly it is noted what members do; applied at once. */
function LogSettings({ onCleared }: { onCleared: () => void }) {
  const text = words.safety.log
  const { hours, truncate, bytes } = useApp(app => ({
    hours: app.settings.accessLogHours,
    truncate: app.settings.accessLogTruncate,
    bytes: app.server.accessLogBytes,
  }))
  const update = useCall('settings.update')
  const clear = useCall('accessLog.clear')
  const [asking, setAsking] = useState<'off' | 'clear'>()
  const failed = [update, clear].find(({ failure }) => failure)
  const on = hours > 0
  const close = () => setAsking(undefined)
  return (
    <Card title={text.settingTitle} aside={on && <span className="hint">{text.size(formatBytes(bytes))}</span>}>
      <SwitchField
        label={text.keep}
        hint={text.keepHint}
        checked={on}
        onChange={next => (next ? void update.run({ accessLogHours: SUGGESTED_HOURS }) : setAsking('off'))}
      />
      <ul className="points">
        {text.meaning.map(point => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      {on && (
        <>
          <SelectField
            label={text.time}
            hint={text.timeHint}
            value={String(hours)}
            options={logTimes(hours).map(
              time => [String(time), time === SUGGESTED_HOURS ? text.suggested(hoursWords(time)) : hoursWords(time)] as const,
            )}
            onChange={next => void update.run({ accessLogHours: Number(next) })}
          />
          <SwitchField
            label={text.truncate}
            hint={text.truncateHint}
            checked={truncate}
            onChange={next => void update.run({ accessLogTruncate: next })}
          />
          <div className="row">
            <Button onClick={() => setAsking('clear')}>{text.clear}</Button>
          </div>
        </>
      )}
      {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      {asking === 'off' && (
        <ConfirmDialog
          title={text.offTitle}
          confirm={text.off}
          onClose={close}
          onConfirm={async () => {
            const { ok } = await update.run({ accessLogHours: 0 })
            if (ok) onCleared()
          }}
        >
          <p>{text.offText}</p>
        </ConfirmDialog>
      )}
      {asking === 'clear' && (
        <ConfirmDialog
          title={text.clearTitle}
          confirm={text.clearDo}
          onClose={close}
          onConfirm={async () => {
            const { ok } = await clear.run(undefined)
            if (!ok) return
            announce(text.cleared)
            onCleared()
          }}
        >
          <p>{text.clearText}</p>
        </ConfirmDialog>
      )}
    </Card>
  )
}

/** The access log: off until it is switched on, and what is in it. */
export function LogSection() {
  const on = useApp(app => app.settings.accessLogHours > 0)
  // What was found is gone when the log is.
  const [cleared, setCleared] = useState(0)
  const text = words.safety.log
  return (
    <>
      <LogSettings onCleared={() => setCleared(cleared + 1)} />
      {on ? (
        <LogSearch key={cleared} />
      ) : (
        <Card title={text.searchTitle}>
          <p className="hint">{text.searchOff}</p>
        </Card>
      )}
    </>
  )
}

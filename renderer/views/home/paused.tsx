import { CALLED_DOWN_MS } from '../../../shared/relay-record.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatMoment, formatUntil, words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'

/** Why the relay rests, when it goes on, and what the break costs. */
export function PausedStep() {
  const journey = useApp(app => app.journey)
  const end = useCall('pause.end')
  const now = useNow()
  if (journey.step !== 'paused') return null
  const text = words.background.paused
  const { causes, until, since } = journey
  const runEnds = since + CALLED_DOWN_MS
  // What the cap or a sleep holds back, no wish brings back.
  const stays = causes.some(({ reason }) => reason === 'cap' || reason === 'sleep')
  return (
    <Card title={text.why}>
      <dl className="rows">
        {causes.map(({ reason, until: ends }) => (
          <div key={reason}>
            <dt>{words.host.pauseReasons[reason]}</dt>
            <dd>{ends === undefined ? text.asLong[reason] : text.until(formatMoment(ends, now))}</dd>
          </div>
        ))}
      </dl>
      {until !== undefined && <p>{text.goesOnAt(formatMoment(until, now), formatUntil(until, now))}</p>}
      <p className="hint">{now < runEnds ? text.runEndsAt(formatMoment(runEnds, now)) : text.runEnded}</p>
      {causes.some(({ reason }) => reason === 'cap') && <p>{text.capHelp}</p>}
      <FailureNotice failure={end.failure} onDismiss={end.dismiss} />
      <div className="row">
        {!stays && (
          <Button kind="primary" off={end.busy} onClick={() => end.run(undefined)}>
            {words.host.resume}
          </Button>
        )}
        <Button kind={stays ? 'primary' : undefined} onClick={() => go('settings')}>
          {text.settings}
        </Button>
      </div>
    </Card>
  )
}

import { useState } from 'react'
import { PAUSE_SPANS, type PauseSpan, SHARES, type Share } from '../../../shared/background.ts'
import { nextMorning } from '../../../shared/week-plan.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatMegabits, formatMoment, formatPercent, words } from '../../i18n/words.ts'

/** Asks for how long, and says what it costs. */
export function PauseDialog({ onClose }: { onClose: () => void }) {
  const [span, setSpan] = useState<PauseSpan>('half-hour')
  const pause = useCall('pause.begin')
  const now = useNow()
  const text = words.background
  const { host } = words
  const options: Record<PauseSpan, string> = {
    'half-hour': host.pauseHalfHour,
    tomorrow: host.pauseTomorrow(formatMoment(nextMorning(now), now)),
    restart: host.pauseRestart,
  }
  return (
    <Dialog
      title={text.pauseTitle}
      onClose={onClose}
      action={
        <Button
          kind="primary"
          off={pause.busy}
          onClick={async () => {
            const { ok } = await pause.run({ span })
            if (ok) onClose()
          }}
        >
          {text.pauseNow}
        </Button>
      }
    >
      <div className="stack">
        <ChoiceField
          name="pause-span"
          label={text.pauseAsk}
          value={span}
          options={Object.fromEntries(PAUSE_SPANS.map(each => [each, options[each]])) as Record<PauseSpan, string>}
          onChange={setSpan}
        />
        <p>
          {host.pauseCost} {text.pauseLocked}
        </p>
        <FailureNotice failure={pause.failure} onDismiss={pause.dismiss} />
      </div>
    </Dialog>
  )
}

/** How much of the usual limit the relay has for now, and who says so. */
export function ShareCard() {
  const { share, standing, rate } = useApp(app => ({
    share: app.background.share,
    standing: app.background.standing,
    rate: app.settings.bandwidthRate,
  }))
  const set = useCall('limit.share')
  const text = words.background
  const name = (part: Share) => (part === 1 ? text.shareAll : text.sharePart(formatPercent(part)))
  return (
    <Card title={text.share} aside={<span className="hint">{words.host.limitFull(formatMegabits(rate))}</span>}>
      <ChoiceField
        segments
        name="share"
        label={text.share}
        value={String(share)}
        options={Object.fromEntries(SHARES.map(part => [String(part), name(part)]))}
        onChange={value => set.run({ share: Number(value) as Share })}
      />
      {standing.state === 'limited' && <p role="status">{text.limitedBy[standing.by](formatMegabits(standing.rate))}</p>}
      <FailureNotice failure={set.failure} onDismiss={set.dismiss} />
    </Card>
  )
}

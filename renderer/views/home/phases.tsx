import { PHASES, phaseDays, phaseOf } from '../../../shared/relay-phases.ts'
import { Card } from '../../components/card.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatDays, words } from '../../i18n/words.ts'

const HOUR = 3600

/** The phase that the relay is in by its age; undefined before its first listing, and in networks that are not the public one. */
export function usePhase() {
  const listed = useApp(app => (app.network.kind === 'tor' ? app.record.milestones.running : undefined))
  const now = useNow(HOUR)
  return listed === undefined ? undefined : phaseOf(listed, now)
}

/** What a new relay has to expect, phase by phase, with the present one marked. */
export function PhasesCard() {
  const present = usePhase()
  const text = words.record.phases
  if (present === undefined) return null
  return (
    <Card title={text.title} aside={present !== 'steady' && <span className="verdict">{text.low}</span>}>
      <ol className="phases">
        {PHASES.map(phase => {
          const { from, to } = phaseDays(phase)
          return (
            <li key={phase} aria-current={phase === present ? 'step' : undefined}>
              <strong>{to === undefined ? text.daysOn(formatDays(from)) : formatDays(from, to)}</strong> {text.texts[phase]}
            </li>
          )
        })}
      </ol>
      <p className="hint">{text.source}</p>
    </Card>
  )
}

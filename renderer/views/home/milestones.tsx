import { MILESTONES, type Milestone } from '../../../shared/relay-record.ts'
import { Card } from '../../components/card.tsx'
import { StatusMark } from '../../components/status-mark.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatAgo, formatTime, words } from '../../i18n/words.ts'

/** The flags among the milestones, by the names that they have in every language. */
const FLAGS: Partial<Record<Milestone, string>> = { running: 'Running', fast: 'Fast', v2dir: 'V2Dir', stable: 'Stable' }

/** What the relay has come to, each with the time when that was, and what is still to come. */
export function MilestonesCard() {
  const { reached, flags } = useApp(app => ({ reached: app.record.milestones, flags: app.relay.flags }))
  const now = useNow()
  const text = words.record.milestones
  return (
    <Card title={text.title}>
      <ol className="milestones">
        {MILESTONES.map(name => {
          const at = reached[name]
          const flag = FLAGS[name]
          const meaning = flag && words.relay.flagMeanings[flag]
          const held = at !== undefined && (flag === undefined || flags.includes(flag))
          return (
            <li key={name} data-held={held}>
              <StatusMark standing={held ? 'good' : 'idle'} />
              <span>
                <strong>{flag ?? text.names[name as keyof typeof text.names]}</strong>
                {meaning && <small>{meaning}</small>}
                <small>
                  {at === undefined ? words.notYet : held ? formatTime(at, now) : text.lost(formatTime(at, now))}
                  {held && <span className="for-screen-readers">{`, ${formatAgo(at, now)}`}</span>}
                </small>
              </span>
            </li>
          )
        })}
      </ol>
    </Card>
  )
}

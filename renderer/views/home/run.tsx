import { type BreakCause, type RunBreak, weightOfBreak } from '../../../shared/relay-record.ts'
import type { AppState } from '../../../shared/state.ts'
import { Card, Figure, ScrollTable } from '../../components/card.tsx'
import { type Standing, Status } from '../../components/status-mark.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatDuration, formatTime, words } from '../../i18n/words.ts'

/** Breaks shown; the newest. */
const SHOWN = 6
const STANDINGS: Record<ReturnType<typeof weightOfBreak>, Standing> = { unseen: 'fact', maybe: 'busy', ends: 'bad' }

/** Why a run was broken, in words; rests are called as they are while they last. */
function causeWords(cause: BreakCause): string {
  const { causes } = words.record.run
  return cause in causes ? causes[cause as keyof typeof causes] : words.host.pauseReasons[cause as keyof typeof words.host.pauseReasons]
}

function BreakRow({ of, now }: { of: RunBreak; now: number }) {
  const text = words.record.run
  const weight = weightOfBreak(of, now)
  return (
    <tr>
      <th scope="row" className="number">
        {formatTime(of.from, now)}
      </th>
      <td className="number">
        {of.cause === 'address' ? <span className="hint">–</span> : formatDuration(((of.until ?? now) - of.from) / 1000)}
        {of.until === undefined && <small>{text.goesOn}</small>}
      </td>
      <td>{causeWords(of.cause)}</td>
      <td>
        <Status standing={STANDINGS[weight]}>{text.weights[weight]}</Status>
      </td>
    </tr>
  )
}

/** How long the run has lasted; it has not begun, or is broken, while there is no `since`. */
export function RunFigure({ record: { since, breaks, milestones }, now }: { record: AppState['record']; now: number }) {
  const text = words.record.run
  const begun = breaks.length > 0 || Object.keys(milestones).length > 0
  return since === undefined ? (
    <Figure label={text.length} value={begun ? text.none : text.notBegun} note={begun ? text.noneNote : text.notBegunNote} />
  ) : (
    <Figure label={text.length} value={formatDuration(Math.max(0, now - since) / 1000)} note={text.since(formatTime(since, now))} />
  )
}

/** The relay's run as this computer knows it, and what broke it last. */
export function RunCard() {
  const record = useApp(app => app.record)
  const now = useNow()
  const text = words.record.run
  const shown = record.breaks.slice(-SHOWN).reverse()
  return (
    <Card title={text.title}>
      <dl className="figures inner">
        <RunFigure record={record} now={now} />
      </dl>
      {shown.length === 0 ? (
        <p className="hint">{text.noBreaks}</p>
      ) : (
        <ScrollTable caption={text.caption}>
          <thead>
            <tr>
              <th scope="col">{text.columns.began}</th>
              <th scope="col">{text.columns.lasted}</th>
              <th scope="col">{text.columns.cause}</th>
              <th scope="col">{text.columns.meaning}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(one => (
              <BreakRow key={`${one.from} ${one.cause}`} of={one} now={now} />
            ))}
          </tbody>
        </ScrollTable>
      )}
      <p className="hint">{text.note}</p>
    </Card>
  )
}

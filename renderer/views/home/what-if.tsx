import { useMemo, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { HABITS, type Habit } from '../../../shared/settings.ts'
import { ceilingOf, DAY_SECONDS, forecastStable, type Reach, type StableForecast } from '../../../shared/stable-forecast.ts'
import { Card, Figure, ScrollTable } from '../../components/card.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { useApp, useNow } from '../../context.tsx'
import { formatDays, formatDuration, words } from '../../i18n/words.ts'

const HOUR_MS = 3_600_000

const wholeDays = (reach: number) => Math.max(1, Math.ceil(reach / DAY_SECONDS))

/** A range in words: days from now, never a date. */
function rangeWords(earliest: Reach, latest: Reach): string {
  const text = words.journey.whatIf
  if (earliest === 'never') return text.never
  if (latest === 'never') return text.orNever(formatDays(wholeDays(earliest)))
  return latest === 0 ? text.already : formatDays(wholeDays(earliest), wholeDays(latest))
}

function Estimate({ forecast, needed, all, habit }: { forecast: StableForecast; needed: number; all: number; habit: Habit }) {
  const text = words.journey.whatIf
  const ceiling = useMemo(() => ceilingOf(habit), [habit])
  if (forecast.kind === 'unknown') return <p className="hint">{text.unknown}</p>
  if (forecast.kind === 'contradicted') return <p>{text.contradicted(plainText(forecast.authority, 40))}</p>
  return (
    <>
      <div role="status">
        <dl className="figures">
          <Figure label={text.until(needed, all)} value={rangeWords(forecast.earliest, forecast.latest)} note={text.assumption} />
          <Figure label={text.ceiling} value={ceiling.kind === 'grows' ? text.grows : text.levels(formatDuration(ceiling.mtbf))} />
        </dl>
      </div>
      <details className="fold">
        <summary>{text.show}</summary>
        <p className="hint">{text.readings}</p>
        <ScrollTable caption={text.show}>
          <thead>
            <tr>
              <th scope="col">{text.columns.authority}</th>
              <th scope="col">{text.columns.wants}</th>
              <th scope="col">{text.columns.reached}</th>
            </tr>
          </thead>
          <tbody>
            {forecast.authorities.map(({ authority, wants, earliest, latest }) => (
              <tr key={authority}>
                <th scope="row">{plainText(authority, 40)}</th>
                <td className="number">{formatDuration(wants)}</td>
                <td>{rangeWords(earliest, latest)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      </details>
    </>
  )
}

/** The waiting room's what-if: a habit, and what the published rule gives for it against each authority's own threshold. */
export function WhatIfCard() {
  const { entries, needed, since, usual, practice } = useApp(app => ({
    ...app.votes,
    practice: app.network.kind === 'practice',
    since: app.record.since ?? app.relay.startedAt,
    usual: app.settings.habit,
  }))
  const [habit, setHabit] = useState<Habit>(usual)
  const text = words.journey.whatIf
  // A year is reckoned for each authority, so only when something changed, and otherwise once an hour.
  const hours = Math.floor((useNow() - (since ?? Date.now())) / HOUR_MS)
  const forecast = useMemo(() => forecastStable(entries, needed, Math.max(0, hours) * 3600, habit), [entries, needed, hours, habit])
  // An hour there lasts seconds, so an estimate in days would be wrong.
  if (practice) return null
  return (
    <Card title={text.title} aside={<span className="hint">{text.estimate}</span>}>
      <ChoiceField
        name="what-if"
        label={text.habit}
        value={habit}
        options={Object.fromEntries(HABITS.map(name => [name, words.journey.habits[name]])) as Record<Habit, string>}
        onChange={setHabit}
      />
      <Estimate forecast={forecast} needed={needed} all={entries.length} habit={habit} />
    </Card>
  )
}

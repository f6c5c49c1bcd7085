import { useMemo, useState } from 'react'
import { MAX_SPANS, type PlanSpan } from '../../../shared/background.ts'
import { ceilingOfPlans } from '../../../shared/plan-forecast.ts'
import { verdictOfCeiling } from '../../../shared/stable-forecast.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField, Field, TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatDuration, formatList, formatMegabits, formatMinute, formatWeekday, weekOrder, words } from '../../i18n/words.ts'
import { carriesOf } from './cap.tsx'
import { rateNumber } from './draft.ts'
import { WeekChart } from './week-chart.tsx'

/** "Mon–Fri", "Sat and Sun", "Every day": days of the week in words, runs of three and more drawn together. */
export function daysInWords(days: readonly number[]): string {
  const order = weekOrder().filter(day => days.includes(day))
  if (order.length === 7) return words.background.plan.daily
  const runs: number[][] = []
  const all = weekOrder()
  for (const day of order) {
    const last = runs.at(-1)
    if (last && all.indexOf(last.at(-1)!) + 1 === all.indexOf(day)) last.push(day)
    else runs.push([day])
  }
  return formatList(
    runs.flatMap(run =>
      run.length > 2 ? [`${formatWeekday(run[0]!)}–${formatWeekday(run.at(-1)!)}`] : run.map(day => formatWeekday(day)),
    ),
  )
}

/** One line of the plan in words. */
export function spanInWords({ days, from, to, rate }: PlanSpan): string {
  const text = words.background.plan
  const hours = text.hours(formatMinute(from), formatMinute(to))
  return rate === 0 ? text.rests(daysInWords(days), hours) : text.limits(daysInWords(days), hours, formatMegabits(rate))
}

/** Minutes since midnight of what a time field holds ("22:30"); undefined when it holds nothing. */
function minutesOf(value: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(value) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

function DaysField({ days, error, onChange }: { days: readonly number[]; error: string | undefined; onChange: (days: number[]) => void }) {
  const text = words.background.plan
  return (
    <fieldset className="days">
      <legend>{text.days}</legend>
      <div>
        {weekOrder().map(day => (
          <label key={day}>
            <input
              type="checkbox"
              checked={days.includes(day)}
              aria-invalid={error ? true : undefined}
              onChange={() => onChange(days.includes(day) ? days.filter(other => other !== day) : [...days, day])}
            />
            <span>
              <span aria-hidden="true">{formatWeekday(day)}</span>
              <span className="for-screen-readers">{formatWeekday(day, 'long')}</span>
            </span>
          </label>
        ))}
      </div>
      {error && <p className="error">{error}</p>}
    </fieldset>
  )
}

/** A time to put into the plan: nights of working days, until one says otherwise. */
function AddSpan({ onAdd, busy }: { onAdd: (span: PlanSpan) => void; busy: boolean }) {
  const text = words.background.plan
  const [days, setDays] = useState<number[]>([1, 2, 3, 4, 5])
  const [from, setFrom] = useState('23:00')
  const [to, setTo] = useState('07:00')
  const [kind, setKind] = useState<'rest' | 'limit'>('rest')
  const [rate, setRate] = useState('2')
  const [tried, setTried] = useState(false)
  const bytes = rateNumber(rate)
  const start = minutesOf(from)
  const end = minutesOf(to)
  const badRate = kind === 'limit' && bytes === undefined
  const add = () => {
    setTried(true)
    if (days.length === 0 || badRate) {
      announce(days.length === 0 ? text.noDay : text.badRate)
      return
    }
    if (start === undefined || end === undefined) return
    onAdd({ days: [...days].sort(), from: start, to: end, rate: kind === 'rest' ? 0 : bytes! })
  }
  const time = (label: string, value: string, set: (value: string) => void, hint?: string) => (
    <Field label={label} hint={hint}>
      {wiring => <input {...wiring} type="time" required value={value} onChange={event => set(event.currentTarget.value)} />}
    </Field>
  )
  return (
    <div className="add-span">
      <DaysField days={days} error={tried && days.length === 0 ? text.noDay : undefined} onChange={setDays} />
      <div className="field-pair">
        {time(text.from, from, setFrom)}
        {time(text.to, to, setTo, text.toHint)}
      </div>
      <ChoiceField name="span-kind" label={text.does} value={kind} options={text.kinds} onChange={setKind} />
      {kind === 'limit' && (
        <TextField
          label={text.rate}
          error={tried && badRate ? text.badRate : undefined}
          name="span-rate"
          inputMode="decimal"
          dir="ltr"
          value={rate}
          onChange={event => setRate(event.currentTarget.value)}
        />
      )}
      <div className="row">
        <Button kind="primary" off={busy} onClick={add}>
          {text.put}
        </Button>
      </div>
    </div>
  )
}

/** What habit, plan and cap together mean for being called Stable, said at once. */
export function PlansVerdict() {
  const { habit, plan, monthlyCap, bandwidthRate, total } = useApp(app => ({
    habit: app.settings.habit,
    plan: app.settings.plan,
    monthlyCap: app.settings.monthlyCap,
    bandwidthRate: app.settings.bandwidthRate,
    total: app.contribution.total,
  }))
  const { carries } = carriesOf(total, bandwidthRate)
  // A year is reckoned, so only when something changed that matters; what is carried changes all the time, and the last digits do not.
  const rounded = Number(carries.toPrecision(2))
  const ceiling = useMemo(() => ceilingOfPlans({ habit, plan, monthlyCap, carries: rounded }), [habit, plan, monthlyCap, rounded])
  const verdict = verdictOfCeiling(ceiling)
  const says = words.journey.details.verdicts[verdict](ceiling.kind === 'levels' ? formatDuration(ceiling.mtbf) : '')
  return (
    <div role="status">
      <Notice kind={verdict === 'possible' ? 'info' : 'warn'} title={words.background.plan.verdict}>
        <p>
          {says} <span className="hint">{words.journey.whatIf.estimate}</span>
        </p>
      </Notice>
    </div>
  )
}

/** The weekly plan: what is in it, as a list and as a picture, and a way to add. What is changed holds at once. */
export function PlanCard() {
  const plan = useApp(app => app.settings.plan)
  const update = useCall('settings.update')
  const [adding, setAdding] = useState(false)
  const text = words.background.plan
  const set = async (next: PlanSpan[]) => {
    const { ok } = await update.run({ plan: next })
    if (ok) {
      setAdding(false)
      announce(words.settings.saved)
    }
  }
  return (
    <Card title={text.title} anchor="plan">
      {plan.length === 0 ? (
        <p className="hint">{text.none}</p>
      ) : (
        <>
          <WeekChart plan={plan} />
          <ul className="plan-list">
            {plan.map((span, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two lines of a plan may say the same
              <li key={index}>
                <span>{spanInWords(span)}</span>
                <Button
                  off={update.busy}
                  aria-label={`${text.remove}: ${spanInWords(span)}`}
                  onClick={() => set(plan.filter((_, other) => other !== index))}
                >
                  {text.remove}
                </Button>
              </li>
            ))}
          </ul>
          <p className="hint">{text.clock}</p>
        </>
      )}
      {plan.length >= MAX_SPANS ? (
        <p className="hint">{text.full(MAX_SPANS)}</p>
      ) : adding ? (
        <AddSpan busy={update.busy} onAdd={span => void set([...plan, span])} />
      ) : (
        <div className="row">
          <Button onClick={() => setAdding(true)}>{text.add}</Button>
        </div>
      )}
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
      <PlansVerdict />
    </Card>
  )
}

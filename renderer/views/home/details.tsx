import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { ceilingOfPlans } from '../../../shared/plan-forecast.ts'
import { HABITS, type Habit, type SettingsPatch } from '../../../shared/settings.ts'
import { ceilingOf, verdictOfCeiling } from '../../../shared/stable-forecast.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField, TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { ceilingSentence, formatDuration, words } from '../../i18n/words.ts'
import { CapFacts } from '../settings/cap.tsx'
import { ComputerCard } from '../settings/computer.tsx'
import { capNumber, rateNumber } from '../settings/draft.ts'
import { LineHelp } from '../settings/line.tsx'
import { suggestNickname } from './nickname.ts'
import { statementsLeft, welcome } from './welcome-state.ts'

const BITS = 8
/** The burst of a limit, as the usual values have it. */
const BURSTS = 2
const UNNAMED = 'Unnamed'

/** What a habit means for being called Stable, by the published rule. */
function PlanVerdict({ habit, cap, rate }: { habit: Habit; cap: number; rate: number }) {
  const ceiling = useMemo(
    () => (cap === 0 ? ceilingOf(habit) : ceilingOfPlans({ habit, plan: [], monthlyCap: cap, carries: 2 * rate })),
    [habit, cap, rate],
  )
  const verdict = verdictOfCeiling(ceiling)
  const text = words.journey.details.verdicts[verdict](ceiling.kind === 'levels' ? formatDuration(ceiling.mtbf) : '')
  return (
    <div role="status">
      <Notice kind={verdict === 'possible' ? 'info' : 'warn'}>
        <p>
          {text} <span className="hint">{words.journey.whatIf.estimate}</span>
        </p>
      </Notice>
    </div>
  )
}

/** Between agreeing and starting: a name, a contact, a limit, and what the computer's habit means. Everything has a usual value. */
export function DetailsStep() {
  const { saved, host } = useApp(app => ({ saved: app.settings, host: app.product.host }))
  const { relay, sharing } = useStore(welcome)
  const [nickname, setNickname] = useState(() => (saved.nickname === UNNAMED ? suggestNickname() : saved.nickname))
  const [contact, setContact] = useState(saved.contact)
  const [rate, setRate] = useState(() => String((saved.bandwidthRate * BITS) / 1e6))
  const [habit, setHabit] = useState(saved.habit)
  const [cap, setCap] = useState(saved.monthlyCap === 0 ? '' : String(saved.monthlyCap / 1e9))
  const [tried, setTried] = useState(false)
  const update = useCall('settings.update')
  const consent = useCall('consent.set')
  const form = useRef<HTMLFormElement>(null)
  const text = words.journey.details
  const limit = rateNumber(rate)
  const bytes = capNumber(cap)
  const errors = {
    nickname: /^[a-zA-Z0-9]{1,19}$/.test(nickname) ? undefined : words.settings.errors.nickname,
    contact: contact.length > 200 || /[\r\n]/.test(contact) ? words.settings.errors.contact : undefined,
    rate: limit === undefined ? text.errors.rate : undefined,
    cap: bytes === undefined ? words.background.cap.bad : undefined,
  }
  const busy = update.busy || consent.busy
  useEffect(() => announce(words.journey.details.announcement), [])

  async function start(patch: SettingsPatch): Promise<void> {
    if (Object.keys(patch).length > 0 && !(await update.run(patch)).ok) return
    const { ok } = await consent.run({ relay, perspective: statementsLeft(sharing) === 0 })
    // Agreements are asked anew if they are ever withdrawn.
    if (ok) welcome.setState({ relay: false, sharing: [], page: 'agree' })
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    setTried(true)
    const wrong = Object.values(errors).filter(Boolean).length
    if (wrong > 0 || limit === undefined || bytes === undefined) {
      announce(words.settings.fix(wrong))
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
    } else if (!busy)
      void start({
        nickname,
        contact: contact.trim(),
        bandwidthRate: limit,
        bandwidthBurst: limit * BURSTS,
        habit,
        ...(bytes === saved.monthlyCap ? {} : { monthlyCap: bytes }),
      })
  }

  return (
    <form className="stack" ref={form} onSubmit={submit} noValidate>
      <Card title={text.nameTitle}>
        <div className="with-button">
          <TextField
            label={words.settings.nickname}
            hint={words.settings.nicknameHint}
            error={errors.nickname}
            name="nickname"
            dir="ltr"
            value={nickname}
            onChange={event => setNickname(event.currentTarget.value)}
          />
          <Button onClick={() => setNickname(suggestNickname())}>{text.suggest}</Button>
        </div>
        <TextField
          label={words.settings.contact}
          hint={text.contactHint}
          error={errors.contact}
          name="contact"
          dir="auto"
          value={contact}
          onChange={event => setContact(event.currentTarget.value)}
        />
      </Card>
      <Card title={text.limitTitle}>
        <TextField
          label={text.rate}
          hint={text.rateHint}
          error={errors.rate}
          name="rate"
          inputMode="decimal"
          dir="ltr"
          value={rate}
          onChange={event => setRate(event.currentTarget.value)}
        />
        {limit !== undefined && <p role="status">{ceilingSentence(limit)}</p>}
        <LineHelp onTake={bytes => setRate(String((bytes * BITS) / 1e6))} />
        <div className="field-pair">
          <TextField
            label={words.background.cap.cap}
            hint={words.background.cap.capHint}
            error={errors.cap}
            name="cap"
            inputMode="decimal"
            dir="ltr"
            value={cap}
            onChange={event => setCap(event.currentTarget.value)}
          />
        </div>
        {bytes !== undefined && bytes > 0 && limit !== undefined && <CapFacts cap={bytes} rate={limit} />}
      </Card>
      <Card title={text.habitTitle}>
        <ChoiceField
          name="habit"
          label={text.habit}
          value={habit}
          options={Object.fromEntries(HABITS.map(name => [name, words.journey.habits[name]])) as Record<Habit, string>}
          hints={words.journey.habitHints}
          onChange={setHabit}
        />
        <PlanVerdict habit={habit} cap={bytes ?? 0} rate={limit ?? 0} />
      </Card>
      {host === 'electron' && <ComputerCard />}
      <FailureNotice failure={update.failure ?? consent.failure} onDismiss={update.failure ? update.dismiss : consent.dismiss} />
      <div className="row foot">
        <Button type="submit" kind="primary" off={busy}>
          {words.journey.consent.setUp}
        </Button>
        <Button off={busy} onClick={() => start({})}>
          {text.usual}
        </Button>
        <Button onClick={() => welcome.setState({ page: 'agree' })}>{words.back}</Button>
        {tried && Object.values(errors).some(Boolean) && (
          <p className="error">{words.settings.fix(Object.values(errors).filter(Boolean).length)}</p>
        )}
      </div>
    </form>
  )
}

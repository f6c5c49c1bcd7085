import { useState } from 'react'
import { type ContributionDay, estimatedKwh } from '../../../shared/contribution.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card, ScrollTable } from '../../components/card.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useFigures, useNow } from '../../context.tsx'
import { type BookSpan, type BookSum, bookLines, spanOf, upShare } from '../../contribution-model.ts'
import { formatBytes, formatCount, formatDay, formatDuration, formatPercent, formatRatio, words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'
import { ContributionRelays } from './contribution-relays.tsx'

/** Lines shown; the saved table has every day. */
const SHOWN_LINES = 31

const sum = (bytes: { read: number; written: number }) => formatBytes(bytes.read + bytes.written)

/** A time of the book with what was given and taken in it; `up` is the share of that time in which the relay ran. */
function SumRow({ name, of, up }: { name: string; of: BookSum; up: number }) {
  const text = words.relay
  const watts = useApp(app => app.settings.coreWatts)
  const { circuits, cpuSeconds } = of
  const dash = <span className="hint">–</span>
  return (
    <tr>
      <th scope="row" className="number">
        {name}
      </th>
      <td className="number">
        {sum(of.or)}
        <small>{text.bookIn(formatBytes(of.or.read))}</small>
        <small>{text.bookOut(formatBytes(of.or.written))}</small>
      </td>
      <td className="number">{circuits === undefined ? dash : formatCount(circuits)}</td>
      <td className="number">{sum(of.dir)}</td>
      <td className="number">
        {sum(of.served)}
        <small>{text.bookRefused(of.refused)}</small>
      </td>
      <td className="number">{sum(of.used)}</td>
      <td className="number">
        {formatDuration(of.uptimeSeconds)}
        <small>{formatPercent(up)}</small>
      </td>
      <td className="number">
        {cpuSeconds === undefined ? (
          dash
        ) : (
          <>
            {formatDuration(cpuSeconds)}
            <small>{energyWords(estimatedKwh(cpuSeconds, watts))}</small>
          </>
        )}
      </td>
    </tr>
  )
}

/** An estimated energy with two digits that matter, in watt hours while it is little. */
const energyWords = (kwh: number): string =>
  kwh < 1 ? words.relay.bookWattHours(formatRatio(kwh * 1000)) : words.relay.bookKilowattHours(formatRatio(kwh))

/** The contribution book: whole days of what was given and taken, kept on this computer alone. No ranking, only the own balance. */
export function ContributionCard() {
  const text = words.relay
  const { today, total, since } = useFigures(app => app.contribution)
  const watts = useApp(app => app.settings.coreWatts)
  const now = useNow()
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const begin = since === undefined ? midnight : spanOf(since, 'day').from
  const [days, setDays] = useState<readonly ContributionDay[]>()
  const [span, setSpan] = useState<BookSpan>('day')
  const [asking, setAsking] = useState(false)
  const get = useCall('contribution.get')
  const csv = useCall('contribution.csv')
  const clear = useCall('contribution.clear')
  const lines = days ? bookLines(days, span).slice(0, SHOWN_LINES) : []
  const failed = [get, csv, clear].find(({ failure }) => failure)

  async function show(): Promise<void> {
    if (days) return setDays(undefined)
    const answer = await get.run({})
    if (answer.ok) setDays(answer.result.days)
  }

  async function save(): Promise<void> {
    const answer = await csv.run(undefined)
    if (!answer.ok) return
    saveFile(answer.result.name, answer.result.text, 'text/csv')
    announce(text.bookSaved)
  }

  return (
    <Card title={text.book} aside={since && <span className="hint">{text.bookSince(formatDay(begin))}</span>}>
      <p>{total.taken > 0 ? text.bookRatio(formatRatio(total.given / total.taken)) : text.bookNoneTaken}</p>
      <ScrollTable caption={text.book}>
        <thead>
          <tr>
            <th scope="col">{text.bookDay}</th>
            <th scope="col">{text.bookTor}</th>
            <th scope="col">{text.circuits}</th>
            <th scope="col">{text.bookLists}</th>
            <th scope="col">{text.bookServed}</th>
            <th scope="col">{text.bookUsed}</th>
            <th scope="col">{text.bookUp}</th>
            <th scope="col">{text.bookCpu}</th>
          </tr>
        </thead>
        <tbody>
          <SumRow name={text.bookTotal} of={total} up={upShare(total.uptimeSeconds, begin, now)} />
          <SumRow name={text.bookToday} of={today} up={upShare(today.uptimeSeconds, Math.max(begin, midnight), now)} />
          {lines.map(({ key, sum: of }) => {
            const { from, to } = spanOf(key, span)
            const up = upShare(of.uptimeSeconds, Math.max(begin, from), Math.min(now, to))
            return <SumRow key={key} name={span === 'week' ? text.bookWeekFrom(key) : key} of={of} up={up} />
          })}
        </tbody>
      </ScrollTable>
      <p className="hint">{text.bookEnergyNote(formatRatio(watts))}</p>
      {days?.length === 0 && <p className="hint">{text.bookEmpty}</p>}
      {days && days.length > 0 && (
        <>
          <ChoiceField label={text.bookSpan} name="book-span" value={span} options={text.bookSpans} onChange={setSpan} segments />
          <ContributionRelays days={days} />
        </>
      )}
      <div className="row">
        <Button off={get.busy} aria-expanded={days !== undefined} onClick={show}>
          {days ? text.bookHide : text.bookShow}
        </Button>
        <Button off={csv.busy} onClick={save}>
          {text.bookSave}
        </Button>
        <Button onClick={() => setAsking(true)}>{text.bookClear}</Button>
      </div>
      {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      {asking && (
        <ConfirmDialog
          title={text.bookClearTitle}
          confirm={text.bookClearConfirm}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            const { ok } = await clear.run(undefined)
            if (ok) setDays(undefined)
          }}
        >
          <p>{text.bookClearText}</p>
        </ConfirmDialog>
      )}
    </Card>
  )
}

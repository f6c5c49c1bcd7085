import { useState } from 'react'
import type { ContributionDay } from '../../../shared/contribution.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card, ScrollTable } from '../../components/card.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { type BookLine, type BookSpan, bookLines, upShare } from '../../contribution-model.ts'
import { formatBytes, formatCount, formatDuration, formatPercent, formatRatio, words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'
import { ContributionRelays } from './contribution-relays.tsx'

/** Lines shown; the saved table has every day. */
const SHOWN_LINES = 31

const sum = (bytes: { read: number; written: number }) => formatBytes(bytes.read + bytes.written)

function SumRow({ name, of }: { name: string; of: BookLine['sum'] }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{sum(of.or)}</td>
      <td className="number">{sum(of.served)}</td>
      <td className="number">{sum(of.used)}</td>
      <td className="number">{formatDuration(of.uptimeSeconds)}</td>
    </tr>
  )
}

/** The contribution book: whole days of what was given and taken, kept on this computer alone. No ranking, only the own balance. */
export function ContributionCard() {
  const text = words.relay
  const { today, total, since } = useApp(app => app.contribution)
  const now = useNow()
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
    <Card title={text.book} aside={since && <span className="hint">{text.bookSince(since)}</span>}>
      <p>{total.taken > 0 ? text.bookRatio(formatRatio(total.given / total.taken)) : text.bookNoneTaken}</p>
      {since && (
        <p className="hint">
          {text.bookMore(sum(total.dir), formatCount(total.refused), formatPercent(upShare(total.uptimeSeconds, since, now)))}
        </p>
      )}
      <ScrollTable caption={text.book}>
        <thead>
          <tr>
            <th scope="col">{text.bookDay}</th>
            <th scope="col">{text.bookTor}</th>
            <th scope="col">{text.bookServed}</th>
            <th scope="col">{text.bookUsed}</th>
            <th scope="col">{text.bookUp}</th>
          </tr>
        </thead>
        <tbody>
          <SumRow name={text.bookTotal} of={total} />
          <SumRow name={text.bookToday} of={today} />
          {lines.map(({ key, sum: of }) => (
            <SumRow key={key} name={span === 'week' ? text.bookWeekFrom(key) : key} of={of} />
          ))}
        </tbody>
      </ScrollTable>
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
        <Dialog
          title={text.bookClearTitle}
          onClose={() => setAsking(false)}
          action={
            <Button
              kind="danger"
              onClick={async () => {
                setAsking(false)
                const { ok } = await clear.run(undefined)
                if (ok) setDays(undefined)
              }}
            >
              {text.bookClearConfirm}
            </Button>
          }
        >
          <p>{text.bookClearText}</p>
        </Dialog>
      )}
    </Card>
  )
}

import { type FormEvent, useRef, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { CallResult } from '../../../shared/ipc.ts'
import type { AccessQuery, AccessRecord } from '../../../shared/perspective-server.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card, ScrollTable } from '../../components/card.tsx'
import { TextField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { TimeField } from '../../components/time-field.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { focusFault } from '../../focus-fault.ts'
import { formatBytes, formatDuration, formatTime, words } from '../../i18n/words.ts'
import { endpoint } from '../../model.ts'
import { saveFile } from '../../save-file.ts'
import { looksLikeAddress, peerOf, portOf, timeOf } from './model.ts'

/** Rows drawn; the saved table has more. */
const SHOWN = 100

interface Form {
  readonly from: string
  readonly to: string
  readonly address: string
  readonly port: string
  readonly peer: string
}
type Errors = Partial<Record<keyof Form, string>>
const EMPTY: Form = { from: '', to: '', address: '', port: '', peer: '' }

/** What a form asks for, or what is wrong with it. */
function queryOf(form: Form, known: Parameters<typeof peerOf>[1]): { query: AccessQuery; errors: Errors } {
  const text = words.safety.log
  const errors: { -readonly [F in keyof Form]?: string } = {}
  const [from, to] = [timeOf(form.from), timeOf(form.to)]
  if (from !== undefined && to !== undefined && to < from) errors.to = text.toBad
  const network = form.address.trim()
  if (network !== '' && !looksLikeAddress(network)) errors.address = text.addressBad
  const port = portOf(form.port)
  if (Number.isNaN(port)) errors.port = text.portBad
  const peer = form.peer.trim() === '' ? undefined : peerOf(form.peer, known)
  if (form.peer.trim() !== '' && peer === undefined) errors.peer = text.peerBad
  return { query: { ...(network === '' ? {} : { network }), from, to, port, peer }, errors }
}

function Row({ record, now }: { record: AccessRecord; now: number }) {
  const text = words.safety.log
  const { startedAt, endedAt, peer, nickname, address, port, reason, bytesIn, bytesOut } = record
  return (
    <tr>
      <th scope="row" className="number">
        {formatTime(startedAt, now)}
      </th>
      <td className="number">{formatDuration((endedAt - startedAt) / 1000)}</td>
      <td title={peer}>{nickname === undefined ? <code dir="ltr">${peer.slice(0, 8)}</code> : <bdi>{plainText(nickname, 19)}</bdi>}</td>
      <td>
        <code dir="ltr">{endpoint(address, port)}</code>
      </td>
      <td className="number">
        {formatBytes(bytesIn)}, {formatBytes(bytesOut)}
      </td>
      <td>{reason === 0 ? text.open : (text.reasons[reason] ?? text.otherReason(reason))}</td>
    </tr>
  )
}

/** Looks entries up, and saves them as a table. */
export function LogSearch() {
  const text = words.safety.log
  const now = useNow()
  const known = useApp(app => app.perspective.relays)
  const sessions = useApp(app => app.server.sessions)
  const [form, setForm] = useState(EMPTY)
  const [errors, setErrors] = useState<Errors>({})
  const [found, setFound] = useState<CallResult<'accessLog.search'>>()
  const [left, setLeft] = useState(0)
  const search = useCall('accessLog.search')
  const csv = useCall('accessLog.csv')
  const element = useRef<HTMLFormElement>(null)
  const failed = [search, csv].find(({ failure }) => failure)
  const line = (field: 'address' | 'port' | 'peer', hint?: string) => (
    <TextField
      dir="ltr"
      label={text[field]}
      hint={hint}
      error={errors[field]}
      maxLength={60}
      inputMode={field === 'port' ? 'numeric' : undefined}
      value={form[field]}
      onChange={event => setForm({ ...form, [field]: event.currentTarget.value })}
    />
  )

  /** The query, when all of the form can be understood. */
  function checked(): AccessQuery | undefined {
    const { query, errors: wrong } = queryOf(form, [...known, ...sessions])
    focusFault(element.current, () => setErrors(wrong))
    const [first] = Object.values(wrong)
    if (first === undefined) return query
    announce(first)
    return undefined
  }

  async function run(event: FormEvent): Promise<void> {
    event.preventDefault()
    setLeft(0)
    const query = checked()
    const answer = query && (await search.run({ ...query, limit: SHOWN }))
    if (!answer?.ok) return
    setFound(answer.result)
    announce(answer.result.total === 0 ? text.none : text.found(answer.result.total))
  }

  async function save(): Promise<void> {
    const query = checked()
    const answer = query && (await csv.run(query))
    if (!answer?.ok) return
    const { name, text: table, total } = answer.result
    saveFile(name, table, 'text/csv')
    setLeft(Math.max(0, total - (table.split('\r\n').length - 2)))
    announce(words.safety.fileSaved(name))
  }

  return (
    <Card title={text.searchTitle}>
      <form className="stack" ref={element} onSubmit={run} noValidate>
        <div className="field-pair">
          <TimeField label={text.from} value={form.from} onChange={from => setForm({ ...form, from })} />
          <TimeField label={text.to} error={errors.to} value={form.to} onChange={to => setForm({ ...form, to })} />
        </div>
        <div className="field-pair">
          {line('address')}
          {line('port')}
          {line('peer', text.peerHint)}
        </div>
        <div className="row">
          <Button type="submit" kind="primary" off={search.busy}>
            {text.search}
          </Button>
          <Button off={csv.busy} onClick={save}>
            {text.csv}
          </Button>
          {left > 0 && <p className="hint">{text.csvLeft(left)}</p>}
        </div>
      </form>
      {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      {found && (
        <>
          <p>
            {found.total === 0 ? text.none : text.found(found.total)}
            {found.total > found.records.length && ` ${text.newest(found.records.length)}`}
          </p>
          {found.records.length > 0 && (
            <ScrollTable caption={text.searchTitle}>
              <thead>
                <tr>
                  <th scope="col">{text.began}</th>
                  <th scope="col">{text.duration}</th>
                  <th scope="col">{text.who}</th>
                  <th scope="col">{text.where}</th>
                  <th scope="col">{text.bytes}</th>
                  <th scope="col">{text.end}</th>
                </tr>
              </thead>
              <tbody>
                {found.records.map((record, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: records have no names, and the list is replaced whole
                  <Row key={index} record={record} now={now} />
                ))}
              </tbody>
            </ScrollTable>
          )}
        </>
      )}
    </Card>
  )
}

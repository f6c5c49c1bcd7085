import { type FormEvent, useRef, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { CallResult } from '../../../shared/ipc.ts'
import type { Complaint, Suspect } from '../../../shared/perspective-server.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField, Field, TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { TimeField } from '../../components/time-field.tsx'
import { useCall, useNow } from '../../context.tsx'
import { focusFault } from '../../focus-fault.ts'
import { formatDay, formatTime, words } from '../../i18n/words.ts'
import { groupedFingerprint } from '../../model.ts'
import { looksLikeAddress, portOf, timeOf } from './model.ts'

const TOLERANCES = { minute: 60, minutes: 600, hour: 3600, day: 86_400 } as const

interface Form {
  readonly at: string
  readonly zone: 'here' | 'utc'
  readonly address: string
  readonly port: string
  readonly tolerance: keyof typeof TOLERANCES
}
type Errors = Partial<Record<'at' | 'address' | 'port', string>>

function complaintOf(form: Form): { complaint: Complaint; errors: Errors } {
  const text = words.safety.complaint
  const at = timeOf(form.at, form.zone)
  const address = form.address.trim()
  const port = portOf(form.port)
  const errors: Errors = {
    ...(at === undefined ? { at: text.atBad } : {}),
    ...(looksLikeAddress(address) && !address.includes('/') ? {} : { address: text.addressBad }),
    ...(Number.isNaN(port) ? { port: words.safety.log.portBad } : {}),
  }
  return { complaint: { at: at ?? 0, address, port, toleranceSeconds: TOLERANCES[form.tolerance] }, errors }
}

function SuspectRow({ suspect, blocked, busy, onBlock }: { suspect: Suspect; blocked: boolean; busy: boolean; onBlock: () => void }) {
  const text = words.safety.complaint
  const now = useNow()
  const { peer, nickname, contact, streams, firstAt, lastAt } = suspect
  const name = nickname === undefined ? `$${peer.slice(0, 8)}` : plainText(nickname, 19)
  return (
    <div>
      <dt>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <small>
          {text.streams(streams)}, {text.between(formatTime(firstAt, now), formatTime(lastAt, now))}
        </small>
      </dt>
      <dd>
        <code dir="ltr">{groupedFingerprint(peer)}</code>
        {contact && (
          <p className="hint">
            {text.contact}: <bdi>{plainText(contact, 200)}</bdi>
          </p>
        )}
        <div className="row">
          {blocked ? (
            <p>{text.blocked}</p>
          ) : (
            <Button kind="danger" off={busy} aria-label={text.blockOf(name)} onClick={onBlock}>
              {text.block}
            </Button>
          )}
        </div>
      </dd>
    </div>
  )
}

/** The answer kit: from a complaint to the member it is about, to the block list, to a letter. */
export function ComplaintSection() {
  const text = words.safety.complaint
  const [form, setForm] = useState<Form>({ at: '', zone: 'here', address: '', port: '', tolerance: 'minutes' })
  const [errors, setErrors] = useState<Errors>({})
  const [asked, setAsked] = useState<Complaint>()
  const [found, setFound] = useState<CallResult<'abuse.find'>>()
  const [blocked, setBlocked] = useState<ReadonlySet<string>>(new Set())
  const [letter, setLetter] = useState('')
  const find = useCall('abuse.find')
  const blocks = useCall('blocks.get')
  const block = useCall('blocks.add')
  const element = useRef<HTMLFormElement>(null)
  const letterBox = useRef<HTMLTextAreaElement>(null)
  const failed = [find, blocks, block].find(({ failure }) => failure)
  const change = (part: Partial<Form>) => setForm({ ...form, ...part })

  async function look(complaint: Complaint): Promise<void> {
    const [answer, list] = await Promise.all([find.run(complaint), blocks.run(undefined)])
    if (!answer.ok) return
    setAsked(complaint)
    setFound(answer.result)
    setLetter(answer.result.letter)
    if (list.ok) setBlocked(new Set(list.result.entries.map(({ target }) => target)))
    const { suspects, logged } = answer.result
    announce(suspects.length > 0 ? text.suspects(suspects.length) : logged ? text.nobody : text.notLogged)
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    const { complaint, errors: wrong } = complaintOf(form)
    focusFault(element.current, () => setErrors(wrong))
    const [first] = Object.values(wrong)
    if (first === undefined) return void look(complaint)
    announce(first)
  }

  async function keepOut({ peer }: Suspect): Promise<void> {
    if (!asked) return
    const { ok } = await block.run({ target: `$${peer}`, reason: text.blockReason(asked.address, formatDay(asked.at)) })
    if (!ok) return
    announce(text.blocked)
    // The letter then says so.
    await look(asked)
  }

  return (
    <>
      <Card title={text.title}>
        <p>{text.text}</p>
        <form className="stack" ref={element} onSubmit={submit} noValidate>
          <div className="field-pair">
            <TimeField label={text.at} error={errors.at} value={form.at} onChange={at => change({ at })} />
            <ChoiceField name="zone" label={text.zone} value={form.zone} options={text.zones} onChange={zone => change({ zone })} />
          </div>
          <div className="field-pair">
            <TextField
              dir="ltr"
              label={text.address}
              hint={text.addressHint}
              error={errors.address}
              maxLength={60}
              value={form.address}
              onChange={event => change({ address: event.currentTarget.value })}
            />
            <TextField
              dir="ltr"
              inputMode="numeric"
              label={text.port}
              error={errors.port}
              maxLength={10}
              value={form.port}
              onChange={event => change({ port: event.currentTarget.value })}
            />
            <SelectField
              label={text.tolerance}
              value={form.tolerance}
              options={(Object.keys(TOLERANCES) as Form['tolerance'][]).map(name => [name, text.tolerances[name]] as const)}
              onChange={tolerance => change({ tolerance })}
            />
          </div>
          <div className="row">
            <Button type="submit" kind="primary" off={find.busy}>
              {text.find}
            </Button>
          </div>
        </form>
        {failed && <FailureNotice failure={failed.failure} onDismiss={failed.dismiss} />}
      </Card>
      {found && (
        <Card title={text.resultTitle}>
          {found.suspects.length === 0 ? (
            <Notice kind={found.logged ? 'info' : 'warn'}>
              <p>{found.logged ? text.nobody : text.notLogged}</p>
            </Notice>
          ) : (
            <>
              <p>{text.suspects(found.suspects.length)}</p>
              <dl className="rows">
                {found.suspects.map(suspect => (
                  <SuspectRow
                    key={suspect.peer}
                    suspect={suspect}
                    blocked={blocked.has(`$${suspect.peer}`)}
                    busy={block.busy || find.busy}
                    onBlock={() => void keepOut(suspect)}
                  />
                ))}
              </dl>
            </>
          )}
        </Card>
      )}
      {found && (
        <Card title={text.letterTitle}>
          <Field label={text.letter} hint={text.letterText}>
            {wiring => (
              <textarea
                {...wiring}
                ref={letterBox}
                className="letter"
                lang="en"
                dir="ltr"
                rows={14}
                value={plainLines(letter)}
                onChange={event => setLetter(event.currentTarget.value)}
              />
            )}
          </Field>
          <div className="row">
            <Button
              onClick={async () => {
                try {
                  await navigator.clipboard.writeText(plainLines(letter))
                  announce(words.copied)
                } catch {
                  letterBox.current?.select()
                  announce(words.copyFailed)
                }
              }}
            >
              {text.copyLetter}
            </Button>
          </div>
        </Card>
      )}
    </>
  )
}

/** A text of several lines, each harmless to show. */
function plainLines(text: string): string {
  return text
    .split('\n')
    .map(line => plainText(line, 1000))
    .join('\n')
}

import { type FormEvent, useRef, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { BlockCheck } from '../../../shared/safety.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { TextField } from '../../components/form.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { useRested } from './use-rested.ts'

const HOUR_MS = 3_600_000
const TIMES = {
  ever: undefined,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 168 * HOUR_MS,
  month: 720 * HOUR_MS,
  year: 8760 * HOUR_MS,
} as const

/** What an entry would do, before it is added. */
function Effect({ check }: { check: Extract<BlockCheck, { ok: true }> }) {
  const text = words.safety.blocks
  const { kind, nickname, members, of, connected, known } = check
  const sentences = [
    nickname === undefined ? `${text.kinds[kind]}.` : `${words.safety.relayIs(plainText(nickname, 19))}.`,
    members === 0 ? text.effectNone(of) : text.effect(members, of),
    ...(connected > 0 ? [text.effectConnected(connected)] : []),
    ...(known ? [text.known] : []),
  ]
  return (
    <>
      <p>{sentences.join(' ')}</p>
      {of > 1 && members === of && (
        <Notice kind="warn">
          <p>{text.effectAll}</p>
        </Notice>
      )}
    </>
  )
}

/** The form for one entry; what it would do is said while it is typed. */
export function AddBlock({ onAdded }: { onAdded: () => void }) {
  const text = words.safety.blocks
  const [target, setTarget] = useState('')
  const [until, setUntil] = useState<keyof typeof TIMES>('ever')
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string>()
  const [done, setDone] = useState<string>()
  const verify = useCall('blocks.check')
  const add = useCall('blocks.add')
  const form = useRef<HTMLFormElement>(null)

  const seen = useRested('blocks.check', target.trim() === '' ? undefined : { target: target.slice(0, 200) })

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setDone(undefined)
    if (target.trim() === '') return fail(text.targetMissing)
    const answer = await verify.run({ target: target.slice(0, 200) })
    if (!answer.ok) return
    if (!answer.result.ok) return fail(text.targetBad)
    const time = TIMES[until]
    const added = await add.run({
      target: answer.result.target,
      ...(time === undefined ? {} : { expires: Date.now() + time }),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    })
    if (!added.ok) return
    const ended = answer.result.connected
    const said = ended > 0 ? text.added(ended) : text.addedNobody
    setDone(said)
    announce(said)
    // What was typed meanwhile is the next one.
    setTarget(now => (now === target ? '' : now))
    setReason(now => (now === reason ? '' : now))
    onAdded()
  }

  function fail(why: string): void {
    setError(why)
    announce(why)
    form.current?.querySelector('input')?.focus()
  }

  return (
    <Card title={text.addTitle}>
      <form className="stack" ref={form} onSubmit={submit} noValidate>
        <TextField
          dir="ltr"
          label={text.target}
          hint={text.targetHint}
          error={error}
          maxLength={200}
          value={target}
          onChange={event => {
            setTarget(event.currentTarget.value)
            setError(undefined)
            setDone(undefined)
          }}
        />
        {seen?.ok && <Effect check={seen} />}
        <div className="field-pair">
          <SelectField
            label={text.until}
            value={until}
            options={(Object.keys(TIMES) as (keyof typeof TIMES)[]).map(time => [time, text.untils[time]] as const)}
            onChange={setUntil}
          />
          <TextField
            dir="auto"
            label={text.reason}
            hint={text.reasonHint}
            maxLength={300}
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
          />
        </div>
        <div className="row">
          <Button type="submit" kind="primary" off={add.busy || verify.busy}>
            {text.add}
          </Button>
          {done && <p>{done}</p>}
        </div>
      </form>
      <FailureNotice failure={add.failure} onDismiss={add.dismiss} />
      <FailureNotice failure={verify.failure} onDismiss={verify.dismiss} />
    </Card>
  )
}

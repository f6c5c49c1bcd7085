import { type FormEvent, useRef, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { IdentityFacts } from '../../../shared/safety.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Facts } from '../../components/facts.tsx'
import { FileField, fileFault, useChosenFile } from '../../components/file-field.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { PasswordField } from '../../components/password-field.tsx'
import { useCall, useNow } from '../../context.tsx'
import { focusFault } from '../../focus-fault.ts'
import { formatTime, words } from '../../i18n/words.ts'
import { groupedFingerprint } from '../../model.ts'

const MAX_BYTES = 200_000

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="tick">
      <input type="checkbox" checked={checked} onChange={event => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  )
}

/** What is in the file, before anything is done with it. */
function FileFacts({ facts }: { facts: IdentityFacts }) {
  const text = words.safety.identity
  const now = useNow()
  const rows: [string, string][] = [
    [text.fingerprint, groupedFingerprint(facts.fingerprint)],
    [text.nickname, plainText(facts.nickname, 19)],
    [text.network, text.networks[facts.network]],
    [text.exported, `${formatTime(facts.exportedAt, now)}, ${facts.moved ? text.exportedAs.move : text.exportedAs.copy}`],
  ]
  return <Facts className="rows" rows={rows} />
}

/** Takes an identity from a file: first it is opened and shown, then, with the owner's word for what must be so, put in force. */
export function LoadIdentity() {
  const text = words.safety.identity
  const now = useNow()
  const { file: known, choose, read } = useChosenFile()
  const [password, setPassword] = useState('')
  const [errors, setErrors] = useState<{ file?: string; password?: string }>({})
  const [facts, setFacts] = useState<IdentityFacts>()
  const [replace, setReplace] = useState(false)
  const [stopped, setStopped] = useState(false)
  const [done, setDone] = useState<{ keptAs?: string | undefined }>()
  const look = useCall('identity.inspect')
  const load = useCall('identity.import')
  const form = useRef<HTMLFormElement>(null)

  function forget(): void {
    setFacts(undefined)
    setReplace(false)
    setStopped(false)
    setErrors({})
    setDone(undefined)
    look.dismiss()
    load.dismiss()
  }

  async function open(event: FormEvent): Promise<void> {
    event.preventDefault()
    setFacts(undefined)
    setDone(undefined)
    const file = await read()
    const fault = fileFault(file)
    const wrong = { ...(fault ? { file: fault } : {}), ...(password === '' ? { password: text.passwordMissing } : {}) }
    const [first] = Object.values(wrong)
    // A password that was wrong before is marked until it is tried again.
    focusFault(first === undefined ? null : form.current, () => setErrors(wrong))
    if (first !== undefined || !file || 'fault' in file) return announce(first ?? '')
    const answer = await look.run({ text: file.text, password })
    if (answer.ok) setFacts(answer.result)
  }

  async function use(): Promise<void> {
    if (!known || 'fault' in known) return
    const answer = await load.run({ text: known.text, password, replace, stoppedElsewhere: stopped })
    if (!answer.ok) return
    setFacts(undefined)
    setPassword('')
    setDone({ keptAs: answer.result.keptAs })
    announce(text.loaded)
  }

  const wrongPassword = look.failure?.kind === 'problem' && look.failure.problem.code === 'password-wrong'
  const ready = facts && (facts.existing === undefined || replace) && (facts.seenAt === undefined || stopped)
  return (
    <Card title={text.loadTitle}>
      <p>{text.loadText}</p>
      <form className="stack" ref={form} onSubmit={open} noValidate>
        <div className="field-pair">
          <FileField
            label={words.safety.chooseFile}
            error={errors.file ?? (known && 'fault' in known ? fileFault(known) : undefined)}
            limit={MAX_BYTES}
            onChoose={chosen => {
              forget()
              choose(chosen)
            }}
          />
          <PasswordField
            purpose="current"
            label={text.loadPassword}
            error={errors.password ?? (wrongPassword ? text.passwordWrong : undefined)}
            value={password}
            onChange={next => {
              forget()
              setPassword(next)
            }}
          />
        </div>
        <div className="row">
          <Button type="submit" kind={facts ? 'plain' : 'primary'} off={look.busy}>
            {look.busy ? words.working : text.look}
          </Button>
        </div>
      </form>
      {!wrongPassword && <FailureNotice failure={look.failure} onDismiss={look.dismiss} />}
      {facts && (
        <section className="stack" aria-label={text.factsTitle}>
          <h3>{text.factsTitle}</h3>
          <FileFacts facts={facts} />
          {!facts.moved && (
            <Notice kind="warn">
              <p>{text.copyWarning}</p>
            </Notice>
          )}
          {facts.existing !== undefined && <Tick label={text.replace} checked={replace} onChange={setReplace} />}
          {facts.seenAt !== undefined && (
            <Tick label={text.elsewhere(formatTime(facts.seenAt, now))} checked={stopped} onChange={setStopped} />
          )}
          <div className="row">
            <Button kind="primary" off={!ready || load.busy} onClick={use}>
              {load.busy ? words.working : text.load}
            </Button>
          </div>
        </section>
      )}
      <FailureNotice failure={load.failure} onDismiss={load.dismiss} />
      {done && (
        <Notice kind="info" title={text.loaded}>
          {done.keptAs !== undefined && <p>{text.keptAs(plainText(done.keptAs))}</p>}
        </Notice>
      )}
    </Card>
  )
}

import { type FormEvent, useRef, useState } from 'react'
import { MIN_PASSWORD } from '../../../shared/safety.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { PasswordField } from '../../components/password-field.tsx'
import { useApp, useCall } from '../../context.tsx'
import { focusFault } from '../../focus-fault.ts'
import { words } from '../../i18n/words.ts'
import { saveFile } from '../../save-file.ts'

/** Saves the identity in an encrypted file, as a copy or for a move. */
export function SaveIdentity() {
  const text = words.safety.identity
  const { fingerprint, movedAt } = useApp(app => app.identity)
  const [kind, setKind] = useState<'copy' | 'move'>('copy')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [errors, setErrors] = useState<{ password?: string; again?: string }>({})
  const [done, setDone] = useState<string>()
  const save = useCall('identity.export')
  const form = useRef<HTMLFormElement>(null)
  // After a move there are no copies, only another move.
  const chosen = movedAt === undefined ? kind : 'move'

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setDone(undefined)
    const wrong =
      [...password].length < MIN_PASSWORD ? { password: text.passwordShort } : password === again ? {} : { again: text.againBad }
    focusFault(form.current, () => setErrors(wrong))
    const [first] = Object.values(wrong)
    if (first !== undefined) return announce(first)
    const answer = await save.run({ password, move: chosen === 'move' })
    if (!answer.ok) return
    const { name, text: content } = answer.result
    saveFile(name, content)
    setPassword('')
    setAgain('')
    setDone(text.saved(name))
    announce(text.saved(name))
  }

  if (fingerprint === undefined) return null
  return (
    <Card title={text.saveTitle}>
      <p>{text.saveText}</p>
      <form className="stack" ref={form} onSubmit={submit} noValidate>
        {movedAt === undefined && (
          <ChoiceField name="identity-kind" label={text.kind} value={kind} options={text.kinds} hints={text.kindHints} onChange={setKind} />
        )}
        <div className="field-pair">
          <PasswordField
            purpose="new"
            label={text.password}
            hint={text.passwordHint}
            error={errors.password}
            value={password}
            onChange={setPassword}
          />
          <PasswordField purpose="new" label={text.again} error={errors.again} value={again} onChange={setAgain} />
        </div>
        <div className="row">
          <Button type="submit" kind={chosen === 'move' && movedAt === undefined ? 'danger' : 'primary'} off={save.busy}>
            {save.busy ? words.working : movedAt !== undefined ? text.saveTitle : chosen === 'move' ? text.saveMove : text.saveCopy}
          </Button>
          {done && <p>{done}</p>}
        </div>
      </form>
      <FailureNotice failure={save.failure} onDismiss={save.dismiss} />
    </Card>
  )
}

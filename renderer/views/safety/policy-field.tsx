import { useEffect, useState } from 'react'
import type { PolicyCheck } from '../../../shared/safety.ts'
import { Field } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { policyFault, policyWords } from './model.ts'

/** How long typing must rest before the policy is looked at, ms. */
const REST_MS = 250
const MAX_CHARACTERS = 32_000

/**
 * An exit policy as text, judged by the relay program while it is typed: where it is wrong, or what it lets out. `error` is what this window
 * found by itself; `onVerdict` hears whether the text that is shown can be saved, `undefined` while that is not known.
 */
export function PolicyField({
  label,
  hint,
  error,
  value,
  onChange,
  onVerdict,
}: {
  label: string
  hint: string
  error?: string | undefined
  value: string
  onChange: (value: string) => void
  onVerdict: (good: boolean | undefined) => void
}) {
  const text = words.safety.policy
  const [checked, setChecked] = useState<{ readonly of: string; readonly answer: PolicyCheck }>()
  const { run } = useCall('policy.check')
  useEffect(() => {
    onVerdict(undefined)
    const timer = setTimeout(async () => {
      const answer = await run({ text: value.slice(0, MAX_CHARACTERS) })
      if (!answer.ok) return
      setChecked({ of: value, answer: answer.result })
      onVerdict(answer.result.ok)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [value, run, onVerdict])
  const answer = checked?.of === value ? checked.answer : undefined
  const fault = answer && !answer.ok ? policyFault(answer) : undefined
  return (
    <div className="policy">
      <Field label={label} hint={hint} error={fault ?? error}>
        {wiring => (
          <textarea
            {...wiring}
            rows={3}
            dir="ltr"
            spellCheck={false}
            value={value}
            onChange={event => onChange(event.currentTarget.value)}
          />
        )}
      </Field>
      {answer?.ok && <p className="policy-summary">{policyWords(answer)}</p>}
      {answer?.ok && answer.risks.length > 0 && (
        <Notice kind="warn">
          {answer.risks.map(risk => (
            <p key={risk}>{text.risks[risk]}</p>
          ))}
        </Notice>
      )}
    </div>
  )
}

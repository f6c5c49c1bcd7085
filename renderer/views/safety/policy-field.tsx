import { useEffect } from 'react'
import { Field } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { words } from '../../i18n/words.ts'
import { policyFault, policyWords } from './model.ts'
import { useRested } from './use-rested.ts'

/** The most that the contract takes. */
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
  const answer = useRested('policy.check', { text: value.slice(0, MAX_CHARACTERS) })
  const verdict = answer?.ok
  useEffect(() => onVerdict(verdict), [verdict, onVerdict])
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
      {answer?.ok !== false && <p className="policy-summary">{answer ? policyWords(answer) : text.checking}</p>}
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

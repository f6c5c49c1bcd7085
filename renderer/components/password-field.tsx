import { Field } from './form.tsx'

/** A field for a password. `purpose`: of a new one, or of one that is there. */
export function PasswordField({
  label,
  hint,
  error,
  purpose,
  value,
  onChange,
}: {
  label: string
  hint?: string
  error?: string | undefined
  purpose: 'new' | 'current'
  value: string
  onChange: (value: string) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {wiring => (
        <input
          {...wiring}
          type="password"
          dir="ltr"
          maxLength={1000}
          autoComplete={purpose === 'new' ? 'new-password' : 'off'}
          spellCheck={false}
          value={value}
          onChange={event => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

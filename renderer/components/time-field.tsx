import { Field } from './form.tsx'

/** A day and a time, to the second; what it holds is read by `timeOf`. */
export function TimeField({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string
  hint?: string
  error?: string | undefined
  value: string
  onChange: (value: string) => void
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      {wiring => <input {...wiring} type="datetime-local" step="1" value={value} onChange={event => onChange(event.currentTarget.value)} />}
    </Field>
  )
}

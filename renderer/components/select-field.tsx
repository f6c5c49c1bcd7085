import { Field } from './form.tsx'

/** One of several, from a list that opens. */
export function SelectField<T extends string>({
  label,
  hint,
  value,
  options,
  onChange,
}: {
  label: string
  hint?: string
  value: T
  options: readonly (readonly [value: T, name: string])[]
  onChange: (value: T) => void
}) {
  return (
    <Field label={label} hint={hint}>
      {wiring => (
        <select {...wiring} value={value} onChange={event => onChange(event.currentTarget.value as T)}>
          {options.map(([option, name]) => (
            <option key={option} value={option}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

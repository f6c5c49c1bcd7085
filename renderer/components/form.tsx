import { type InputHTMLAttributes, type ReactNode, useId } from 'react'

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly children: (wiring: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }) => ReactNode
}

/** A labelled control with its hint and, when it is wrong, what would be right. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': describedBy, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

/** A field of one line of text. */
export function TextField({ label, hint, error, ...input }: Omit<FieldProps, 'children'> & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {wiring => <input {...wiring} type="text" autoComplete="off" spellCheck={false} {...input} />}
    </Field>
  )
}

interface ChoiceFieldProps<T extends string> {
  readonly label: string
  readonly name: string
  readonly value: T
  readonly options: Record<T, string>
  readonly hints?: Record<T, string>
  readonly onChange: (value: T) => void
  /** Shows the options as parts of one bar. */
  readonly segments?: boolean
}

/** One of a few, as radio buttons. */
export function ChoiceField<T extends string>({ label, name, value, options, hints, onChange, segments = false }: ChoiceFieldProps<T>) {
  const id = useId()
  return (
    <div role="radiogroup" className={segments ? 'choice segments' : 'choice'} aria-labelledby={id}>
      <span className={segments ? 'for-screen-readers' : 'choice-label'} id={id}>
        {label}
      </span>
      <div className="choice-options">
        {(Object.entries(options) as [T, string][]).map(([option, text]) => (
          <label key={option}>
            <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
            <span>
              {text}
              {hints && <small>{hints[option]}</small>}
            </span>
          </label>
        ))}
      </div>
    </div>
  )
}

/** On or off, as a switch with its words. */
export function SwitchField({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string
  hint?: string
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  const id = useId()
  return (
    <div className="switch-field">
      <div>
        <span id={id}>{label}</span>
        {hint && (
          <p className="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <Switch labelledBy={id} describedBy={hint ? `${id}-hint` : undefined} checked={checked} onChange={onChange} />
    </div>
  )
}

/** A switch; what it switches is named by another element. */
export function Switch({
  labelledBy,
  describedBy,
  checked,
  off = false,
  big = false,
  onChange,
}: {
  labelledBy: string
  describedBy?: string | undefined
  checked: boolean
  off?: boolean
  big?: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <button
      type="button"
      role="switch"
      className={big ? 'switch big' : 'switch'}
      aria-checked={checked}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-disabled={off || undefined}
      onClick={() => !off && onChange(!checked)}
    >
      <span className="thumb" />
    </button>
  )
}

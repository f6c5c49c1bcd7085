import type { ButtonHTMLAttributes, ReactNode } from 'react'

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'link'
  /** Keeps the focus where it is but does nothing when pressed. */
  readonly off?: boolean
  readonly children: ReactNode
}

/** A button. `off` is told by `aria-disabled`, so that a busy button keeps the keyboard's focus. */
export function Button({ kind = 'plain', off = false, onClick, children, className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={['button', className].filter(Boolean).join(' ')}
      data-kind={kind}
      aria-disabled={off || undefined}
      onClick={event => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {children}
    </button>
  )
}

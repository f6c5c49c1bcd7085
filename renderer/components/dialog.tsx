import { type ReactNode, useEffect, useId, useRef } from 'react'
import { words } from '../i18n/words.ts'
import { Button } from './button.tsx'

interface DialogProps {
  readonly title: string
  readonly children: ReactNode
  /** The button that does it, at the end of the row. */
  readonly action: ReactNode
  readonly onClose: () => void
}

/**
 * A question in front of the page. The browser's own modal dialog keeps the focus inside and closes on Escape; who shows the question takes it
 * away at once, before the browser does: its event `close` comes a frame later, and whoever asked again within that frame would lose the new question.
 */
export function Dialog({ title, children, action, onClose }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={id}
      onCancel={event => {
        // A file picker within, put away without a file, sends the same event up to here.
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        onClose()
      }}
      onClose={onClose}
    >
      <h2 id={id}>{title}</h2>
      <div>{children}</div>
      <div className="row end">
        <Button onClick={onClose}>{words.cancel}</Button>
        {action}
      </div>
    </dialog>
  )
}

interface ConfirmDialogProps {
  readonly title: string
  readonly children: ReactNode
  /** The words of the button that does it. */
  readonly confirm: string
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back; the question is gone before it is done. */
export function ConfirmDialog({ title, children, confirm, onConfirm, onClose }: ConfirmDialogProps) {
  const action = (
    <Button
      kind="danger"
      onClick={() => {
        onClose()
        onConfirm()
      }}
    >
      {confirm}
    </Button>
  )
  return (
    <Dialog title={title} onClose={onClose} action={action}>
      {children}
    </Dialog>
  )
}

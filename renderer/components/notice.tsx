import type { ReactNode } from 'react'
import type { CallFailure } from '../bridge.ts'
import { type Evidence, failureWords, words } from '../i18n/words.ts'
import { Facts } from './facts.tsx'
import { Icon } from './icons.tsx'

interface NoticeProps {
  readonly kind: 'info' | 'warn' | 'bad'
  readonly title?: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
  readonly onDismiss?: () => void
}

/** A framed message of the page, beside what it is about. */
export function Notice({ kind, title, children, actions, onDismiss }: NoticeProps) {
  return (
    <div className="notice" data-kind={kind}>
      <div className="notice-icon">{kind === 'info' ? <Icon name="about" /> : <Icon name="warn" />}</div>
      <div className="notice-body">
        {title && <p className="notice-title">{title}</p>}
        {children}
        {actions && <div className="row">{actions}</div>}
      </div>
      {onDismiss && (
        <button type="button" className="icon-button" aria-label={words.dismiss} onClick={onDismiss}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  )
}

/** The facts that a problem came with. */
export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null
  return (
    <div className="evidence">
      <p className="eyebrow">{words.evidence}</p>
      <Facts className="facts" rows={evidence.map(({ name, value }) => [name, value])} />
    </div>
  )
}

/** The ways on from a problem; any one of them may help, so they have no numbers. */
export function Ways({ ways }: { ways: readonly string[] }) {
  if (ways.length === 1) return <p>{ways[0]}</p>
  return (
    <ul className="points">
      {ways.map(way => (
        <li key={way}>{way}</li>
      ))}
    </ul>
  )
}

/** Why a call failed, beside the control that made it. The words are announced by the call itself. */
export function FailureNotice({ failure, onDismiss }: { failure: CallFailure | undefined; onDismiss: () => void }) {
  if (!failure) return null
  const { title, text, evidence } = failureWords(failure)
  return (
    <Notice kind="bad" title={title} onDismiss={onDismiss}>
      <p>{text}</p>
      <EvidenceList evidence={evidence} />
    </Notice>
  )
}

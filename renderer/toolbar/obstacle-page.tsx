import type { ReactNode } from 'react'
import type { Obstacle, ToolbarAction } from '../../shared/toolbar.ts'
import { Button } from '../components/button.tsx'
import { Facts } from '../components/facts.tsx'
import { Icon } from '../components/icons.tsx'
import { formatDay, words } from '../i18n/words.ts'

interface ObstacleProps {
  readonly obstacle: Obstacle
  readonly canGoBack: boolean
  act(action: ToolbarAction): void
}

/** Stands where a page would: why there is none, what that means, and what to do. */
export function ObstaclePage({ obstacle, canGoBack, act }: ObstacleProps) {
  const text = words.toolbar
  const retry = (
    <Button kind="primary" onClick={() => act({ do: 'reload' })}>
      {text.tryAgain}
    </Button>
  )
  const back = canGoBack && <Button onClick={() => act({ do: 'back' })}>{text.goBack}</Button>
  switch (obstacle.kind) {
    case 'empty':
      return <Sheet kind="info" title={text.emptyTitle} text={text.emptyText} />
    case 'failed': {
      const [title, cause] = failureWords(obstacle)
      return (
        <Sheet
          kind="warn"
          title={title}
          text={`${cause} ${text.nothingDirect}`}
          facts={[[text.errorName, obstacle.code]]}
          host={obstacle.host}
        >
          {retry}
          {back}
        </Sheet>
      )
    }
    case 'certificate': {
      const { certificate, code, host } = obstacle
      const facts: [string, string][] = [[text.errorName, code]]
      if (certificate) {
        facts.unshift(
          [text.certificateFor, certificate.subject],
          [text.certificateBy, certificate.issuer],
          [text.certificateTime, text.certificateSpan(formatDay(certificate.from), formatDay(certificate.until))],
        )
      }
      const cause = text.certificateCauses[certificateCause(code)]
      return (
        <Sheet kind="bad" title={text.certificateTitle(host)} text={`${cause} ${text.certificateText}`} facts={facts}>
          {back}
          {retry}
        </Sheet>
      )
    }
    case 'plain':
      return (
        <Sheet kind="warn" title={text.plainTitle(obstacle.host)} text={text.plainText} facts={[[text.errorName, obstacle.code]]}>
          {back}
          <Button onClick={() => act({ do: 'load-plain' })}>{text.loadPlain}</Button>
        </Sheet>
      )
    case 'crashed':
      return (
        <Sheet kind="warn" title={text.crashedTitle} text={text.crashedText}>
          {retry}
        </Sheet>
      )
    default:
      return obstacle satisfies never
  }
}

function Sheet(props: {
  readonly kind: 'info' | 'warn' | 'bad'
  readonly title: string
  readonly text: string
  readonly host?: string
  readonly facts?: readonly (readonly [name: string, value: string])[]
  readonly children?: ReactNode
}) {
  const { kind, title, text, host, facts, children } = props
  return (
    <section className="sheet" data-kind={kind}>
      {kind !== 'info' && <Icon name="warn" />}
      {host && (
        <p className="sheet-host">
          <bdi dir="ltr">{host}</bdi>
        </p>
      )}
      <h2>{title}</h2>
      <p role="status">{text}</p>
      {facts && <Facts rows={facts} />}
      {children && <div className="row">{children}</div>}
    </section>
  )
}

/** What our own proxy said says more than Chromium's name of the error. */
function failureWords({ code, refusal }: Extract<Obstacle, { kind: 'failed' }>): readonly [title: string, text: string] {
  const text = words.toolbar
  if (code === 'ERR_PROXY_CONNECTION_FAILED') return text.proxyGone as [string, string]
  return refusal === undefined ? [text.failedTitle, text.failedText] : text.failures[refusal]
}

/** Which of our causes a name of Chromium's means. */
function certificateCause(code: string): keyof typeof words.toolbar.certificateCauses {
  if (code === 'ERR_CERT_DATE_INVALID' || code === 'ERR_CERT_VALIDITY_TOO_LONG') return 'date'
  if (code === 'ERR_CERT_COMMON_NAME_INVALID') return 'name'
  if (code === 'ERR_CERT_AUTHORITY_INVALID' || code === 'ERR_CERT_KNOWN_INTERCEPTION_BLOCKED') return 'authority'
  if (code === 'ERR_CERT_REVOKED') return 'revoked'
  return /WEAK/.test(code) ? 'weak' : 'other'
}

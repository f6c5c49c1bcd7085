import { useState } from 'react'
import type { AppState } from '../../../shared/state.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatDay, words } from '../../i18n/words.ts'
import { GiveConsent } from '../home/give-consent.tsx'

type Consent = NonNullable<AppState['consents']['relay']>
type Question = 'give-relay' | 'give-perspective' | 'withdraw-relay' | 'withdraw-perspective'

function standing(given: Consent | undefined, before: Consent | undefined): string {
  const text = words.settings
  if (given) return text.consentGiven(formatDay(given.at))
  return before ? text.consentOutdated(formatDay(before.at)) : text.consentNotGiven
}

/** The two agreements with their dates; each can be withdrawn at once. */
export function Agreements() {
  const text = words.settings
  const consents = useApp(app => app.consents)
  const consent = useCall('consent.set')
  const [question, setQuestion] = useState<Question>()
  const close = () => setQuestion(undefined)
  const set = (relay: boolean, perspective: boolean) => {
    close()
    void consent.run({ relay, perspective })
  }
  const rows = [
    { which: 'relay', name: text.relayConsent, given: consents.relay, before: consents.outdated?.relay },
    { which: 'perspective', name: text.perspectiveConsent, given: consents.perspective, before: consents.outdated?.perspective },
  ] as const
  return (
    <Card title={text.sections.consents} anchor="consents">
      <dl className="rows">
        {rows.map(({ which, name, given, before }) => (
          <div key={which}>
            <dt>
              {name}
              <small>{standing(given, before)}</small>
            </dt>
            <dd>
              {given ? (
                <Button aria-label={`${text.withdraw}: ${name}`} onClick={() => setQuestion(`withdraw-${which}`)}>
                  {text.withdraw}
                </Button>
              ) : (
                <Button
                  aria-label={`${text.give}: ${name}`}
                  off={which === 'perspective' && !consents.relay}
                  onClick={() => setQuestion(`give-${which}`)}
                >
                  {text.give}
                </Button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <FailureNotice failure={consent.failure} onDismiss={consent.dismiss} />
      {question === 'give-relay' && <GiveConsent which="relay" onClose={close} onAgree={() => set(true, false)} />}
      {question === 'give-perspective' && <GiveConsent which="perspective" onClose={close} onAgree={() => set(true, true)} />}
      {question === 'withdraw-relay' && (
        <ConfirmDialog title={text.withdrawRelayTitle} confirm={text.withdraw} onClose={close} onConfirm={() => set(false, false)}>
          <p>{text.withdrawRelayText}</p>
        </ConfirmDialog>
      )}
      {question === 'withdraw-perspective' && (
        <ConfirmDialog title={text.withdrawPerspectiveTitle} confirm={text.withdraw} onClose={close} onConfirm={() => set(true, false)}>
          <p>{text.withdrawPerspectiveText}</p>
        </ConfirmDialog>
      )}
    </Card>
  )
}

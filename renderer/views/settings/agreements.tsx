import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatDay, words } from '../../i18n/words.ts'
import { ConsentCard } from '../home/welcome.tsx'

type Question = 'give-relay' | 'give-perspective' | 'withdraw-relay' | 'withdraw-perspective'

/** Asks the agreement that is missing; the box is never ticked beforehand. */
function GiveDialog({ which, onClose, onAgree }: { which: 'relay' | 'perspective'; onClose: () => void; onAgree: () => void }) {
  const text = words.settings
  const [agreed, setAgreed] = useState(false)
  return (
    <Dialog
      title={which === 'relay' ? text.relayConsent : text.perspectiveConsent}
      onClose={onClose}
      action={
        <Button kind="primary" off={!agreed} onClick={onAgree}>
          {which === 'relay' ? words.journey.consent.setUp : words.journey.consent.saveSharing}
        </Button>
      }
    >
      <ConsentCard which={which} checked={agreed} onChange={setAgreed} />
    </Dialog>
  )
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
    { which: 'relay', name: text.relayConsent, given: consents.relay },
    { which: 'perspective', name: text.perspectiveConsent, given: consents.perspective },
  ] as const
  return (
    <Card title={text.sections.consents} anchor="consents">
      <dl className="rows">
        {rows.map(({ which, name, given }) => (
          <div key={which}>
            <dt>
              {name}
              <small>{given ? text.consentGiven(formatDay(given.at)) : text.consentNotGiven}</small>
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
      {question === 'give-relay' && <GiveDialog which="relay" onClose={close} onAgree={() => set(true, false)} />}
      {question === 'give-perspective' && <GiveDialog which="perspective" onClose={close} onAgree={() => set(true, true)} />}
      {question === 'withdraw-relay' && (
        <Dialog
          title={text.withdrawRelayTitle}
          onClose={close}
          action={
            <Button kind="danger" onClick={() => set(false, false)}>
              {text.withdraw}
            </Button>
          }
        >
          <p>{text.withdrawRelayText}</p>
        </Dialog>
      )}
      {question === 'withdraw-perspective' && (
        <Dialog
          title={text.withdrawPerspectiveTitle}
          onClose={close}
          action={
            <Button kind="danger" onClick={() => set(true, false)}>
              {text.withdraw}
            </Button>
          }
        >
          <p>{text.withdrawPerspectiveText}</p>
        </Dialog>
      )}
    </Card>
  )
}

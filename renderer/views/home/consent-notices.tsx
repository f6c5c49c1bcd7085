import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { formatDay, formatList, words } from '../../i18n/words.ts'
import { GiveConsent } from './give-consent.tsx'

/** Calm questions about agreements: a text that says more than it did, and a line that is another than the one agreed to. */
export function ConsentNotices() {
  const { relay, outdated, elsewhere } = useApp(app => app.consents)
  const consent = useCall('consent.set')
  const [reading, setReading] = useState(false)
  const text = words.journey.consentNotices
  const share = (perspective: boolean) => {
    setReading(false)
    void consent.run({ relay: true, perspective })
  }
  const changed = outdated?.relay ? { ...text.relayChanged, at: outdated.relay.at } : undefined
  const widened = !changed && outdated?.perspective ? { ...text.sharingChanged, at: outdated.perspective.at } : undefined
  return (
    <>
      {changed && (
        <Notice kind="info" title={changed.title}>
          <p>{changed.text(formatDay(changed.at))}</p>
        </Notice>
      )}
      {widened && relay && (
        <Notice
          kind="info"
          title={widened.title}
          actions={
            <>
              <Button kind="primary" onClick={() => setReading(true)}>
                {text.read}
              </Button>
              <Button off={consent.busy} onClick={() => share(false)}>
                {text.leave}
              </Button>
            </>
          }
        >
          <p>{widened.text(formatDay(widened.at))}</p>
        </Notice>
      )}
      {elsewhere && (
        <Notice
          kind="info"
          title={text.elsewhere.title}
          actions={
            <>
              <Button off={consent.busy} onClick={() => share(true)}>
                {text.elsewhere.goOn}
              </Button>
              <Button off={consent.busy} onClick={() => share(false)}>
                {text.elsewhere.stop}
              </Button>
            </>
          }
        >
          <p>{text.elsewhere.text(formatList(elsewhere.agreed), formatList(elsewhere.now))}</p>
        </Notice>
      )}
      <FailureNotice failure={consent.failure} onDismiss={consent.dismiss} />
      {reading && <GiveConsent which="perspective" onClose={() => setReading(false)} onAgree={() => share(true)} />}
    </>
  )
}

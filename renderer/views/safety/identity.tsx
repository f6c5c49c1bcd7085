import { useState } from 'react'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyField } from '../../components/copy-field.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall, useNow } from '../../context.tsx'
import { formatTime, words } from '../../i18n/words.ts'
import { groupedFingerprint } from '../../model.ts'
import { LoadIdentity } from './load-identity.tsx'
import { SaveIdentity } from './save-identity.tsx'

/** Whose relay this is, and the way out of a lock after a move. */
function Here() {
  const text = words.safety.identity
  const now = useNow()
  const { fingerprint, movedAt } = useApp(app => app.identity)
  const keep = useCall('identity.keep')
  const [asking, setAsking] = useState(false)
  return (
    <Card title={text.hereTitle}>
      {fingerprint === undefined ? (
        <p className="hint">{text.none}</p>
      ) : (
        <>
          <p>{text.here}</p>
          <CopyField label={text.fingerprint} value={groupedFingerprint(fingerprint)} text={fingerprint} />
        </>
      )}
      {movedAt !== undefined && (
        <Notice
          kind="warn"
          title={text.movedTitle}
          actions={
            <Button off={keep.busy} onClick={() => setAsking(true)}>
              {text.keep}
            </Button>
          }
        >
          <p>{text.movedText(formatTime(movedAt, now))}</p>
        </Notice>
      )}
      <FailureNotice failure={keep.failure} onDismiss={keep.dismiss} />
      {asking && (
        <ConfirmDialog
          title={text.keepTitle}
          confirm={text.keepDo}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            const { ok } = await keep.run(undefined)
            if (ok) announce(text.kept)
          }}
        >
          <p>{text.keepText}</p>
        </ConfirmDialog>
      )}
    </Card>
  )
}

/** The relay's identity: shown, saved, taken from a file. */
export function IdentitySection() {
  return (
    <>
      <Here />
      <SaveIdentity />
      <LoadIdentity />
    </>
  )
}

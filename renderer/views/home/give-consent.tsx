import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { words } from '../../i18n/words.ts'
import { RelayConsent, SharingConsent } from './consent-cards.tsx'
import { type Statement, statementsLeft } from './welcome-state.ts'

/** Asks the agreement that is missing; no box is ticked beforehand. */
export function GiveConsent({ which, onClose, onAgree }: { which: 'relay' | 'perspective'; onClose: () => void; onAgree: () => void }) {
  const text = words.journey.consent
  const [relay, setRelay] = useState(false)
  const [sharing, setSharing] = useState<readonly Statement[]>([])
  const agreed = which === 'relay' ? relay : statementsLeft(sharing) === 0
  return (
    <Dialog
      title={text[which].title}
      onClose={onClose}
      action={
        <Button kind="primary" off={!agreed} onClick={onAgree}>
          {which === 'relay' ? text.setUp : text.saveSharing}
        </Button>
      }
    >
      {which === 'relay' ? <RelayConsent checked={relay} onChange={setRelay} /> : <SharingConsent ticked={sharing} onChange={setSharing} />}
    </Dialog>
  )
}

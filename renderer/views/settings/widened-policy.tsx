import type { PolicyWidening } from '../../../shared/safety.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { words } from '../../i18n/words.ts'
import { portsWords } from '../safety/model.ts'

/** Asks before members may reach more than what sharing was agreed for. */
export function WidenedPolicy({ widening, onClose, onAgree }: { widening: PolicyWidening; onClose: () => void; onAgree: () => void }) {
  const text = words.settings.widening
  return (
    <Dialog
      title={text.title}
      onClose={onClose}
      action={
        <Button kind="danger" onClick={onAgree}>
          {text.agree}
        </Button>
      }
    >
      <div className="stack">
        <p>{text.text(portsWords(widening.ports))}</p>
        {widening.risks.length > 0 && (
          <ul className="points">
            {widening.risks.map(risk => (
              <li key={risk}>{words.safety.policy.risks[risk]}</li>
            ))}
          </ul>
        )}
        <p>{text.remember}</p>
      </div>
    </Dialog>
  )
}

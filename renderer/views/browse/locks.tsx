import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Icon } from '../../components/icons.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'

/** Exactly what is missing before browsing is unlocked, and where to do something about each. */
export function LocksCard() {
  const { locks, asking, network } = useApp(app => ({
    locks: app.perspective.locks,
    asking: app.journey.step === 'consent',
    network: app.network.kind,
  }))
  return (
    <Card title={words.browse.lockedTitle} className="locks">
      <p>{words.browse.lockedText}</p>
      <ul className="lock-list">
        {locks.map(lock => {
          const { title, text, place, action } = words.locks[lock]
          return (
            <li key={lock}>
              <Icon name="lock" />
              <div>
                <strong>{title}</strong>
                <p>{text}</p>
              </div>
              {/* Without any agreement the question is asked at home; later on, in the settings. */}
              <Button aria-label={`${action}: ${title}`} onClick={() => go(lock === 'no-consent' && !asking ? 'settings' : place)}>
                {action}
              </Button>
            </li>
          )
        })}
      </ul>
      <p className="hint">
        {/* Of what a relay that does not run lacks, little is known. */}
        {!locks.includes('relay-stopped') && words.browse.lockedDone} {network !== 'file' && words.browse.lockedTime[network]}
      </p>
    </Card>
  )
}

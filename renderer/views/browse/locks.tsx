import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Icon } from '../../components/icons.tsx'
import { useApp } from '../../context.tsx'
import type { Lock } from '../../i18n/en/locks.ts'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'

/** Exactly what is missing before browsing is unlocked, and where to do something about each. */
export function LocksCard() {
  const { locks, asking, network, wasOpen } = useApp(app => ({
    locks: app.perspective.locks,
    asking: app.journey.step === 'consent',
    network: app.network.kind,
    wasOpen: app.record.milestones.stable !== undefined,
  }))
  /** Without any agreement the question is asked at home, and nothing can be started before; later on it is asked in the settings. */
  const wayOf = (lock: Lock) => {
    const { place, action } = words.locks[lock === 'relay-stopped' && asking ? 'no-consent' : lock]
    return { action, place: lock === 'no-consent' && !asking ? 'settings' : place }
  }
  return (
    <Card title={wasOpen ? words.browse.lockedAgainTitle : words.browse.lockedTitle} className="locks">
      <p>{words.browse.lockedText}</p>
      <ul className="lock-list">
        {locks.map((lock, index) => {
          const { title, text } = words.locks[lock]
          const { place, action } = wayOf(lock)
          const before = locks[index - 1]
          // One button for those that stand together and lead to the same place.
          const goes = before === undefined || wayOf(before).action !== action
          return (
            <li key={lock}>
              <Icon name="lock" />
              <div>
                <strong>{title}</strong>
                <p>{text}</p>
              </div>
              {goes && (
                <Button aria-label={`${action}: ${title}`} onClick={() => go(place)}>
                  {action}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      <p className="hint">
        {/* Of what a relay that does not run lacks, little is known. */}
        {!locks.includes('relay-stopped') && words.browse.lockedDone} {network !== 'file' && !wasOpen && words.browse.lockedTime[network]}
      </p>
    </Card>
  )
}

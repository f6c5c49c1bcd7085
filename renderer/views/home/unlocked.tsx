import { Button } from '../../components/button.tsx'
import { Figure } from '../../components/card.tsx'
import { Horizon } from '../../components/horizon.tsx'
import { useApp, useFigures, useNow } from '../../context.tsx'
import { formatBytes, formatTime, words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'
import { lookingWords } from '../browse/place-words.ts'

/** The moment it was for: the view is open. */
export function UnlockedStep() {
  const { relays, countries, looking } = useApp(app => ({
    relays: app.perspective.relays.length,
    countries: app.perspective.countries.length,
    looking: app.perspective.choice.kind === 'off' ? undefined : lookingWords(app.perspective, app.settings.lists),
  }))
  const text = words.journey.unlocked
  return (
    <>
      <div className="open-view">
        <Horizon open />
        <div className="row">
          <Button kind="primary" onClick={() => go('browse')}>
            {looking === undefined ? text.choose : text.openPage}
          </Button>
          <p>{looking !== undefined ? looking : relays === 0 ? text.availableNone : text.available(relays, countries)}</p>
        </div>
      </div>
      <Exchanged />
      <p className="hint">{text.reminder}</p>
    </>
  )
}

/** What went through this relay, and through those of others for us. */
function Exchanged() {
  const { carried, served, used } = useFigures(app => ({
    carried: app.relay.carried,
    served: app.relay.perspectiveServed,
    used: app.perspective.used,
  }))
  const text = words.journey.unlocked
  const sum = (bytes: { read: number; written: number }) => formatBytes(bytes.read + bytes.written)
  return (
    <dl className="figures">
      <Figure label={text.youGave} value={sum(carried)} note={text.sinceStart} />
      <Figure label={text.membersUsed} value={sum(served)} note={text.sinceStart} />
      <Figure label={text.youUsed} value={sum(used)} note={text.sinceStart} />
    </dl>
  )
}

/** A good relay whose owner keeps its perspective to itself: thanks, and the way to join. */
export function RelayingStep() {
  const { since, asked } = useApp(({ journey, consents }) => ({
    since: journey.step === 'relaying' ? journey.since : 0,
    asked: consents.outdated?.perspective !== undefined,
  }))
  const carried = useFigures(app => app.relay.carried)
  const now = useNow()
  const text = words.journey.relaying
  return (
    <>
      <div className="open-view">
        <Horizon open={false} />
        <div className="row">
          {/* A question about it that waits above has the first word. */}
          <Button kind={asked ? undefined : 'primary'} onClick={() => go('settings')}>
            {text.join}
          </Button>
          <p>{text.joinText}</p>
        </div>
      </div>
      <dl className="figures">
        <Figure
          label={words.journey.unlocked.youGave}
          value={formatBytes(carried.read + carried.written)}
          note={words.journey.unlocked.sinceStart}
        />
        <Figure label={text.since} value={formatTime(since, now)} />
      </dl>
    </>
  )
}

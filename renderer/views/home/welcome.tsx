import { useStore } from 'zustand'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icons.tsx'
import { Notice } from '../../components/notice.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'
import { RelayConsent, SharingConsent } from './consent-cards.tsx'
import { STATEMENTS, statementsLeft, welcome } from './welcome-state.ts'

/** What going on would mean now. */
function hintOf(relay: boolean, left: number): string {
  const text = words.journey.consent
  const untouched = left === STATEMENTS.length
  if (!relay) return untouched ? text.needRelay : text.sharingNeedsRelay
  if (left === 0) return text.withSharing
  return untouched ? text.withoutSharing : text.sharingUnfinished(left)
}

/** The first screen: what this is, and the two separate agreements. They are given when the next page starts the relay. */
export function WelcomeStep() {
  const practice = useApp(app => app.network.kind === 'practice')
  const { relay, sharing } = useStore(welcome)
  const text = words.journey.consent
  return (
    <>
      {practice && (
        <Notice kind="info">
          <p>{text.practice}</p>
        </Notice>
      )}
      <ul className="pair knowing">
        {text.facts.map(([strong, rest]) => (
          <li key={strong}>
            <Icon name="about" />
            <p>
              <strong>{strong}</strong> {rest}
            </p>
          </li>
        ))}
      </ul>
      <RelayConsent checked={relay} onChange={checked => welcome.setState({ relay: checked })} />
      <SharingConsent ticked={sharing} onChange={ticked => welcome.setState({ sharing: ticked })} />
      <div className="row foot">
        <Button kind="primary" off={!relay} aria-describedby="consent-hint" onClick={() => welcome.setState({ page: 'details' })}>
          {text.goOn}
        </Button>
        <Button onClick={() => go('browse')}>{text.lookAround}</Button>
        <p className="hint" id="consent-hint">
          {hintOf(relay, statementsLeft(sharing))}
        </p>
      </div>
    </>
  )
}

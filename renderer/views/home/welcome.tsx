import { useStore } from 'zustand'
import { plainText } from '../../../shared/format.ts'
import { Button } from '../../components/button.tsx'
import { LanguageField } from '../../components/language-field.tsx'
import { Notice } from '../../components/notice.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'
import { welcome } from './welcome-state.ts'

/** One agreement: what it means, and the box to tick. Nothing is ticked before the person does it. */
export function ConsentCard({
  which,
  checked,
  onChange,
}: {
  which: 'relay' | 'perspective'
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  const policy = useApp(app => app.settings.perspectivePolicy)
  const text = words.journey.consent[which]
  return (
    <section className="card consent" data-checked={checked} aria-label={text.title}>
      <h2>{text.title}</h2>
      <ul className="points">
        {text.points.map(([strong, rest]) => (
          <li key={strong}>
            <strong>{strong}</strong> {rest}
          </li>
        ))}
        {which === 'perspective' && <li>{words.journey.consent.perspective.ports(plainText(policy))}</li>}
      </ul>
      <label className="tick">
        <input type="checkbox" checked={checked} onChange={event => onChange(event.currentTarget.checked)} />
        <span>{text.agree}</span>
      </label>
    </section>
  )
}

/** The first screen: what this is, and the two separate agreements. They are given when the next page starts the relay. */
export function WelcomeStep() {
  const practice = useApp(app => app.network.kind === 'practice')
  const { relay, perspective } = useStore(welcome)
  const text = words.journey.consent
  const hint = relay ? (perspective ? text.withSharing : text.withoutSharing) : perspective ? text.sharingNeedsRelay : text.needRelay
  return (
    <>
      {practice && (
        <Notice kind="info">
          <p>{text.practice}</p>
        </Notice>
      )}
      <div className="pair">
        <ConsentCard which="relay" checked={relay} onChange={checked => welcome.setState({ relay: checked })} />
        <ConsentCard which="perspective" checked={perspective} onChange={checked => welcome.setState({ perspective: checked })} />
      </div>
      <div className="row foot">
        <Button kind="primary" off={!relay} aria-describedby="consent-hint" onClick={() => welcome.setState({ page: 'details' })}>
          {text.goOn}
        </Button>
        <Button onClick={() => go('browse')}>{text.lookAround}</Button>
        <p className="hint" id="consent-hint">
          {hint}
        </p>
      </div>
      <div className="language">
        <LanguageField />
      </div>
    </>
  )
}

import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import { Button } from '../../components/button.tsx'
import { FailureNotice, Notice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { go } from '../../navigation.ts'

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

/** The first screen: what this is, and the two separate agreements. */
export function WelcomeStep() {
  const practice = useApp(app => app.network.kind === 'practice')
  const [relay, setRelay] = useState(false)
  const [perspective, setPerspective] = useState(false)
  const consent = useCall('consent.set')
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
        <ConsentCard which="relay" checked={relay} onChange={setRelay} />
        <ConsentCard which="perspective" checked={perspective} onChange={setPerspective} />
      </div>
      <FailureNotice failure={consent.failure} onDismiss={consent.dismiss} />
      <div className="row foot">
        <Button
          kind="primary"
          off={!relay || consent.busy}
          aria-describedby="consent-hint"
          onClick={() => consent.run({ relay, perspective })}
        >
          {text.setUp}
        </Button>
        <Button onClick={() => go('browse')}>{text.lookAround}</Button>
        <p className="hint" id="consent-hint">
          {hint}
        </p>
      </div>
    </>
  )
}

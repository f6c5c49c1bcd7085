import { useId } from 'react'
import { plainText } from '../../../shared/format.ts'
import { settings } from '../../../shared/settings.ts'
import { CopyField } from '../../components/copy-field.tsx'
import { useApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { STATEMENTS, type Statement, statementsLeft } from './welcome-state.ts'

/** Pages of others on what the law may ask of people who run relays. Shown to be copied: the window itself opens nothing outside. */
const LEGAL_PAGES = {
  eff: 'https://www.eff.org/pages/legal-faq-tor-relay-operators',
  tor: 'https://community.torproject.org/relay/community-resources/',
} as const

const USUAL_POLICY = settings.shape.perspectivePolicy.parse(undefined)

/** What members may reach: in words if it is the usual policy, else as its owner wrote it. */
function reachOf(policy: string): string {
  return policy === USUAL_POLICY ? words.journey.consent.perspective.usualPorts : plainText(policy)
}

function Points({ points }: { points: readonly (readonly string[])[] }) {
  return points.map(([strong, rest]) => (
    <li key={strong}>
      <strong>{strong}</strong> {rest}
    </li>
  ))
}

/** The agreement to be a relay: what it means, and one box. Nothing is ticked before the person does it. */
export function RelayConsent({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  const text = words.journey.consent.relay
  return (
    <section className="card consent" data-checked={checked} aria-label={text.title}>
      <h2>{text.title}</h2>
      <ul className="points">
        <Points points={text.points} />
      </ul>
      <label className="tick">
        <input type="checkbox" checked={checked} onChange={event => onChange(event.currentTarget.checked)} />
        <span>{text.agree}</span>
      </label>
    </section>
  )
}

/** The agreement to share one's perspective: statements that are ticked one by one, since each of them can be a reason not to. */
export function SharingConsent({ ticked, onChange }: { ticked: readonly Statement[]; onChange: (ticked: readonly Statement[]) => void }) {
  const policy = useApp(app => app.settings.perspectivePolicy)
  const hint = useId()
  const text = words.journey.consent.perspective
  const left = statementsLeft(ticked)
  const set = (statement: Statement, on: boolean) => onChange(on ? [...ticked, statement] : ticked.filter(other => other !== statement))
  return (
    <section className="card consent" data-checked={left === 0} aria-label={text.title}>
      <h2>{text.title}</h2>
      <p>{text.intro}</p>
      <div className="consent-halves">
        <div className="consent-facts">
          <ul className="points">
            <li>
              <strong>{text.reach}</strong> {reachOf(policy)}
            </li>
            <Points points={text.points} />
          </ul>
          <CopyField label={text.pages.eff} value={LEGAL_PAGES.eff} />
          <CopyField label={text.pages.tor} value={LEGAL_PAGES.tor} />
        </div>
        <div className="statements">
          <fieldset aria-describedby={hint}>
            <legend>{text.agree}</legend>
            {STATEMENTS.map(statement => {
              const [strong, rest] = text.statements[statement]
              return (
                <label className="tick" key={statement}>
                  <input
                    type="checkbox"
                    checked={ticked.includes(statement)}
                    onChange={event => set(statement, event.currentTarget.checked)}
                  />
                  <span>
                    {strong} <span className="tick-rest">{rest}</span>
                  </span>
                </label>
              )
            })}
          </fieldset>
          <p className="hint" id={hint} role="status">
            {left === 0 ? text.agreed : text.left(left)}
          </p>
        </div>
      </div>
    </section>
  )
}

import { useState } from 'react'
import type { Choice } from '../../../shared/state.ts'
import { Button } from '../../components/button.tsx'
import { Field } from '../../components/form.tsx'
import { useApp } from '../../context.tsx'
import { countryName, locale, words } from '../../i18n/words.ts'
import { torPossible } from '../../model.ts'

/** Ordinary Tor circuits: the way that is there when no member fits, and labelled as what it is. */
export function TorPanel({ busy, onChoose }: { busy: boolean; onChoose: (choice: Choice, name: string) => void }) {
  const { choice, fallback, possible } = useApp(app => ({
    choice: app.perspective.choice,
    fallback: app.perspective.torFallback,
    possible: torPossible(app),
  }))
  const [country, setCountry] = useState(choice.kind === 'tor' ? (choice.country ?? '') : '')
  const text = words.browse
  const taken = choice.kind === 'tor' && (choice.country ?? '') === country
  const byName = fallback
    .map(({ country: code, relays }) => ({ code, name: countryName(code), relays }))
    .sort((a, b) => a.name.localeCompare(b.name, locale))
  return (
    <div className="stack">
      <p>{text.torText}</p>
      <Field label={text.torCountry} hint={fallback.length === 0 ? text.torNone : undefined}>
        {wiring => (
          <select {...wiring} value={country} onChange={event => setCountry(event.currentTarget.value)}>
            <option value="">{text.torAny}</option>
            {byName.map(({ code, name, relays }) => (
              <option key={code} value={code}>
                {`${name} (${text.count(relays)})`}
              </option>
            ))}
          </select>
        )}
      </Field>
      {!possible && <p className="hint">{text.torLocked}</p>}
      <div className="row">
        <Button
          kind="primary"
          off={!possible || busy || taken}
          onClick={() =>
            country
              ? onChoose({ kind: 'tor', country }, text.lookingTorCountry(countryName(country)))
              : onChoose({ kind: 'tor' }, text.lookingTor)
          }
        >
          {text.torButton}
        </Button>
        {taken && <span className="hint">{text.takenNow}</span>}
      </div>
    </div>
  )
}

import { useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { Field } from '../../components/form.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { countryName, words } from '../../i18n/words.ts'
import { allCountries } from './countries.ts'

/** Country data errs: whoever knows better sets the country of a relay, for this computer. */
export function CorrectCountry({ relay }: { relay: PerspectiveRelay }) {
  const corrections = useApp(app => app.settings.countryCorrections)
  const update = useCall('settings.update')
  const [open, setOpen] = useState(false)
  const text = words.places.details
  const own = corrections.find(({ fingerprint }) => fingerprint === relay.fingerprint)?.country ?? ''

  async function set(country: string): Promise<void> {
    const { ok } = await update.run(({ settings }) => {
      const others = settings.countryCorrections.filter(({ fingerprint }) => fingerprint !== relay.fingerprint)
      return { countryCorrections: country === '' ? others : [...others, { fingerprint: relay.fingerprint, country }] }
    })
    if (ok && country !== '') announce(text.corrected(plainText(relay.nickname, 19), countryName(country)))
  }

  if (!open && own === '')
    return (
      <button type="button" className="quiet-button" onClick={() => setOpen(true)}>
        {text.correct}
      </button>
    )
  return (
    <>
      <Field label={text.correct} hint={text.correctHint}>
        {wiring => (
          <select {...wiring} value={own} onChange={event => set(event.currentTarget.value)}>
            <option value="">{text.correctData}</option>
            {allCountries().map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <FailureNotice failure={update.failure} onDismiss={update.dismiss} />
    </>
  )
}

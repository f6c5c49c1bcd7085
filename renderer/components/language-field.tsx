import { useApp, useCall } from '../context.tsx'
import { languageChoices, words } from '../i18n/words.ts'
import { Field } from './form.tsx'
import { FailureNotice } from './notice.tsx'

/** Which language the window speaks; each is named in itself, so that it is found from any other. Spoken at once. */
export function LanguageField() {
  const language = useApp(app => app.settings.language)
  const update = useCall('settings.update')
  return (
    <>
      <Field label={words.settings.language}>
        {wiring => (
          <select {...wiring} value={language} onChange={event => update.run({ language: event.currentTarget.value as typeof language })}>
            {languageChoices().map(({ value, name, lang }) => (
              <option key={value} value={value} lang={lang}>
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

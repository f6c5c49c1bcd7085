import { app } from 'electron'
import type { Settings } from '../../shared/settings.ts'
import { type Speech, speechFor } from '../../shared/words/speech.ts'

let spoken: { readonly setting: Settings['language']; readonly speech: Speech } | undefined

/** How the tray, dialogs and notifications speak: the language of the settings, or the first of the system's that there are words in. */
export function speechOf(setting: Settings['language']): Speech {
  // Formats of Intl are dear to make; the tray asks every second.
  if (spoken?.setting !== setting) spoken = { setting, speech: speechFor(setting, app.getPreferredSystemLanguages()) }
  return spoken.speech
}

import type { Language, Settings } from '../settings.ts'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en, type HostWords } from './en.ts'
import { Formats } from './formats.ts'
import { chooseLanguage, localeOf } from './language.ts'

/** Every language's words of the main process. */
export const hostWords: Record<Language, HostWords> = { en, de, ar }

/** How the main process speaks: words and formats of one language. */
export interface Speech {
  readonly words: HostWords
  readonly formats: Formats
}

/** `wanted`: the person's languages, the dearest first, for the setting `system`. */
export function speechFor(setting: Settings['language'], wanted: readonly string[]): Speech {
  const language = setting === 'system' ? chooseLanguage(wanted) : setting
  return { words: hostWords[language], formats: new Formats(localeOf(language, wanted)) }
}

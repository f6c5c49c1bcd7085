import { LANGUAGES, type Language } from '../settings.ts'

const languageOf = (tag: string): string => tag.toLowerCase().split('-')[0]!
const isLanguage = (language: string): language is Language => (LANGUAGES as readonly string[]).includes(language)

/** The first of the wanted languages that there are words in, else English. */
export function chooseLanguage(wanted: readonly string[]): Language {
  return wanted.map(languageOf).find(isLanguage) ?? 'en'
}

/**
 * The locale of numbers and times: the person's own when it is of the language. Arabic takes the digits 0–9, since ports, addresses and
 * fingerprints beside them are typed so too.
 */
export function localeOf(language: Language, wanted: readonly string[]): string {
  const own = wanted.find(tag => languageOf(tag) === language && isLocale(tag)) ?? language
  return language === 'ar' ? new Intl.Locale(own, { numberingSystem: 'latn' }).toString() : own
}

/** Systems hand out names of locales that Intl does not take ("de_DE@euro"). */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** Which way a language is written. */
export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr')

import { LANGUAGES, type Language } from '../../shared/settings.ts'

const languageOf = (tag: string): string => tag.toLowerCase().split('-')[0]!
const isLanguage = (language: string): language is Language => (LANGUAGES as readonly string[]).includes(language)

/** The person's languages, the dearest first. */
export const wantedLanguages = (): readonly string[] => (typeof navigator === 'undefined' ? [] : (navigator.languages ?? []))

/** The first of the wanted languages that there are words in, else English. */
export function chooseLanguage(wanted: readonly string[]): Language {
  return wanted.map(languageOf).find(isLanguage) ?? 'en'
}

/**
 * The locale of numbers and times: the person's own when it is of the language. Arabic takes the digits 0–9, since ports, addresses and
 * fingerprints beside them are typed so too.
 */
export function localeOf(language: Language, wanted: readonly string[]): string {
  const own = wanted.find(tag => languageOf(tag) === language) ?? language
  return language === 'ar' ? new Intl.Locale(own, { numberingSystem: 'latn' }).toString() : own
}

/** Which way a language is written. */
export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr')

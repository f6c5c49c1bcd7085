export { chooseLanguage, directionOf, localeOf } from '../../shared/words/language.ts'

/** The person's languages, the dearest first. */
export const wantedLanguages = (): readonly string[] => (typeof navigator === 'undefined' ? [] : (navigator.languages ?? []))

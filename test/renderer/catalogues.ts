import { ar } from '../../renderer/i18n/ar.ts'
import { de } from '../../renderer/i18n/de.ts'
import { type Catalogue, en } from '../../renderer/i18n/en.ts'
import type { Language } from '../../shared/settings.ts'

/** Every language's words at once. */
export const catalogues: Record<Language, Catalogue> = { en, de, ar }

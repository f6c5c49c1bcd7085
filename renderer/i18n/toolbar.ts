import type { Language } from '../../shared/settings.ts'
import { toolbar as ar } from './ar/toolbar.ts'
import { toolbar as de } from './de/toolbar.ts'
import { toolbar as en } from './en/toolbar.ts'

/** The words of the toolbar alone, so that its page stays small. */
export const toolbars: Record<Language, typeof en> = { en, de, ar }

import { plainText } from '../../shared/format.ts'
import type { LookChoice } from '../../shared/state.ts'
import type { ToolbarState, ToolbarTab } from '../../shared/toolbar.ts'
import { countryName, words } from '../i18n/words.ts'

/** What a tab is called: its page's title, or that it is new. */
export function tabName({ title }: ToolbarTab): string {
  return title || words.toolbar.newTab
}

/** What is looked through, in words. */
export function choiceName(choice: LookChoice, lists: ToolbarState['lists']): string {
  const text = words.toolbar
  switch (choice.kind) {
    case 'any':
      return text.anywhere
    case 'country':
      return countryName(choice.country)
    case 'relay':
      return choice.fingerprint.slice(0, 8)
    case 'list':
      return lists.find(({ id }) => id === choice.list)?.name ?? choice.list
    case 'tor':
      return choice.country === undefined ? text.torWay : text.torTo(countryName(choice.country))
    default:
      return choice satisfies never
  }
}

/** The same of a tab: what was chosen is followed by where that turned out to be. */
export function placeName({ choice, through }: Pick<ToolbarTab, 'choice' | 'through'>, lists: ToolbarState['lists']): string {
  if (choice.kind === 'relay' && through?.nickname !== undefined) return plainText(through.nickname, 19)
  if (choice.kind === 'any' && through?.country !== undefined) return countryName(through.country)
  return choiceName(choice, lists)
}

import { plainText } from '../../../shared/format.ts'
import type { AppState } from '../../../shared/state.ts'
import { countryName, words } from '../../i18n/words.ts'

type Lists = AppState['settings']['lists']

/** The name of the place that a choice means. */
export function placeName({ choice, relays }: Pick<AppState['perspective'], 'choice' | 'relays'>, lists: Lists = []): string {
  const text = words.browse
  switch (choice.kind) {
    case 'off':
      return text.off
    case 'any':
      return text.kinds.any
    case 'country':
      return countryName(choice.country)
    case 'relay': {
      const relay = relays.find(({ fingerprint }) => fingerprint === choice.fingerprint)
      return relay ? plainText(relay.nickname, 19) : `$${choice.fingerprint.slice(0, 8)}`
    }
    case 'list':
      return plainText(lists.find(({ id }) => id === choice.list)?.name ?? choice.list, 40)
    case 'tor':
      return choice.country ? `${text.modes.tor}, ${countryName(choice.country)}` : text.modes.tor
    default:
      return choice satisfies never
  }
}

/** A choice in words, as a heading. */
export function lookingWords({ choice, relays }: AppState['perspective'], lists: Lists = []): string {
  const text = words.browse
  switch (choice.kind) {
    case 'off':
      return text.off
    case 'any':
      return text.lookingAny
    case 'country':
      return text.lookingCountry(countryName(choice.country))
    case 'relay':
      return text.lookingRelay(placeName({ choice, relays }))
    case 'list':
      return text.lookingList(placeName({ choice, relays }, lists))
    case 'tor':
      return choice.country ? text.lookingTorCountry(countryName(choice.country)) : text.lookingTor
    default:
      return choice satisfies never
  }
}

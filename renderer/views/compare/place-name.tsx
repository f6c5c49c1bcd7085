import type { ComparePlace, CompareState } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { countryName, words } from '../../i18n/words.ts'

type Relays = readonly Pick<PerspectiveRelay, 'fingerprint' | 'nickname' | 'country'>[]

/** A place by its name. */
export function comparePlaceName(place: ComparePlace, relays: Relays): string {
  const text = words.compare
  switch (place.kind) {
    case 'country':
      return countryName(place.country)
    case 'relay': {
      const relay = relays.find(({ fingerprint }) => fingerprint === place.fingerprint)
      return relay ? plainText(relay.nickname, 19) : `$${place.fingerprint.slice(0, 8)}`
    }
    case 'tor':
      return place.country ? text.placeTorCountry(countryName(place.country)) : text.placeTor
    case 'home':
      return text.placeHome
    default:
      return place satisfies never
  }
}

/** A place's sign: the letters of its country, or a house. */
export function PlaceSign({ place, relays, country }: { place: ComparePlace; relays: Relays; country?: string | undefined }) {
  if (place.kind === 'home')
    return (
      <span className="plate">
        <Icon name="home" />
      </span>
    )
  const code = place.kind === 'relay' ? relays.find(({ fingerprint }) => fingerprint === place.fingerprint)?.country : place.country
  return <CountryPlate code={country ?? code ?? '?'} />
}

/** What stands under a place's name: the relay that the site sees, or whose line it is. */
export function placeNote({ place, through }: CompareState['columns'][number]): string {
  if (place.kind === 'home') return words.compare.placeHomeNote
  if (!through) return ''
  const country = countryName(through.country)
  return place.kind === 'relay'
    ? country
    : words.compare.via(plainText(through.nickname, 19) || `$${through.fingerprint.slice(0, 8)}`, country)
}

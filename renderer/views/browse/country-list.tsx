import type { Choice } from '../../../shared/state.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon } from '../../components/icons.tsx'
import { ListBox } from '../../components/list-box.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useApp } from '../../context.tsx'
import { countryName, locale, words } from '../../i18n/words.ts'
import { matches } from '../../model.ts'
import { FavouriteSign } from './favourite-sign.tsx'
import { folded } from './relay-index.ts'

/** What the lists to pick from are given: the search, whether choosing is locked, and where a choice goes. */
export interface PickListProps {
  readonly query: string
  readonly off: boolean
  readonly onQuery: (query: string) => void
  readonly onChoose: (choice: Choice, name: string) => void
}

const keyOf = ({ country }: { country: string }) => country
const nameOf = ({ name }: { name: string }) => name

/** Countries with the number of members in each. */
export function CountryList({ query, off, onQuery, onChoose }: PickListProps) {
  const { countries, choice, favourites, excluded } = useApp(app => ({
    countries: app.perspective.countries,
    choice: app.perspective.choice,
    favourites: app.settings.favourites,
    excluded: app.settings.excluded,
  }))
  const text = words.browse
  const found = countries
    .map(({ country, relays }) => ({ country, relays, name: countryName(country) }))
    .filter(({ country, name }) => !excluded.includes(country) && matches(folded(query), folded(`${name} ${country}`)))
    .sort((a, b) => Number(favourites.includes(b.country)) - Number(favourites.includes(a.country)) || a.name.localeCompare(b.name, locale))
  const chosen = choice.kind === 'country' ? choice.country : undefined
  return (
    <>
      <SearchField label={text.searchCountry} value={query} onChange={onQuery} />
      <p className="for-screen-readers" role="status">
        {query && text.foundCountries(found.length)}
      </p>
      <ListBox
        label={text.countries}
        items={found}
        keyOf={keyOf}
        nameOf={nameOf}
        chosen={chosen}
        rowHeight={2.75}
        off={off}
        onChoose={({ country, name }) => onChoose({ kind: 'country', country }, text.lookingCountry(name))}
        empty={text.nothingFound}
      >
        {({ country, name, relays }) => (
          <>
            <CountryPlate code={country} />
            <span className="option-name">
              {name}
              {favourites.includes(country) && <FavouriteSign />}
            </span>
            <span className="hint">{text.count(relays)}</span>
            {country === chosen && <Icon name="check" />}
          </>
        )}
      </ListBox>
    </>
  )
}

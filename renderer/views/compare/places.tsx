import { useState } from 'react'
import { useStore } from 'zustand'
import { type ComparePlace, placeKey } from '../../../shared/compare.ts'
import { plainText } from '../../../shared/format.ts'
import { announce } from '../../announcer.ts'
import { Button } from '../../components/button.tsx'
import { CountryPlate } from '../../components/country-plate.tsx'
import { ChoiceField } from '../../components/form.tsx'
import { Icon } from '../../components/icons.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { SelectField } from '../../components/select-field.tsx'
import { useApp } from '../../context.tsx'
import { countryName, locale, words } from '../../i18n/words.ts'
import { isLocked, matches, torPossible } from '../../model.ts'
import { findRelays, NO_FILTER, RelayIndex } from '../browse/relay-index.ts'
import { compareForm, togglePlace } from './form-state.ts'
import { comparePlaceName, PlaceSign } from './place-name.tsx'

/** Relays that are offered for a search, and countries before one must search for them. */
const OFFERED = 6
const COUNTRIES = 24

function toggle(place: ComparePlace): void {
  if (!togglePlace(place)) announce(words.compare.full)
}

/** One place to be taken in or left out; which of the two, its pressed state says. */
function PlaceButton({ place, name, note, off }: { place: ComparePlace; name: string; note?: string; off: boolean }) {
  const pressed = useStore(compareForm, form => form.places.some(other => placeKey(other) === placeKey(place)))
  const country = place.kind === 'country' || place.kind === 'tor' ? place.country : undefined
  return (
    <button
      type="button"
      className="place-button"
      aria-pressed={pressed}
      aria-disabled={(off && !pressed) || undefined}
      onClick={() => (off && !pressed ? undefined : toggle(place))}
    >
      {country && <CountryPlate code={country} />}
      <span>
        {name}
        {note && <small>{note}</small>}
      </span>
      {pressed && <Icon name="check" />}
    </button>
  )
}

function Countries({ off }: { off: boolean }) {
  const { countries, excluded } = useApp(app => ({ countries: app.perspective.countries, excluded: app.settings.excluded }))
  const [query, setQuery] = useState('')
  const all = countries
    .map(({ country, relays }) => ({ country, relays, name: countryName(country) }))
    .filter(({ country }) => /^[a-z]{2}$/.test(country) && !excluded.includes(country))
  const found = all
    .filter(({ country, name }) => matches(query, `${name} ${country}`.toLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name, locale))
  return (
    <div className="stack">
      {all.length > COUNTRIES && <SearchField label={words.browse.searchCountry} value={query} onChange={setQuery} />}
      <ul className="place-buttons" aria-label={words.compare.kinds.country}>
        {found.slice(0, COUNTRIES).map(({ country, name }) => (
          <li key={country}>
            <PlaceButton place={{ kind: 'country', country }} name={name} off={off} />
          </li>
        ))}
      </ul>
      <p className="hint">{all.length === 0 ? words.browse.emptyTitle : words.compare.countryHint}</p>
    </div>
  )
}

function Relays({ off }: { off: boolean }) {
  const { relays, excluded, favourites } = useApp(app => ({
    relays: app.perspective.relays,
    excluded: app.settings.excluded,
    favourites: app.settings.favourites,
  }))
  const [query, setQuery] = useState('')
  const text = words.compare
  const [index] = useState(() => new RelayIndex())
  const found =
    query.trim() === ''
      ? []
      : findRelays(index.sorted(relays, query), {
          query,
          excluded,
          favourites,
          filter: NO_FILTER,
          own: { flags: [] },
          now: 0,
          text: row => index.text(row, locale, countryName),
        }).found
  return (
    <div className="stack">
      <SearchField label={text.relaySearch} value={query} onChange={setQuery} />
      <p className="hint" role="status">
        {query.trim() === '' ? text.relayHint : text.relayFound(found.length)}
      </p>
      <ul className="place-buttons" aria-label={words.browse.relays}>
        {found.slice(0, OFFERED).map(({ fingerprint, nickname, country }) => (
          <li key={fingerprint}>
            <PlaceButton place={{ kind: 'relay', fingerprint }} name={plainText(nickname, 19)} note={countryName(country)} off={off} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Tor({ off }: { off: boolean }) {
  const { fallback, possible } = useApp(app => ({ fallback: app.perspective.torFallback, possible: torPossible(app) }))
  const [country, setCountry] = useState('')
  const text = words.compare
  const options = fallback.map(({ country: code }) => [code, countryName(code)] as const).sort(([, a], [, b]) => a.localeCompare(b, locale))
  return (
    <div className="stack">
      <div className="place-tor">
        <SelectField label={words.browse.torCountry} value={country} options={[['', text.torAny], ...options]} onChange={setCountry} />
        <Button off={off || !possible} onClick={() => toggle(country ? { kind: 'tor', country } : { kind: 'tor' })}>
          {text.torAdd}
        </Button>
      </div>
      <p className="hint">{possible ? text.torHint : words.browse.torLocked}</p>
    </div>
  )
}

/** What was chosen so far, each with the way to leave it out. */
function Chosen() {
  const places = useStore(compareForm, form => form.places)
  const relays = useApp(app => app.perspective.relays)
  const text = words.compare
  if (places.length === 0) return <p className="hint">{text.chosenNone}</p>
  return (
    <ul className="chosen-places" aria-label={text.chosen}>
      {places.map(place => {
        const name = comparePlaceName(place, relays)
        return (
          <li key={placeKey(place)}>
            <PlaceSign place={place} relays={relays} />
            <span>{name}</span>
            <button type="button" className="icon-button" aria-label={text.remove(name)} onClick={() => toggle(place)}>
              <Icon name="cross" />
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** Which places are to be compared. */
export function PlacePicker() {
  const { places, kind } = useStore(compareForm)
  const locked = useApp(isLocked)
  const text = words.compare
  const full = places.length >= 4
  return (
    <div className="stack">
      <ChoiceField
        segments
        name="compare-kind"
        label={text.from}
        value={kind}
        options={text.kinds}
        onChange={next => compareForm.setState({ kind: next })}
      />
      {locked && kind !== 'tor' ? (
        <p className="hint">{text.locked}</p>
      ) : kind === 'country' ? (
        <Countries off={full} />
      ) : kind === 'relay' ? (
        <Relays off={full} />
      ) : (
        <Tor off={full} />
      )}
      <div>
        <p className="choice-label">{text.chosen}</p>
        <Chosen />
        {full && <p className="hint">{text.full}</p>}
      </div>
    </div>
  )
}

import type { Choice } from '../../../shared/state.ts'
import { announce } from '../../announcer.ts'
import { CountryPlate } from '../../components/country-plate.tsx'
import { Icon, type IconName } from '../../components/icons.tsx'
import { useApp, useCall, useLatestApp } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { placeOf } from '../../model.ts'
import { lookingWords, placeName } from './place-words.ts'

/** Favourites shown; the lists mark them all. */
const FAVOURITES = 6

/** A favourite as a choice: two letters are a country. */
const choiceOf = (place: string): Choice =>
  place.length === 2 ? { kind: 'country', country: place } : { kind: 'relay', fingerprint: place }

interface Quick {
  readonly choice: Choice
  readonly icon: IconName
  readonly sign: string
}

/** Favourites and the last choices, each one press away. */
export function QuickPlaces({ off, onChoose }: { off: (choice: Choice) => boolean; onChoose: (choice: Choice, name: string) => void }) {
  const { choice, recents, relays, favourites, lists } = useApp(app => ({
    choice: app.perspective.choice,
    recents: app.perspective.recents,
    relays: app.perspective.relays,
    favourites: app.settings.favourites,
    lists: app.settings.lists,
  }))
  const latest = useLatestApp()
  const clear = useCall('recents.clear')
  const text = words.places.quick
  const liked = favourites.slice(0, FAVOURITES).map((place): Quick => ({ choice: choiceOf(place), icon: 'star', sign: text.favourite }))
  const lately = recents
    .filter(choice => !favourites.includes(placeOf(choice) ?? ''))
    .map((choice): Quick => ({ choice, icon: 'clock', sign: text.recent }))
  const chosen = JSON.stringify(choice)
  if (liked.length + lately.length === 0) return null

  async function forget(): Promise<void> {
    const { ok } = await clear.run(undefined)
    if (ok) announce(text.forgotten)
  }

  return (
    <section className="quick" aria-label={text.title}>
      <ul>
        {[...liked, ...lately].map(({ choice, icon, sign }) => {
          const name = placeName({ choice, relays }, lists)
          const country = choice.kind === 'country' ? choice.country : undefined
          return (
            <li key={JSON.stringify(choice)}>
              <button
                type="button"
                className="chip-button"
                aria-pressed={JSON.stringify(choice) === chosen}
                aria-disabled={off(choice) || undefined}
                onClick={() => !off(choice) && onChoose(choice, lookingWords({ ...latest().perspective, choice }, lists))}
              >
                <Icon name={icon} />
                <span className="for-screen-readers">{sign}: </span>
                {country && <CountryPlate code={country} />}
                <span>{name}</span>
              </button>
            </li>
          )
        })}
        {lately.length > 0 && (
          <li>
            <button type="button" className="quiet-button" onClick={forget}>
              {text.forget}
            </button>
          </li>
        )}
      </ul>
    </section>
  )
}

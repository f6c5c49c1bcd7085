import { plainText } from '../../../shared/format.ts'
import { MAX_LIST_PLACES } from '../../../shared/place-lists.ts'
import { announce } from '../../announcer.ts'
import { Icon } from '../../components/icons.tsx'
import { FailureNotice } from '../../components/notice.tsx'
import { useApp, useCall } from '../../context.tsx'
import { words } from '../../i18n/words.ts'
import { placeOf, withEntry } from '../../model.ts'
import { withList } from './list-edit.ts'
import { picker } from './picker-state.ts'
import { placeName } from './place-words.ts'

/** What can be done with the chosen country or relay: kept as a favourite, or left out for good. */
export function PlaceActions() {
  const { choice, name, lists, favourites } = useApp(app => ({
    choice: app.perspective.choice,
    name: placeName(app.perspective),
    lists: app.settings.lists,
    favourites: app.settings.favourites,
  }))
  const update = useCall('settings.update')
  const choose = useCall('perspective.choose')
  const place = placeOf(choice)
  if (place === undefined) return null
  const isFavourite = favourites.includes(place)
  const text = words.browse

  async function exclude(): Promise<void> {
    const { ok } = await update.run(({ settings }) => ({
      excluded: withEntry(settings.excluded, place!, true),
      favourites: withEntry(settings.favourites, place!, false),
    }))
    if (!ok) return
    announce(text.excludedNow(name))
    picker.setState({ leftOut: { place: place!, name, choice } })
    await choose.run({ kind: 'any' })
  }

  const addable = lists.filter(({ places }) => !places.includes(place) && places.length < MAX_LIST_PLACES)

  async function add(id: string): Promise<void> {
    const list = lists.find(one => one.id === id)
    if (!list) return
    const { ok } = await update.run(({ settings }) => ({
      lists: withList(settings.lists, id, ({ places }) => ({ places: withEntry(places, place!, true) })),
    }))
    if (ok) announce(words.places.lists.added(name, plainText(list.name, 40)))
  }

  return (
    <div className="place-actions">
      <button
        type="button"
        className="quiet-button"
        aria-pressed={isFavourite}
        onClick={() => update.run(({ settings }) => ({ favourites: withEntry(settings.favourites, place, !isFavourite) }))}
      >
        <Icon name="star" />
        {isFavourite ? text.favourite : text.keepFavourite}
      </button>
      <button type="button" className="quiet-button" onClick={exclude}>
        <Icon name="cross" />
        {text.exclude}
      </button>
      {addable.length > 0 && (
        <label className="add-to">
          <span className="for-screen-readers">{words.places.lists.addTo}</span>
          <select value="" onChange={event => add(event.currentTarget.value)}>
            <option value="">{words.places.lists.addTo}…</option>
            {addable.map(({ id, name }) => (
              <option key={id} value={id}>
                {plainText(name, 40)}
              </option>
            ))}
          </select>
        </label>
      )}
      <FailureNotice failure={update.failure ?? choose.failure} onDismiss={update.failure ? update.dismiss : choose.dismiss} />
    </div>
  )
}

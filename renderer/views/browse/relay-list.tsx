import { useEffect, useMemo, useState } from 'react'
import { plainText } from '../../../shared/format.ts'
import type { PerspectiveRelay } from '../../../shared/state.ts'
import { ListBox } from '../../components/list-box.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useApp, useNow } from '../../context.tsx'
import { countryName, formatCount, locale, words } from '../../i18n/words.ts'
import type { PickListProps } from './country-list.tsx'
import { type FilterState, Filters } from './filters.tsx'
import { activeFilters, findRelays, NO_FILTER, RelayIndex } from './relay-index.ts'
import { RelayRow } from './relay-row.tsx'

/** Ages of thousands of relays need not be right to the second, and what a relay said ages slowly for the filters. In seconds. */
const AGES = 5
const FILTERS = 60

const keyOf = ({ fingerprint }: PerspectiveRelay) => fingerprint
const nameOf = ({ nickname }: PerspectiveRelay) => nickname

/** Makes the texts that are searched while there is nothing else to do, so that the first letter need not. */
function prepared(index: RelayIndex): () => void {
  let idle = requestIdleCallback(function work(deadline) {
    if (!index.prepare(() => deadline.timeRemaining() > 1, locale, countryName)) idle = requestIdleCallback(work)
  })
  return () => cancelIdleCallback(idle)
}

/** Member relays, the most promising first. */
export function RelayList({ query, off, onQuery, onChoose }: PickListProps) {
  const { relays, own, chosen, favourites, excluded } = useApp(app => ({
    relays: app.perspective.relays,
    own: app.relay.flags,
    chosen: app.perspective.choice.kind === 'relay' ? app.perspective.choice.fingerprint : undefined,
    favourites: app.settings.favourites,
    excluded: app.settings.excluded,
  }))
  const [filters, setFilters] = useState<FilterState>({ filter: NO_FILTER, port: '' })
  const [index] = useState(() => new RelayIndex())
  const now = useNow(AGES)
  const minute = useNow(FILTERS)
  const flags = own.join(' ')
  const { found, left } = useMemo(() => {
    const result = findRelays(index.sorted(relays, JSON.stringify([query, filters.filter, excluded, favourites, minute])), {
      query,
      filter: filters.filter,
      own: { flags: flags.split(' ') },
      excluded,
      favourites,
      now: minute,
      text: row => index.text(row, locale, countryName),
    })
    return { found: result.found, left: result.excluded }
  }, [index, relays, query, filters.filter, flags, excluded, favourites, minute])
  useEffect(() => prepared(index), [index])
  const text = words.browse
  const narrowed = query !== '' || activeFilters(filters.filter) > 0
  return (
    <>
      <SearchField label={text.searchRelay} value={query} onChange={onQuery} />
      <Filters {...filters} onChange={setFilters} />
      <p className="hint" role="status">
        {narrowed ? words.places.filters.shown(formatCount(found.length), relays.length - left) : text.foundRelays(found.length)}
      </p>
      <ListBox
        label={text.relays}
        items={found}
        keyOf={keyOf}
        nameOf={nameOf}
        chosen={chosen}
        rowHeight={6.25}
        off={off}
        onChoose={({ fingerprint, nickname }) => onChoose({ kind: 'relay', fingerprint }, text.lookingRelay(plainText(nickname, 19)))}
        empty={text.nothingFound}
      >
        {relay => (
          <RelayRow
            relay={relay}
            chosen={relay.fingerprint === chosen}
            favourite={favourites.includes(relay.fingerprint)}
            now={now}
            locale={locale}
          />
        )}
      </ListBox>
      {left > 0 && <p className="hint">{text.excludedCount(left)}</p>}
    </>
  )
}
